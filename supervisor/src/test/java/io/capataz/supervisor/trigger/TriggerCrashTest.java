package io.capataz.supervisor.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.KilledStore;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.job.DyingSupervisor;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Jobs;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Two supervisors of one store. One ends jobs and dies, or dies between two writes of what follows;
 * the other goes on: whatever an event starts is started once.
 */
class TriggerCrashTest {

  private static final int MOST_WRITES = 8;

  private @TempDir Path folder;

  @Test
  void an_event_starts_each_of_its_targets_once_whoever_dies() {
    try (var store =
            EmbeddedStore.open(folder, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
        var one =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), null);
        var two =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), one)) {
      var it = new Triggering(one);
      var emitter = it.task();
      var event = it.event(emitter, "success");
      var task = it.task(event);
      var step = it.task();
      var workflow = it.workflow(step, event);

      for (var writes = 0; writes <= MOST_WRITES; writes++) {
        var ended = endedBySomeoneWhoDies(one, it, emitter);
        assertThat(ended.pending().effects()).extracting(Job.Effect::kind).contains("trigger");
        KilledStore.dyingAfter(writes, () -> DyingSupervisor.perform(two.context(), ended));
        CompletableFuture.allOf(
                CompletableFuture.runAsync(() -> DyingSupervisor.perform(one.context(), ended)),
                CompletableFuture.runAsync(() -> DyingSupervisor.perform(two.context(), ended)))
            .join();
        DyingSupervisor.perform(one.context(), ended);

        assertThat(it.jobs(task)).hasSize(writes + 1);
        assertThat(one.get("/workflows/" + workflow + "/job").body().size()).isEqualTo(writes + 1);
      }
      // The first jobs of a run may be made by a sweep.
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> it.jobs(step).size(), made -> made == MOST_WRITES + 1);
    }
  }

  /** The job has ended, and whoever has ended it does nothing more. */
  private static Job endedBySomeoneWhoDies(TestSupervisor by, Triggering it, String task) {
    var order = it.agent.claimHeard(it.work.post(task));
    it.agent.started(order);
    var running = by.context().getBean(Jobs.class).find(order.job()).orElseThrow();
    var _ =
        DyingSupervisor.jobs(by.context(), InstantSource.system())
            .end(
                running,
                "agent",
                Ending.of(
                    new Outcome.Succeeded(), JsonNodeFactory.instance.arrayNode().add("given")));
    return by.context().getBean(Jobs.class).find(order.job()).orElseThrow();
  }
}
