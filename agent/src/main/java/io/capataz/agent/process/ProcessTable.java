package io.capataz.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looks through {@code /proc}. */
final class ProcessTable {

  private static final Path PROC = Path.of("/proc");
  private static final int COMMAND_CHARACTERS = 200;

  private ProcessTable() {}

  /**
   * All living processes of a session; zombies do not live. The session is asked of the kernel
   * process by process, which costs far less than reading every {@code stat} file.
   */
  static List<LiveProcess> ofSession(int session) {
    List<LiveProcess> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, ProcessTable::isProcess)) {
      for (Path entry : entries) {
        int pid = Integer.parseInt(entry.getFileName().toString());
        if (LibC.session(pid) == session && lives(entry)) {
          found.add(new LiveProcess(pid, command(entry)));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException("/proc cannot be read, so no end can be proven.", e);
    }
    return found;
  }

  private static boolean isProcess(Path entry) {
    return entry.getFileName().toString().chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /** The state is the letter after the last parenthesis: a name may contain some of its own. */
  private static boolean lives(Path entry) {
    try {
      String stat = Files.readString(entry.resolve("stat"), StandardCharsets.ISO_8859_1);
      char state = stat.charAt(stat.lastIndexOf(')') + 2);
      return state != 'Z' && state != 'X';
    } catch (IOException e) {
      return false; // Gone since it was listed.
    }
  }

  private static String command(Path entry) {
    try {
      String line =
          Files.readString(entry.resolve("cmdline"), StandardCharsets.ISO_8859_1)
              .replace('\0', ' ')
              .strip();
      String command =
          line.isEmpty()
              ? Files.readString(entry.resolve("comm"), StandardCharsets.ISO_8859_1).strip()
              : line;
      return command.length() <= COMMAND_CHARACTERS
          ? command
          : command.substring(0, COMMAND_CHARACTERS);
    } catch (IOException e) {
      return "?";
    }
  }
}
