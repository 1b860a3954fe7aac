package io.capataz.embedded.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where SQLite's driver unpacks its native library. It takes the system's temporary folder if it is
 * not told, and a killed process leaves a megabyte there for ever; so it is told to use a folder of
 * the store's, which the next start empties.
 */
final class NativeLibrary {

  private static final String SETTING = "org.sqlite.tmpdir";

  private NativeLibrary() {}

  /** To be called before the driver is used for the first time, by who holds the store's folder. */
  static void unpackInto(Path folder) {
    if (System.getProperty(SETTING) != null) {
      return; // Another store of this JVM was first, or somebody knows better.
    }
    try {
      Files.createDirectories(folder);
      try (var leftovers = Files.newDirectoryStream(folder)) {
        for (var leftover : leftovers) {
          Files.deleteIfExists(leftover);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The folder " + folder + " cannot be made or emptied. Check who owns it.", e);
    }
    System.setProperty(SETTING, folder.toAbsolutePath().toString());
  }
}
