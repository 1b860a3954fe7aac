package io.capataz.supervisor.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.KilledStore;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.fleet.FleetFields.Read;
import io.capataz.supervisor.fleet.FleetRun.Approval;
import io.capataz.supervisor.fleet.FleetRun.By;
import io.capataz.supervisor.fleet.FleetRun.Choice;
import io.capataz.supervisor.fleet.FleetRun.Off;
import io.capataz.supervisor.fleet.FleetRun.Wish;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.DyingSupervisor;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.task.Tasks;
import io.capataz.testing.Repetitions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * A run over hundreds of hosts, 2,000 with {@code -Psoak}, driven by two supervisors that die
 * between any two of their writes, while hosts fail, go off and come back: never more at once than
 * allowed, no more failures than the budget and what was under way, one attempt on each host unless
 * it is retried. {@code -Dcapataz.seed=7} tries another course.
 */
class FleetKillsTest {

  private static final int HOSTS = Repetitions.of("capataz.fleet.hosts");
  private static final int AT_ONCE = 40;
  private static final int BUDGET = HOSTS * 3 / 200;
  private static final int MOST_ROUNDS = 20_000;

  private final TestClock clock = new TestClock();
  private final Random random =
      new Random(Long.getLong("capataz.seed", System.nanoTime() & 0xffffff));
  private final String run = "6b0000000000000000000001";

  private @TempDir Path folder;

  private List<Driving> drivings = List.of();
  private final List<Job> ended = new ArrayList<>();
  private final Set<String> attempts = new HashSet<>();
  private int mostFailed;
  private int retried;

