package io.capataz.supervisor.draft;

import io.capataz.common.protocol.Bytes;
import java.util.List;
import java.util.Optional;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * The files of a version. They are stored under their digest and never change.
 *
 * @param id the draft's id and the digest
 * @param files by name
 */
@Document("draft_files")
record DraftFiles(@Id String id, String organization, String draft, List<File> files) {

  static final String FUNCTION = "function.py";
  static final String METADATA = "metadata.json";
  static final String PACKAGE = "__init__.py";
  static final String FACTS = "draft.json";
  static final String TESTS = "test_function.py";
  static final String REQUIREMENTS = "requirements.txt";

  DraftFiles {
    files = List.copyOf(files);
  }

  /** A text with a name. */
  record File(String name, String content) {}

  static DraftFiles of(String organization, String draft, List<File> files) {
    return new DraftFiles(idOf(draft, digestOf(files)), organization, draft, files);
  }

  static String idOf(String draft, String digest) {
    return draft + "/" + digest;
  }

  /**
   * The digest of files: that of a line for each of them, in the order of their names, with name
   * and digest, as {@code sha256sum} would print it.
   */
  static String digestOf(List<File> files) {
    var lines = new StringBuilder();
    files.stream()
        .sorted((a, b) -> a.name().compareTo(b.name()))
        .forEach(file -> lines.append(line(file)));
    return Bytes.utf8(lines.toString()).sha256();
  }

  private static String line(File file) {
    return Bytes.utf8(file.content()).sha256().replace("sha256:", "") + "  " + file.name() + "\n";
  }

  String digest() {
    return digestOf(files);
  }

  /** The content of a file. */
  Optional<String> text(String name) {
    return files.stream().filter(file -> file.name().equals(name)).map(File::content).findFirst();
  }

  String function() {
    return text(FUNCTION).orElse("");
  }
}
