package io.capataz.agent.job;

import io.capataz.agent.policy.WantedRun;
import io.capataz.agent.script.Script;
import io.capataz.common.protocol.Bytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Determines which program runs a script on this host. */
final class Interpreters {

  private static final Map<String, String> BY_ENDING =
      Map.of("sh", "sh", "bash", "bash", "py", "python3", "js", "node", "pl", "perl");

  private static final byte[] SHEBANG = {'#', '!'};

  /** Magic number of Linux executables. */
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  private static final Pattern BLANKS = Pattern.compile("[ \\t]+");

  private Interpreters() {}

  /**
   * The command before a script's arguments: the interpreter of the order if it names one, else the
   * file itself if it begins with {@code #!} or is an executable, else the interpreter for the
   * extension of its name.
   *
   * @param script the script to run
   * @param file its path
   * @param path the search path, as in the variable {@code PATH}
   */
  static List<String> commandFor(Script script, Path file, String path) throws CannotStart {
    var interpreter = script.interpreter();
    if (interpreter != null && !interpreter.isEmpty()) {
      var words = new ArrayList<String>(interpreter);
      words.set(0, program(words.getFirst(), path));
      words.add(file.toString());
      return words;
    }
    if (startsWith(SHEBANG, script.beginning()) || startsWith(ELF, script.beginning())) {
      return List.of(file.toString());
    }
    var name = script.filename();
    var program = BY_ENDING.get(ending(name));
    if (program == null) {
      throw new CannotStart(
          "Cannot determine the interpreter of `"
              + name
              + "`: the task names none, the script has no `#!` line, and the file name does not"
              + " end in .sh, .bash, .py, .js or .pl. Add a first line such as `#!/bin/sh`.");
    }
    return List.of(program(program, path), file.toString());
  }

  /**
   * The program that would run a script, for policy checks: its full path, or its bare name if it
   * is not found; {@link WantedRun#NO_INTERPRETER} for executables. The argument of {@code
   * #!/usr/bin/env} is resolved.
   */
  static String programFor(Script script, String path) {
    var interpreter = script.interpreter();
    if (interpreter != null && !interpreter.isEmpty()) {
      return found(interpreter.getFirst(), path);
    }
    if (startsWith(ELF, script.beginning())) {
      return WantedRun.NO_INTERPRETER;
    }
    if (!startsWith(SHEBANG, script.beginning())) {
      return found(BY_ENDING.getOrDefault(ending(script.filename()), "nothing"), path);
    }
    var content = new String(script.beginning().toArray(), StandardCharsets.ISO_8859_1);
    var line = content.lines().findFirst().orElseThrow().substring(2).strip();
    var words = BLANKS.splitAsStream(line).toList();
    var program = words.getFirst();
    if (!program.endsWith("/env") || words.size() < 2) {
      return program;
    }
    int first = words.get(1).equals("-S") ? 2 : 1;
    boolean isPlain = words.size() > first && words.get(first).matches("[A-Za-z0-9._/+][-\\w./+]*");
    return isPlain ? found(words.get(first), path) : program;
  }

  private static String found(String name, String path) {
    return find(name, path).orElse(name);
  }

  private static String ending(String filename) {
    return filename.substring(filename.lastIndexOf('.') + 1);
  }

  private static boolean startsWith(byte[] sign, Bytes content) {
    var bytes = content.toArray();
    return bytes.length > sign.length && Arrays.equals(bytes, 0, sign.length, sign, 0, sign.length);
  }

  /** The full path of a program. */
  static String program(String name, String path) throws CannotStart {
    if (name.indexOf('\0') >= 0) {
      throw new CannotStart("The interpreter's name contains a NUL character.");
    }
    return find(name, path)
        .orElseThrow(
            () ->
                new CannotStart(
                    "Interpreter `"
                        + name
                        + "` not found on this host (searched "
                        + path
                        + "). Install it, or give its full path."));
  }

  private static Optional<String> find(String name, String path) {
    if (name.contains("/")) {
      return Optional.of(name);
    }
    return Stream.of(path.split(":", -1))
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> folder + "/" + name)
        .filter(Interpreters::isProgram)
        .findFirst();
  }

  private static boolean isProgram(String file) {
    try {
      var path = Path.of(file);
      return Files.isRegularFile(path) && Files.isExecutable(path);
    } catch (InvalidPathException e) {
      return false; // Not a valid file name in this process's locale.
    }
  }
}
