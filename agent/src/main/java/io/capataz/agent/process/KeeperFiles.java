package io.capataz.agent.process;

import io.capataz.agent.process.Keepers.Form;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a keeper has written about its run. The native keeper writes one {@link RunRecord}; the
 * shell keeper has a folder, with the beginning and the end in files of their own.
 */
record KeeperFiles(Path run, Form form) {

  /** The folder of the shell keeper. */
  static final String SHELL_FOLDER = "keeper";

  private static final String NOBODY = "0 0 nobody\n";

  /** The files in a run's folder, of whatever keeper. */
  static KeeperFiles in(Path run) {
    return new KeeperFiles(
        run, Files.isDirectory(run.resolve(SHELL_FOLDER)) ? Form.SHELL : Form.NATIVE);
  }

  /** The file whose name decides who was first. */
  Path begin() {
    return form == Form.NATIVE
        ? run.resolve(RunRecord.FILE)
        : run.resolve(SHELL_FOLDER).resolve("begin");
  }

  private Path exit() {
    return run.resolve(SHELL_FOLDER).resolve("exit");
  }

  /** Takes the place of a keeper, so that none can start; false if a keeper was first. */
  boolean preventsStart() throws IOException {
    try (var file =
        Files.newByteChannel(
            begin(),
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      var _ = file.write(StandardCharsets.US_ASCII.encode(NOBODY));
      return true;
    } catch (FileAlreadyExistsException e) {
      return String.join(" ", line(0)).equals(NOBODY.strip());
    }
  }

  /** Pid, start time and boot id of the keeper; empty if unknown. */
  Optional<String[]> keeper() throws IOException {
    return Optional.of(line(0)).filter(words -> words.length == 3);
  }

  /**
   * Pid and start time of the started process; -1 if unknown, because the keeper ended before
   * recording them.
   */
  long[] script() {
    try {
      var words = line(1);
      if (words.length == 2) {
        return Arrays.stream(words).mapToLong(Long::parseLong).toArray();
      }
    } catch (IOException | NumberFormatException e) {
      return new long[] {-1, -1};
    }
    return new long[] {-1, -1};
  }

  /** The words of a complete line of the beginning; empty if it is missing or incomplete. */
  private String[] line(int number) throws IOException {
    var lines = Files.readString(begin(), StandardCharsets.ISO_8859_1).split("\n", -1);
    return number < lines.length - 1 ? lines[number].split(" ", -1) : new String[0];
  }

  /** The lines about the end; empty if the keeper has not written them, or not completely. */
  Optional<List<String>> end() throws IOException {
    if (form == Form.NATIVE) {
      return RunRecord.whole(run);
    }
    if (!Files.exists(exit())) {
      return Optional.empty();
    }
    // Command lines may contain any bytes; invalid UTF-8 is replaced.
    var text = new String(Files.readAllBytes(exit()), StandardCharsets.UTF_8);
    return Optional.of(List.of(text.split("\n", -1))).filter(lines -> lines.contains("end"));
  }
}
