package io.capataz.supervisor.workflowrun;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.KilledStore;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.job.DyingSupervisor;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.QueueName;
import io.capataz.supervisor.job.RunJobs;
import io.capataz.supervisor.workflow.Plan;
import io.capataz.supervisor.workflow.Workflow;
import io.capataz.supervisor.workflow.Workflows;
import io.capataz.supervisor.workflowrun.Interpreter.Expected;
import io.capataz.supervisor.workflowrun.Interpreter.Scripted;
import io.capataz.supervisor.workflowrun.WorkflowRun.Asked;
import io.capataz.testing.Repetitions;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Random graphs with random ends, on two supervisors that die between any two of their writes: each
 * edge makes at most one job, every run ends, and what comes of it is what the {@link Interpreter}
 * says. {@code -Dcapataz.graphs=2000} tries more of them, {@code -Dcapataz.seed=7} others.
 */
class RandomRunsTest {

  private static final int GRAPHS = Repetitions.of("capataz.graphs");
  private static final long SEED = Long.getLong("capataz.seed", 1);
  private static final int MOST_ROUNDS = 2_000;
  private static final int MOST_EXPECTED = 60;

  private @TempDir Path folder;
  private long claims;

  @Test
  void runs_end_as_their_graphs_say_whoever_dies() {
    try (var store =
            EmbeddedStore.open(folder, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
        var one =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), null);
        var two =
            TestSupervisor.through(settings -> KilledStore.around(store.client(settings)), one)) {
      var agent = TestAgent.enrolled(one);
      var task =
          new TestWork(one)
              .taskOn(
                  agent,
                  Map.of(
                      "task_arguments",
                      List.of(Map.of("type", "input", "label", "in", "required", false))));
      var run = 0;
      for (var seed = SEED * 1_000_000; run < GRAPHS; seed++) {
        var made = one.post("/acme/workflows", RandomGraph.of(seed, task));
        if (made.status() == 200) {
          run += new OneRun(seed, List.of(one, two), agent, made.text("/id")).isDone() ? 1 : 0;
        } else {
          assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(400);
        }
      }
    }
  }

  /** A run, from its beginning to its end. */
  private final class OneRun {

    private final long seed;
    private final Random random;
    private final List<TestSupervisor> supervisors;
    private final TestAgent agent;
    private final String id;
    private final Workflow workflow;
    private final Plan plan;
    private boolean canceled;

    OneRun(long seed, List<TestSupervisor> supervisors, TestAgent agent, String workflow) {
      this.seed = seed;
      this.id = "6a000000%016x".formatted(seed);
      this.random = new Random(seed);
      this.supervisors = supervisors;
      this.agent = agent;
      this.workflow = bean(Workflows.class).find("acme", workflow).orElseThrow();
      this.plan = bean(Workflows.class).plan("acme", workflow, 1).orElseThrow();
    }

    private <T> T bean(Class<T> type) {
      return any().context().getBean(type);
    }

    private TestSupervisor any() {
      return supervisors.get(random.nextInt(supervisors.size()));
    }

    /** Whether it was small enough to be run. */
    boolean isDone() {
      var expected = new Interpreter(id, plan, this::script).run(List.of("1", "2"));
      if (expected.jobs().size() > MOST_EXPECTED) {
        return false;
      }
      var arguments =
          List.<JsonNode>of(
              JsonNodeFactory.instance.stringNode("1"), JsonNodeFactory.instance.stringNode("2"));
      var asked = new Asked("user", "test", null, null, null, Instant.now(Clock.systemUTC()));
      bean(NewRuns.class).add(id, workflow, workflow.acl(), arguments, asked, null);
      var cancelAt = random.nextInt(4) == 0 ? random.nextInt(8) : -1;
      for (var round = 0; !run().isClosed(); round++) {
        assertThat(round).describedAs("seed %d does not end", seed).isLessThan(MOST_ROUNDS);
        if (round == cancelAt) {
          cancel();
        }
        dying(this::look);
        open().forEach(this::step);
      }
      check(expected);
      return true;
    }

    private WorkflowRun run() {
      return bean(WorkflowRuns.class).find(id).orElseThrow();
    }

    private List<Job> open() {
      return bean(RunJobs.class).openFor(id, 3);
    }

    /** What a sweep does with the run. */
    private void look() {
      var run = run();
      if (!run.course().started()) {
        bean(NextSteps.class).start(run);
      }
      if (run.course().cancel() != null) {
        bean(RunCancellations.class).end(run, "test");
      }
      bean(Closings.class).check(id);
    }

    private void cancel() {
      dying(() -> bean(RunCancellations.class).cancel(id, "test", false));
      canceled = run().course().cancel() != null;
    }

    /** Mostly not; otherwise after some writes, which may be all. */
    private void dying(Runnable what) {
      if (random.nextInt(3) > 0) {
        what.run();
      } else {
        KilledStore.dyingAfter(random.nextInt(6), what);
      }
    }

    private void step(Job job) {
      var jobs = DyingSupervisor.jobs(any().context(), InstantSource.system());
      switch (job.state()) {
        case SCHEDULED -> jobs.comeDue(job);
        case READY -> {
          var lease =
              new Lease(
                  agent.host(),
                  "agent",
                  1,
                  "c" + claims++,
                  job.provenance().created(),
                  Claim.Heard.SYNC);
          jobs.assign(job.id(), "acme", List.of(QueueName.ofHost(agent.host())), null, lease);
        }
        case ASSIGNED, RUNNING, SILENT -> end(jobs, job);
        case HELD -> throw new AssertionError("nobody holds it");
        case SUCCEEDED, FAILED, CANCELED, EXPIRED -> perform(job);
      }
    }

    private void end(Jobs jobs, Job job) {
      var how = script(job.id());
      var stopped = job.holding().stop() != null;
      var outcome =
          stopped
              ? new Outcome.Canceled()
              : how.good()
                  ? new Outcome.Succeeded()
                  : how.event().equals("timeout")
                      ? new Outcome.TimedOut()
                      : new Outcome.ExitedWith(1);
      var result = JsonNodeFactory.instance.objectNode();
      if (how.event().equals("mine")) {
        result.put("event_name", "mine");
      }
      result.set("output", MessageJson.mapper().valueToTree(how.output()));
      jobs.end(
          job,
          "agent",
          new Ending(
              outcome,
              null,
              Duration.ZERO,
              List.of(),
              List.of(),
              stopped ? null : result,
              null,
              0,
              0,
              null,
              null,
              null));
    }

    private void perform(Job job) {
      var by = any().context();
      if (random.nextInt(5) == 0) {
        var other = any().context();
        CompletableFuture.allOf(
                CompletableFuture.runAsync(() -> DyingSupervisor.perform(by, job)),
                CompletableFuture.runAsync(() -> DyingSupervisor.perform(other, job)))
            .join();
      } else {
        dying(() -> DyingSupervisor.perform(by, job));
      }
    }

    /** Decided by the id of the job and nothing else. */
    private Scripted script(String job) {
      var chance = new Random(seed ^ job.substring(8).hashCode() ^ id.hashCode());
      var output =
          IntStream.range(0, chance.nextInt(4))
              .mapToObj(_ -> String.valueOf(chance.nextInt(10)))
              .toList();
      return switch (chance.nextInt(6)) {
        case 0 -> new Scripted("failure", false, output);
        case 1 -> new Scripted("timeout", false, output);
        case 2 -> new Scripted("mine", chance.nextBoolean(), output);
        default -> new Scripted("success", true, output);
      };
    }

    private void check(Expected expected) {
      var made =
          bean(Outcomes.class).jobsOf(run()).stream()
              .collect(
                  Collectors.toMap(
                      Job::id,
                      job ->
                          Optional.ofNullable(job.provenance().origin().position())
                              .orElseThrow()
                              .step(),
                      (one, _) -> one,
                      TreeMap::new));
      var outcome = bean(Outcomes.class).of(run());
      assertThat(bean(RunJobs.class).openFor(id, 1)).describedAs("seed %d", seed).isEmpty();
      if (canceled) {
        assertThat(outcome.state()).describedAs("seed %d", seed).isEqualTo("canceled");
        assertThat(expected.jobs()).describedAs("seed %d", seed).containsAllEntriesOf(made);
      } else {
        assertThat(made).describedAs("seed %d", seed).isEqualTo(expected.jobs());
        assertThat(outcome.state()).describedAs("seed %d", seed).isEqualTo(expected.state());
      }
      assertThat(bean(RunJobs.class).of(id, null, 100))
          .allMatch(job -> job.state().isFinal() && job.state() != JobState.EXPIRED);
    }
  }
}
