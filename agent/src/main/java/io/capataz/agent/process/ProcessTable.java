package io.capataz.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** Reads process information from {@code /proc}. */
final class ProcessTable {

  private static final Path PROC = Path.of("/proc");
  private static final int COMMAND_CHARACTERS = 200;

  /** Position of the start time in {@code stat}, counted from the state. */
  private static final int START = 19;

  private ProcessTable() {}

  /**
   * All live processes of a session, and all with a variable in their initial environment, as far
   * as this process may read it. Zombies are not live.
   *
   * @param marker the variable as {@code NAME=value}
   */
  static List<LiveProcess> ofRun(int session, String marker) {
    var variable = marker.getBytes(StandardCharsets.UTF_8);
    var found = new ArrayList<LiveProcess>();
    try (var entries = Files.newDirectoryStream(PROC, ProcessTable::isProcess)) {
      for (var entry : entries) {
        int pid = Integer.parseInt(entry.getFileName().toString());
        if ((LibC.session(pid) == session || hasVariable(entry, variable)) && lives(entry)) {
          found.add(new LiveProcess(pid, command(entry)));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException(
          "Cannot read /proc, so the end of the run cannot be verified.", e);
    }
    return found;
  }

  /**
   * The start time of a live process, in clock ticks since boot; together with the pid it
   * identifies a process.
   */
  static OptionalLong start(long pid) {
    var entry = PROC.resolve(Long.toString(pid));
    try {
      var fields = afterName(entry).split(" ", -1);
      boolean dead = fields[0].equals("Z") || fields[0].equals("X");
      return dead ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(fields[START]));
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  private static boolean isProcess(Path entry) {
    return entry.getFileName().toString().chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static boolean hasVariable(Path entry, byte[] variable) {
    try {
      var all = Files.readAllBytes(entry.resolve("environ"));
      int from = 0;
      for (int i = 0; i < all.length; i++) {
        if (all[i] == 0) {
          if (Arrays.equals(all, from, i, variable, 0, variable.length)) {
            return true;
          }
          from = i + 1;
        }
      }
      return false;
    } catch (IOException e) {
      return false; // Ended in the meantime, or of another user.
    }
  }

  private static boolean lives(Path entry) {
    try {
      char state = afterName(entry).charAt(0);
      return state != 'Z' && state != 'X';
    } catch (IOException e) {
      return false; // Ended in the meantime.
    }
  }

  /** The fields after the process name, which may contain parentheses itself. */
  private static String afterName(Path entry) throws IOException {
    var stat = Files.readString(entry.resolve("stat"), StandardCharsets.ISO_8859_1);
    return stat.substring(stat.lastIndexOf(')') + 2);
  }

  private static String command(Path entry) {
    try {
      var line =
          new String(Files.readAllBytes(entry.resolve("cmdline")), StandardCharsets.UTF_8)
              .replace('\0', ' ')
              .strip();
      var command =
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
