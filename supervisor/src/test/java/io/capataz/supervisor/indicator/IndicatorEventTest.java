package io.capataz.supervisor.indicator;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.KilledStore;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.indicator.IndicatorFields.Report;
import io.capataz.supervisor.task.EventId;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

/** A change of an indicator starts what names it, once, whoever dies. */
class IndicatorEventTest {

  private static final int MOST_WRITES = 6;

  private static final Caller.Member CALLER =
      new Caller.Machine("acme", "token", "test", Role.OWNER, List.of(), null);

  private @TempDir Path folder;

  @Test
  void a_change_starts_tasks_once() {
    try (var store =
            EmbeddedStore.open(folder, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
        var supervisor =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), null)) {
      var made = supervisor.post("/indicator", Map.of("title", "load", "type", "text"));
      var id = made.text("/id");
      var task = task(supervisor, EventId.of(id, "failure"));
      var changes = supervisor.context().getBean(IndicatorChanges.class);
      var indicators = supervisor.context().getBean(Indicators.class);
      var events = supervisor.context().getBean(IndicatorEvents.class);

      for (var writes = 1; writes <= MOST_WRITES; writes++) {
        var indicator = indicators.find("acme", id).orElseThrow();
        report(changes, indicator, "normal", writes);
        var normal = indicators.find("acme", id).orElseThrow();
        KilledStore.dyingAfter(writes, () -> report(changes, normal, "failure", 99));
        var left = indicators.find("acme", id).orElseThrow();
        assertThat(left.state()).isEqualTo("failure");
        events.start(left);
        events.start(left);
        assertThat(indicators.find("acme", id).orElseThrow().pending()).isEmpty();
        assertThat(supervisor.get("/acme/job?task=" + task).body()).hasSize(writes);
      }
      var job = supervisor.get("/acme/job?task=" + task).body().get(0);
      assertThat(job.at("/origin").asString()).isEqualTo("indicator");
      assertThat(job.at("/task_arguments_values").toString())
          .isEqualTo("[\"load\",\"failure\",\"99\"]");
    }
  }

  private static void report(
      IndicatorChanges changes, Indicator indicator, String state, int value) {
    var report = new Report(state, JsonNodeFactory.instance.numberNode(value));
    var _ = changes.report(CALLER, indicator, report);
  }

  private static String task(TestSupervisor supervisor, String event) {
    var arguments =
        List.of(
            Map.of("type", "input", "label", "title"),
            Map.of("type", "input", "label", "state"),
            Map.of("type", "input", "label", "value"));
    return new TestWork(supervisor)
        .taskOn(
            TestAgent.enrolled(supervisor),
            Map.of("task_arguments", arguments, "triggers", List.of(event)));
  }
}
