package io.capataz.agent.job;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Which program runs a script on this host. */
final class Interpreters {

  private static final Map<String, String> BY_ENDING =
      Map.of("sh", "sh", "bash", "bash", "py", "python3", "js", "node", "pl", "perl");

  private Interpreters() {}

  /**
   * The words before a script's arguments: the order's interpreter if it names one, else the file
   * itself if it begins with {@code #!}, else what its name's ending says.
   *
   * @param script what to run
   * @param file where it lies
   * @param path the folders in which programs are looked for, as in the variable {@code PATH}
   */
  static List<String> commandFor(ScriptText script, Path file, String path) throws CannotStart {
    List<String> interpreter = script.interpreter();
    if (interpreter != null && !interpreter.isEmpty()) {
      List<String> words = new ArrayList<>(interpreter);
      words.set(0, program(words.getFirst(), path));
      words.add(file.toString());
      return words;
    }
    if (startsWithShebang(script.content())) {
      return List.of(file.toString());
    }
    String name = script.filename();
    String ending = name.substring(name.lastIndexOf('.') + 1);
    String program = BY_ENDING.get(ending);
    if (program == null) {
      throw new CannotStart(
          "Nothing says which program runs `"
              + name
              + "`: it names no interpreter, does not begin with `#!`, and its name ends in none of"
              + " .sh, .bash, .py, .js and .pl. Begin it with a line such as `#!/bin/sh`.");
    }
    return List.of(program(program, path), file.toString());
  }

  private static boolean startsWithShebang(Bytes content) {
    byte[] bytes = content.toArray();
    return bytes.length > 2 && bytes[0] == '#' && bytes[1] == '!';
  }

  private static String program(String name, String path) throws CannotStart {
    if (name.indexOf('\0') >= 0) {
      throw new CannotStart("The interpreter's name contains a NUL character.");
    }
    if (name.contains("/")) {
      return name;
    }
    for (String folder : path.split(":", -1)) {
      String candidate = folder + "/" + name;
      if (folder.startsWith("/") && isProgram(candidate)) {
        return candidate;
      }
    }
    throw new CannotStart(
        "The interpreter `"
            + name
            + "` is not on this host (looked in "
            + path
            + "). Install it, or name it by its full path.");
  }

  private static boolean isProgram(String file) {
    try {
      Path path = Path.of(file);
      return Files.isRegularFile(path) && Files.isExecutable(path);
    } catch (InvalidPathException e) {
      return false; // Not a name a file can have under this process's locale.
    }
  }
}
