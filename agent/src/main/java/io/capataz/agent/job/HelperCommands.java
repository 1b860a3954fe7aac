package io.capataz.agent.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * Installs the commands that scripts find on their path: {@code capataz-output} and {@code
 * capataz-progress}.
 */
public final class HelperCommands {

  static final List<String> NAMES = List.of("capataz-output", "capataz-progress");

  private HelperCommands() {}

  /**
   * Installs the commands into a folder, which is created if it does not exist. Everybody may
   * execute them.
   */
  public static void layOut(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (var name : NAMES) {
      // Atomically: scripts of an earlier agent may be executing the command.
      var fresh = Files.createTempFile(folder, name, ".new");
      try (var command =
          HelperCommands.class.getResourceAsStream("/io/capataz/agent/commands/" + name)) {
        if (command == null) {
          throw new IOException("This build lacks the command " + name + ".");
        }
        Files.copy(command, fresh, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(fresh, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
