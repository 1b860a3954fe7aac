package io.capataz.supervisor.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestSupervisor;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The commands of {@code docs/triggers.md} do what the page says. */
class TriggersPageTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Triggering it = new Triggering(supervisor);

  @Test
  void the_commands_of_the_page_work() throws IOException {
    var page = new PageCommands(supervisor, Path.of("..", "docs", "triggers.md"));
    var deploy = it.task();
    page.set("BUILD", it.task());
    page.set("DEPLOY", deploy);

    page.set("EVENT", page.next().text("/0/_id"));
    page.next();
    var job = page.next().text("/id");
    it.end(job, new Outcome.Succeeded(), null);
    it.only(deploy);

    assertThat(page.next().text("/0/triggered_by")).isEqualTo(job);
    assertThat(page.isOver()).isTrue();
  }
}
