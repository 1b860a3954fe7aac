package io.capataz.agent.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Installs the Python package {@code capataz}, which Python scripts find on their path. */
public final class PythonPackage {

  static final List<String> FILES =
      List.of(
          "__init__.py",
          "_version.py",
          "arrow.py",
          "client.py",
          "context.py",
          "errors.py",
          "flow.py",
          "library.py",
          "parameters.py",
          "source.py",
          "task.py",
          "values.py",
          "worker.py");

  private PythonPackage() {}

  /** The folder to be put on Python's path. */
  static Path in(Path commands) {
    return commands.resolve("python");
  }

  /** Installs the package below the folder of commands. Everybody may read it. */
  public static void layOut(Path commands) throws IOException {
    var folder = in(commands).resolve("capataz");
    for (var each : List.of(in(commands), folder)) {
      Files.createDirectories(each);
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
    for (var name : FILES) {
      // Atomically: scripts of an earlier agent may be importing it.
      var fresh = Files.createTempFile(folder, name, ".new");
      try (var file =
          PythonPackage.class.getResourceAsStream("/io/capataz/agent/python/capataz/" + name)) {
        if (file == null) {
          throw new IOException("This build lacks the file " + name + " of the Python package.");
        }
        Files.copy(file, fresh, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
      Files.move(fresh, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
