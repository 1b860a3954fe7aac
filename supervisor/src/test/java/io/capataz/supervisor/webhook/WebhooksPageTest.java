package io.capataz.supervisor.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.trigger.PageCommands;
import io.capataz.supervisor.trigger.Triggering;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The commands of {@code docs/webhooks.md} do what the page says. */
class WebhooksPageTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Triggering it = new Triggering(supervisor);

  @Test
  void the_commands_of_the_page_work() throws IOException {
    var page = new PageCommands(supervisor, Path.of("..", "docs", "webhooks.md"));
    var task =
        it.task(
            Map.of(
                "task_arguments",
                List.of(
                    Map.of("type", "input", "label", "a"),
                    Map.of("type", "input", "label", "b", "required", false))));
    page.set("TASK", task);

    var made = page.next();
    page.set("WEBHOOK", made.text("/id"));
    page.set("SECRET", made.text("/secret"));
    page.set("EVENT", page.next().text("/0/_id"));
    page.next();
    assertThat(page.next().text("/message")).isEqualTo("success");
    assertThat(it.only(task).at("/task_arguments_values/1").asString()).isEqualTo("blue");
    page.next();
    var deliveries = page.next();
    assertThat(deliveries.body().size()).isEqualTo(2);
    page.set("DELIVERY", deliveries.text("/0/id"));
    assertThat(page.next().text("/started/0/task_id")).isEqualTo(task);
    assertThat(it.jobs(task)).hasSize(3);
    assertThat(page.next().text("/verification")).isEqualTo("github");
    assertThat(page.isOver()).isTrue();
  }
}
