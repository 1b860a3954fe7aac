package io.capataz.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.command.Flag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/reference/agent-settings.md} is printed from the agent's flags. {@code ./mvnw -pl
 * agent -am test -Dtest=AgentSettingsPageTest -Ddocs.write=true
 * -Dsurefire.failIfNoSpecifiedTests=false} regenerates it.
 */
class AgentSettingsPageTest {

  private static final Path PAGE = Path.of("..", "docs", "reference", "agent-settings.md");

  private static final String HEAD =
      """
      # Settings of an agent

      *Generated from the agent's flags by `AgentSettingsPageTest`; do not edit.*

      A flag wins over the environment. The join token itself has no flag, because every user of a machine can read command lines.

      | flag | environment | default | meaning |
      |---|---|---|---|
      """;

  @Test
  void the_page_is_what_the_flags_print() throws Exception {
    String page =
        HEAD
            + AgentConfig.COMMAND.flags().stream()
                .map(AgentSettingsPageTest::row)
                .collect(Collectors.joining());
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE).hasContent(page);
  }

  private static String row(Flag flag) {
    String variable =
        flag.name().equals("join-token-file") ? "CAPATAZ_JOIN_TOKEN" : flag.variable();
    return "| `--%s%s` | %s | %s | %s |%n"
        .formatted(
            flag.name(),
            flag.label().isEmpty() ? "" : " " + flag.label().replace("|", "\\|"),
            variable.isEmpty() ? "" : "`" + variable + "`",
            flag.fallback(),
            flag.about());
  }
}
