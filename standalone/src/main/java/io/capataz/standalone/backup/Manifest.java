package io.capataz.standalone.backup;

import java.time.Instant;
import java.util.List;

/**
 * What a backup contains. It is the first entry of the archive.
 *
 * @param format the format of the backup; a restore reads what it knows
 * @param made when
 * @param parts the other entries
 */
record Manifest(int format, Instant made, List<Part> parts) {

  /** The format that is written. */
  static final int FORMAT = 1;

  /** The entry's name. */
  static final String NAME = "manifest.json";

  /**
   * A file of the data folder.
   *
   * @param path in that folder, with {@code /}
   * @param bytes how many it has
   * @param sha256 of its content, in hexadecimal digits
   */
  record Part(String path, long bytes, String sha256) {}

  Manifest {
    parts = List.copyOf(parts);
  }

  /** How many bytes all parts have. */
  long bytes() {
    return parts.stream().mapToLong(Part::bytes).sum();
  }
}
