package io.capataz.supervisor.script;

import io.capataz.common.protocol.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes scripts that an editor has saved in a form that no host can run. The system would
 * report them as a missing interpreter or file, or run them with the wrong one.
 */
final class ScriptText {

  private static final Set<String> SHELLS = Set.of("sh", "bash", "dash", "ksh", "zsh");

  /** PowerShell and the command interpreter of Windows read UTF-16. */
  private static final Set<String> OF_WINDOWS = Set.of("ps1", "psm1", "bat", "cmd");

  private static final int LONGEST_LINE = 4_096;

  private ScriptText() {}

  /** What is wrong with a script; the detail is a complete sentence without its subject. */
  record Mistake(String code, String detail) {}

  /**
   * What is wrong with a script, if anything.
   *
   * @param interpreter program and options that are put before it; null: none
   */
  static Optional<Mistake> mistake(
      String filename, @Nullable List<String> interpreter, Bytes content) {
    // One character for each byte.
    var text = new String(content.toArray(), StandardCharsets.ISO_8859_1);
    var ending = filename.substring(filename.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    var program = interpreter == null || interpreter.isEmpty() ? null : interpreter.getFirst();
    var startsItself = program == null;
    if ((text.startsWith("\u00ff\u00fe") || text.startsWith("\u00fe\u00ff"))
        && !OF_WINDOWS.contains(ending)) {
      return Optional.of(
          new Mistake(
              "utf_16",
              "must not be UTF-16, which no interpreter on a host reads. Save the script as"
                  + " UTF-8."));
    }
    var isShell = SHELLS.contains(program == null ? ending : lastOf(program));
    if (text.startsWith("\u00ef\u00bb\u00bf")
        && (isShell || (startsItself && text.startsWith("#!", 3)))) {
      return Optional.of(
          new Mistake(
              "byte_order_mark",
              "must not begin with a byte order mark: the system would not see the '#!' or the"
                  + " first command behind it. Save the script as UTF-8 without BOM."));
    }
    var end = text.indexOf('\n');
    if (end > 0
        && end <= LONGEST_LINE
        && text.charAt(end - 1) == '\r'
        && (isShell || (startsItself && text.startsWith("#!")))) {
      return Optional.of(
          new Mistake(
              "windows_line_ends",
              "must not have the line ends of Windows (CR LF): the system would look for an"
                  + " interpreter or a command whose name ends with CR. Save the script with LF."));
    }
    return Optional.empty();
  }

  private static String lastOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
