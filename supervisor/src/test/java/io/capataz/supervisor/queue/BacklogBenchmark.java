package io.capataz.supervisor.queue;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.run.Submissions;
import io.capataz.supervisor.task.Tasks;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * What a post and a claim cost while a backlog waits, for a task without limits and for one of
 * which one job runs at a time. Prints figures; asserts nothing.
 */
final class BacklogBenchmark {

  private static final int MEASURED = 1_000;

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);

  private BacklogBenchmark() {}

  public static void main(String[] arguments) throws Exception {
    var benchmark = new BacklogBenchmark();
    var largest = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
    // The first round warms up the machine and is printed only to be seen.
    benchmark.round("warm-up", 100, Map.of());
    // The smallest again at the end: what has become faster by then is the JVM.
    for (var waiting : new int[] {100, 10_000, 100_000, 100}) {
      if (waiting <= largest) {
        benchmark.round("no limit", waiting, Map.of());
        benchmark.round("one at a time", waiting, Map.of("multitasking", false));
      }
    }
    System.exit(0);
  }

  private void round(String kind, int waiting, Map<String, ?> limits) throws Exception {
    var agent = TestAgent.enrolled(supervisor);
    var task = work.taskOn(agent, limits);
    fill(task, waiting);
    var posts = new long[MEASURED];
    var claims = new long[MEASURED];
    var ends = new long[MEASURED];
    for (var i = 0; i < MEASURED; i++) {
      var begun = System.nanoTime();
      work.post(task);
      posts[i] = System.nanoTime() - begun;
    }
    for (var i = 0; i < MEASURED; i++) {
      var begun = System.nanoTime();
      var orders = agent.claim(TestAgent.newClaimId(), 1);
      while (orders.isEmpty()) {
        // The permit is freed a moment after the end was told.
        begun = System.nanoTime();
        orders = agent.claim(TestAgent.newClaimId(), 1);
      }
      claims[i] = System.nanoTime() - begun;
      begun = System.nanoTime();
      agent.end(orders.getFirst(), new Outcome.Succeeded());
      ends[i] = System.nanoTime() - begun;
    }
    System.out.printf(
        "%-14s %,8d waiting: median post %.2f ms, claim %.2f ms, end %.2f ms%n",
        kind, waiting, median(posts), median(claims), median(ends));
  }

  /** Fills the queue by the same code as a post, but without the way through HTTP. */
  private void fill(String task, int waiting) throws Exception {
    var jobs = supervisor.context().getBean(Submissions.class);
    var definition = supervisor.context().getBean(Tasks.class).find("acme", task).orElseThrow();
    var run = new RunRequest(List.of(), 0, null, null, false, List.of(), List.of(), null);
    try (var threads = Executors.newFixedThreadPool(8)) {
      for (var i = 0; i < waiting; i++) {
        threads.execute(() -> jobs.submit(definition, run, Cause.SECRET_KEY, null));
      }
    }
  }

  private static double median(long[] nanos) {
    Arrays.sort(nanos);
    return nanos[nanos.length / 2] / 1e6;
  }
}