  @Test
  void a_run_keeps_its_limits_whoever_dies() {
    try (var store =
            EmbeddedStore.open(folder, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
        var one =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), null);
        var two =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), one)) {
      var task = new TestWork(one).taskOn(TestAgent.enrolled(one), Map.of());
      // Days ahead of what the supervisors' own clocks say, so that these do nothing about it.
      clock.jump(Duration.ofDays(30));
      drivings = List.of(Driving.of(one, clock), Driving.of(two, clock));
      any().enrol(HOSTS, clock);
      begin(task);
      for (var round = 0; !now().isClosed(); round++) {
        assertThat(round).describedAs("it does not end").isLessThan(MOST_ROUNDS);
        round();
      }
      checkEnd();
    }
  }

  private Driving any() {
    return drivings.get(random.nextInt(drivings.size()));
  }

  private FleetRun now() {
    return any().runs().find(run).orElseThrow();
  }

  private void begin(String task) {
    var wish =
        new Wish(
            List.of("1", "5 %", "25 %", "rest"),
            AT_ONCE,
            String.valueOf(BUDGET),
            30,
            Approval.LAST,
            Off.WAIT,
            null,
            7 * 86_400);
    var read = new Read(new Choice(By.LABELS, "fleet=yes"), List.of(), wish, List.of());
    var definition =
        any().supervisor().context().getBean(Tasks.class).find("acme", task).orElseThrow();
    var cause = new Cause(Origin.USER, "ann", null, null);
    var made = any().newRuns().make(run, definition, read, cause, null);
    assertThat(made.plan().total()).isEqualTo(HOSTS);
  }

  private void round() {
    clock.jump(Duration.ofMillis(random.nextInt(10_000)));
    switch (random.nextInt(6)) {
      case 0 -> dying(() -> any().driver().sweep(run));
      case 1 -> goOffOrOn();
      case 2, 3, 4 -> end(1 + random.nextInt(AT_ONCE));
      default -> decide();
    }
    perform();
    check();
  }

  /** Mostly not; otherwise after some writes, which may be all. */
  private void dying(Runnable what) {
    if (random.nextInt(3) > 0) {
      what.run();
    } else {
      KilledStore.dyingAfter(random.nextInt(9), what);
    }
  }

  private List<FleetHost> running() {
    return any().hosts().from(run, Stage.RUNNING, 0, HOSTS);
  }

  /** Agents claim the jobs of some hosts, and report how they ended. */
  private void end(int most) {
    var jobs = DyingSupervisor.jobs(any().supervisor().context(), clock);
    for (var host : running().stream().limit(most).toList()) {
      jobs.find(String.valueOf(host.attempt().job()))
          .filter(job -> job.state() == JobState.READY && isOn(host))
          .ifPresent(job -> end(jobs, job, host.host()));
    }
  }

  private boolean isOn(FleetHost host) {
    return any().supervisor().context().getBean(Hosts.class).withIds(List.of(host.host())).stream()
        .allMatch(it -> it.isOnline(clock.instant()));
  }

  private void end(Jobs jobs, Job job, String host) {
    assertThat(attempts.add(job.id())).describedAs("run twice: " + job.id()).isTrue();
    var outcome = random.nextInt(12) == 0 ? new Outcome.ExitedWith(100) : new Outcome.Succeeded();
    ended.add(Driving.end(jobs, job, host, outcome, clock.instant()));
  }

  /** What follows from ends is done at least once, by whoever lives. */
  private void perform() {
    var left = new ArrayList<Job>();
    for (var job : ended) {
      var by = any();
      var done = new boolean[1];
      dying(
          () -> {
            by.followUp().perform(job, new Effect("fleet", "fleet", new Document()));
            done[0] = true;
          });
      if (!done[0]) {
        left.add(job);
      }
    }
    ended.clear();
    ended.addAll(left);
    canceled();
  }

  /** Jobs that were taken back have ended too. */
  private void canceled() {
    var jobs = any().supervisor().context().getBean(JobQueries.class);
    jobs.all(running().stream().map(host -> String.valueOf(host.attempt().job())).toList()).stream()
        .filter(job -> job.state() == JobState.CANCELED)
        .forEach(
            job -> any().followUp().perform(job, new Effect("fleet", "fleet", new Document())));
  }

  private void goOffOrOn() {
    var heard = random.nextBoolean() ? Driving.always(clock) : clock.instant().minusSeconds(600);
    var first = random.nextInt(HOSTS);
    var some =
        IntStream.range(first, Math.min(HOSTS, first + 1 + random.nextInt(30)))
            .mapToObj("6c%022x"::formatted)
            .map(ObjectId::new)
            .toList();
    any()
        .mongo()
        .updateMulti(
            Query.query(Criteria.where("_id").in(some)),
            new Update().set("contact.heard", heard),
            Host.class);
  }

  private void decide() {
    var run = now();
    if (run.course().pause() != null) {
      resume(run);
    } else if (run.course().gate()) {
      dying(() -> any().driver().beginWave(run, "ann"));
    } else if (run.course().wave() == run.plan().waves() - 1
        && !any().hosts().isAny(run.id(), Stage.TO_COME)) {
      allOn();
    }
  }

  /** All failed hosts are tried again, and then it goes on where it stopped. */
  private void resume(FleetRun paused) {
    var failed = any().hosts().from(run, Stage.FAILED, 0, HOSTS);
    retried += failed.size();
    failed.forEach(host -> any().hosts().again(host));
    dying(() -> any().runs().decide(paused, new Update().unset("course.pause"), null));
  }

  private void allOn() {
    any()
        .mongo()
        .updateMulti(
            Query.query(Criteria.where("organization").is("acme").and("name").regex("^node-")),
            new Update().set("contact.heard", Driving.always(clock)),
            Host.class);
  }

  private void check() {
    var running = running().size();
    assertThat(running).isLessThanOrEqualTo(AT_ONCE);
    var failed = any().hosts().count(run, Stage.FAILED, HOSTS);
    mostFailed = Math.max(mostFailed, failed);
    assertThat(failed).isLessThanOrEqualTo(BUDGET - 1 + AT_ONCE);
  }

  private void checkEnd() {
    var hosts = any().hosts().all(run);
    assertThat(hosts).hasSize(HOSTS);
    assertThat(hosts)
        .extracting(FleetHost::stage)
        .allMatch(stage -> stage == Stage.SUCCEEDED || stage == Stage.FAILED);
    var jobs = jobsByHost();
    for (var host : hosts) {
      var own = jobs.getOrDefault(host.host(), List.of());
      var begun = own.stream().filter(job -> job.attempt() > 0).count();
      assertThat(begun).describedAs(host.name()).isBetween(1L, (long) host.attempt().number());
      assertThat(own).hasSizeLessThanOrEqualTo(host.attempt().number());
    }
    var all = jobs.values().stream().mapToLong(List::size).sum();
    System.out.println(
        "fleet: "
            + HOSTS
            + " hosts, "
            + all
            + " jobs, "
            + retried
            + " retried, at most "
            + mostFailed
            + " failed");
    assertThat(retried).isPositive();
  }

  private Map<String, List<Job>> jobsByHost() {
    var jobs = new HashMap<String, List<Job>>();
    any()
        .mongo()
        .find(Query.query(Criteria.where("provenance.origin.reference").is(run)), Job.class)
        .forEach(
            job ->
                jobs.computeIfAbsent(String.valueOf(job.target().host()), _ -> new ArrayList<>())
                    .add(job));
    return jobs;
  }
}
