package io.capataz.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.agent.journal.RunNote;
import io.capataz.agent.process.LiveProcess;
import io.capataz.agent.redact.Redactor;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import io.capataz.common.protocol.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttemptEndsTest {

  private static final RunNote NOTE =
      new RunNote("j1", 1, "claim", "task", Duration.ofSeconds(1), List.of());

  private static final Redactor REDACTOR = Redactor.of(List.of("contraseña-1"));

  private static String command(String command) {
    var end =
        AttemptEnds.redacted(
            AttemptEnds.lost(NOTE, "x", List.of(new LiveProcess(7, command))), REDACTOR);
    assertThat(end.survivors()).extracting(Survivor::pid).containsExactly(7L);
    return end.survivors().getFirst().command();
  }

  @Test
  void survivors_show_no_secret_of_their_command_line() {
    assertThat(command("curl -u me:contraseña-1 url")).isEqualTo("curl -u me:************* url");
    assertThat(command("curl -u me")).isEqualTo("curl -u me");
  }

  @ParameterizedTest
  @ValueSource(strings = {"c", "contra", "contrase\ufffd", "contraseña-"})
  void not_even_the_beginning_of_one_that_was_cut_off(String cut) {
    assertThat(command("curl -u me:" + cut)).matches("curl -u me:\\*+");
  }

  @Test
  void reasons_show_none_either() {
    assertThat(
            List.of(
                new Outcome.CouldNotStart("no contraseña-1"),
                new Outcome.Refused("no contraseña-1"),
                new Outcome.Lost("no contraseña-1")))
        .extracting(
            outcome -> AttemptEnds.redacted(AttemptEnds.notStarted(NOTE, outcome), REDACTOR))
        .extracting(end -> end.outcome().toString())
        .allSatisfy(text -> assertThat(text).contains("no *****").doesNotContain("contrase"));
  }
}
