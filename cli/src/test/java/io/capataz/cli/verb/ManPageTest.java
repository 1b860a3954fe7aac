package io.capataz.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/capataz.1} is the manual page of all commands: {@code man -l} shows it. */
class ManPageTest {

  private static final Path PAGE = Path.of("../docs/reference/capataz.1");

  private static final String HEAD =
      """
      .\\" Printed by ManPageTest; do not edit.
      .TH CAPATAZ 1 "" "Capataz" "User Commands"
      .SH NAME
      capataz \\- run tasks on hosts and follow them
      .SH SYNOPSIS
      .B capataz
      .I COMMAND
      [\\fIoptions\\fR]
      .SH DESCRIPTION
      Works at a supervisor of Capataz, once you are logged in with
      .BR "capataz login" .
      Data goes to standard output, everything else to standard error.
      """;

  private static final String FOOT =
      """
      .SH EXIT STATUS
      0: done. 1: another failure. 2: the command or its input is wrong. 3: not logged in, or not
      allowed. 4: not found. 5: the state does not allow it. 6: the supervisor cannot be reached.
      Commands that wait for a job end with the exit code of its script, with 124 if it timed out,
      with 125 if there is none, and with 128 and the number of the signal that ended it.
      .SH FILES
      .TP
      .I $XDG_CONFIG_HOME/capataz/contexts.json
      supervisors and tokens; readable by its owner only
      """;

  @Test
  void it_is_as_printed() throws IOException {
    String page = page(Main.program().groups());
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(page);
  }

  @Test
  void text_stays_text() {
    assertThat(roff(".TH a-b \\n\n'x'")).isEqualTo("\\&.TH a\\-b \\en\n\\&'x'");
  }

  private static String page(List<Group> groups) {
    StringBuilder page = new StringBuilder(HEAD);
    page.append(".SH OPTIONS OF COMMANDS AT A SUPERVISOR\n");
    Verb.of("anybody", "").allOptions().forEach(option -> option(page, option));
    page.append(".SH COMMANDS\n");
    for (Group group : groups) {
      group.verbs().forEach(verb -> command(page, group, verb));
    }
    return page.append(FOOT).toString();
  }

  private static void command(StringBuilder page, Group group, Verb verb) {
    String typed =
        (group.name() + " " + verb.name()).strip()
            + verb.takes().stream().map(label -> " " + label).reduce("", String::concat);
    page.append(".SS ").append(roff(typed)).append('\n');
    verb.about().forEach(text -> page.append(roff(text)).append("\n.PP\n"));
    verb.options().forEach(option -> option(page, option));
    if (!verb.examples().isEmpty()) {
      page.append(".PP\n.EX\n");
      verb.examples().forEach(example -> page.append(roff(example)).append('\n'));
      page.append(".EE\n");
    }
  }

  private static void option(StringBuilder page, Option option) {
    page.append(".TP\n.B ").append(roff(option.shown())).append('\n');
    page.append(roff(option.about())).append('\n');
  }

  /** Text in which nothing is a request of roff. */
  private static String roff(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-").replaceAll("(?m)^([.'])", "\\\\&$1");
  }
}
