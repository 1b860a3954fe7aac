package io.capataz.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/commands.md} lists every command with its options. */
class ReferencePageTest {

  private static final Path PAGE = Path.of("../docs/reference/commands.md");

  private static final String HEAD =
      """
      # Commands

      Printed by `ReferencePageTest`. How to use them: [the command line](../command-line.md).

      Options of every command that calls a supervisor:

      """;

  @Test
  void it_is_as_printed() throws IOException {
    String page = page(Main.program().groups());
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE)).isEqualTo(page);
  }

  private static String page(List<Group> groups) {
    StringBuilder page = new StringBuilder(HEAD);
    Verb anybody = Verb.of("anybody", "");
    table(page, anybody.allOptions());
    for (Group group : groups) {
      page.append("\n## ").append(group.name()).append("\n\n");
      if (!group.isAlone()) {
        page.append(group.about()).append('\n');
      }
      group.verbs().forEach(verb -> command(page, group, verb));
    }
    return page.toString();
  }

  private static void command(StringBuilder page, Group group, Verb verb) {
    String typed = ("capataz " + group.name() + " " + verb.name()).strip();
    if (!group.isAlone()) {
      page.append("\n### ").append(group.name()).append(' ').append(verb.name()).append("\n\n");
    }
    page.append("`").append(typed);
    verb.takes().forEach(label -> page.append(' ').append(label));
    page.append("`\n");
    verb.about().forEach(text -> page.append('\n').append(text).append('\n'));
    if (!verb.options().isEmpty()) {
      page.append('\n');
      table(page, verb.options());
    }
    if (!verb.examples().isEmpty()) {
      page.append("\nFor example:\n\n```text\n");
      verb.examples().forEach(example -> page.append(example).append('\n'));
      page.append("```\n");
    }
  }

  private static void table(StringBuilder page, List<Option> options) {
    page.append("| option | |\n|---|---|\n");
    for (Option option : options) {
      page.append("| `%s` | %s |\n".formatted(option.shown(), about(option)));
    }
  }

  private static String about(Option option) {
    return option.about().replace("|", "\\|") + (option.repeatable() ? "; may be repeated" : "");
  }
}
