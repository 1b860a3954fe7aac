package io.capataz.supervisor.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.KilledStore;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.run.Starters;
import io.capataz.supervisor.vault.Vault;
import io.capataz.testing.Repetitions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.data.mongodb.core.MongoOperations;

/**
 * Two supervisors look at the same schedule, on a clock that is driven, and die between any two
 * writes: no instant is started twice, and none is missed.
 */
class ScheduleKillsTest {

  private static final int TICKS = Repetitions.of("capataz.schedule.ticks");

  private final TestClock clock = new TestClock();
  private final Random random =
      new Random(Long.getLong("capataz.seed", System.nanoTime() & 0xffffff));

  private ScheduleClock clockOf(TestSupervisor supervisor) {
    var context = supervisor.context();
    var schedules =
        new Schedules(context.getBean(MongoOperations.class), context.getBean(Vault.class), clock);
    return new ScheduleClock(schedules, context.getBean(Starters.class), clock);
  }

  @Test
  void every_instant_is_started_once(@TempDir Path folder) throws Exception {
    try (var store =
            EmbeddedStore.open(folder, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
        var one =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), null);
        var two =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), one)) {
      var task = new TestWork(one).taskOn(TestAgent.enrolled(one), Map.of());
      // Days ahead of what the supervisors' own clocks say, so that these do nothing about it.
      clock.jump(Duration.ofDays(30));
      var first = clock.instant().plusSeconds(60).truncatedTo(ChronoUnit.SECONDS);
      var made =
          one.post(
              "/task/" + task + "/schedule",
              Map.of(
                  "every",
                  60,
                  "at",
                  first.toString(),
                  "overlap",
                  "queue",
                  "missed",
                  "all",
                  "missed_limit",
                  1000,
                  "horizon",
                  3600));
      assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);

      var clocks = List.of(clockOf(one), clockOf(two));
      for (var tick = 0; tick < TICKS; tick++) {
        clock.jump(Duration.ofSeconds(random.nextInt(150)));
        var mine = clocks.get(random.nextInt(clocks.size()));
        if (random.nextInt(3) == 0) {
          mine.sweep();
        } else {
          KilledStore.dyingAfter(random.nextInt(5), mine::sweep);
        }
      }
      var last = clock.instant();
      clocks.getFirst().sweep();

      assertThat(started(one, task))
          .doesNotHaveDuplicates()
          .containsAll(instants(first, last))
          .isSubsetOf(instants(first, clock.instant()));
    }
  }

  private static List<Instant> instants(Instant first, Instant last) {
    var instants = new ArrayList<Instant>();
    for (var at = first; !at.isAfter(last); at = at.plusSeconds(60)) {
      instants.add(at);
    }
    return instants;
  }

  /** The instants for which there is a job, one for each of them: its id says which. */
  private static List<Instant> started(TestSupervisor supervisor, String task) {
    return supervisor.context().getBean(JobQueries.class).openOf("acme", task, 50_000).stream()
        .map(job -> Instant.ofEpochSecond(Long.parseLong(job.id().substring(0, 8), 16)))
        .toList();
  }
}
