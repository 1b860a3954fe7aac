package io.capataz.agent.job;

import io.capataz.agent.policy.WantedRun;
import io.capataz.agent.script.Script;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Determines which program runs a script on this host. */
final class Interpreters {

  private static final Map<String, String> BY_ENDING =
      Map.ofEntries(
          Map.entry("sh", "sh"),
          Map.entry("bash", "bash"),
          Map.entry("py", "python3"),
          Map.entry("js", "node"),
          Map.entry("mjs", "node"),
          Map.entry("cjs", "node"),
          Map.entry("ts", "node"),
          Map.entry("pl", "perl"),
          Map.entry("rb", "ruby"),
          Map.entry("ps1", "pwsh"));

  private static final byte[] SHEBANG = {'#', '!'};

  /** Magic number of Linux executables. */
  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  /** What editors put at the beginning of a text, in UTF-8 and in both orders of UTF-16. */
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private static final byte[] UTF_16_LE = {(byte) 0xff, (byte) 0xfe};
  private static final byte[] UTF_16_BE = {(byte) 0xfe, (byte) 0xff};

  /** Take a carriage return at the end of a line for part of it. */
  private static final Pattern SHELLS = Pattern.compile("(ba|da|a|z|k|mk|fi)?sh(-?[0-9.]+)?");

  /** Understands all of these forms of text. */
  private static final Pattern POWERSHELL = Pattern.compile("pwsh.*|powershell.*");

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
    boolean isNamed = interpreter != null && !interpreter.isEmpty();
    var beginning = script.beginning().toArray();
    if (!isNamed && startsWith(ELF, beginning)) {
      return List.of(file.toString());
    }
    checkText(script.filename(), beginning, programFor(script, path), isNamed);
    if (isNamed) {
      var words = new ArrayList<String>(interpreter);
      words.set(0, program(words.getFirst(), path));
      words.add(file.toString());
      return words;
    }
    if (startsWith(SHEBANG, beginning)) {
      return endsWithReturn(firstLine(beginning))
          ? byFirstLine(firstLine(beginning), file)
          : List.of(file.toString());
    }
    var name = script.filename();
    var program = BY_ENDING.get(ending(name));
    if (program == null) {
      throw new CannotStart(
          "Cannot determine the interpreter of `"
              + name
              + "`: the task names none, the script has no `#!` line, and the file name does not"
              + " end in "
              + BY_ENDING.keySet().stream().sorted().collect(Collectors.joining(", .", ".", ""))
              + ". Add a first line such as `#!/bin/sh`.");
    }
    return List.of(program(program, path), file.toString());
  }

  /** Refuses forms of text that the program would misunderstand, and says which. */
  private static void checkText(String name, byte[] beginning, String program, boolean isNamed)
      throws CannotStart {
    var bare = program.substring(program.lastIndexOf('/') + 1);
    if (POWERSHELL.matcher(bare).matches()) {
      return;
    }
    if (startsWith(UTF_16_LE, beginning) || startsWith(UTF_16_BE, beginning)) {
      throw new CannotStart(
          "The script `"
              + name
              + "` is UTF-16 text, which `"
              + bare
              + "` cannot read. Save it as"
              + " UTF-8 without a byte order mark.");
    }
    boolean isShell = SHELLS.matcher(bare).matches();
    boolean hasMark = startsWith(BYTE_ORDER_MARK, beginning);
    boolean hidesFirstLine =
        hasMark
            && !isNamed
            && startsWith(
                SHEBANG, Arrays.copyOfRange(beginning, BYTE_ORDER_MARK.length, beginning.length));
    if (hidesFirstLine || (hasMark && isShell)) {
      throw new CannotStart(
          "The script `"
              + name
              + "` begins with a byte order mark (BOM), which hides its first"
              + " line. Save it as UTF-8 without a byte order mark.");
    }
    if (isShell && endsWithReturn(firstLine(beginning))) {
      throw new CannotStart(
          "The script `"
              + name
              + "` has Windows line endings (CRLF), which `"
              + bare
              + "` takes"
              + " for part of each line. Save it with Unix line endings (LF), for example with"
              + " `dos2unix`.");
    }
  }

  private static String firstLine(byte[] beginning) {
    int end = 0;
    while (end < beginning.length && beginning[end] != '\n') {
      end++;
    }
    return new String(beginning, 0, end, StandardCharsets.ISO_8859_1);
  }

  private static boolean endsWithReturn(String line) {
    return line.endsWith("\r");
  }

  /** As the kernel understands a {@code #!} line, but without the carriage return at its end. */
  private static List<String> byFirstLine(String line, Path file) throws CannotStart {
    var words = line.substring(SHEBANG.length).strip().split("[ \\t]+", 2);
    if (words[0].isEmpty()) {
      throw new CannotStart("The `#!` line of the script names no program.");
    }
    return Stream.concat(Stream.of(words), Stream.of(file.toString())).toList();
  }

  /**
   * The words that the order names as interpreter, with the full path of the program; empty if it
   * names none.
   */
  static List<String> namedWords(Script script, String path) {
    var interpreter = script.interpreter();
    if (interpreter == null || interpreter.isEmpty()) {
      return List.of();
    }
    var words = new ArrayList<String>(interpreter);
    words.set(0, found(words.getFirst(), path));
    return words;
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
    if (startsWith(ELF, script.beginning().toArray())) {
      return WantedRun.NO_INTERPRETER;
    }
    if (!startsWith(SHEBANG, script.beginning().toArray())) {
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
    return filename.substring(filename.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static boolean startsWith(byte[] sign, byte[] bytes) {
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
                    candidates(name, path)
                        .filter(Interpreters::exists)
                        .findFirst()
                        .map(
                            file ->
                                "Interpreter `"
                                    + name
                                    + "` cannot be executed on this host: "
                                    + file
                                    + " is not executable for the agent, or its file system is"
                                    + " mounted noexec.")
                        .orElse(
                            "Interpreter `"
                                + name
                                + "` not found on this host (searched "
                                + path
                                + "). Install it, or give its full path.")));
  }

  private static Optional<String> find(String name, String path) {
    if (name.contains("/")) {
      return Optional.of(name);
    }
    return candidates(name, path).filter(Interpreters::isProgram).findFirst();
  }

  private static Stream<String> candidates(String name, String path) {
    return Stream.of(path.split(":", -1))
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> folder + "/" + name);
  }

  private static boolean exists(String file) {
    try {
      return Files.isRegularFile(Path.of(file));
    } catch (InvalidPathException e) {
      return false;
    }
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
