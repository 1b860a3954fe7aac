package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Jobs that wait for an agent that was off: it comes up, and all run, in order. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class BacklogIT {

  private static final int JOBS = Repetitions.of("capataz.backlog.jobs");

  /** Besides the order, what is asked is that nothing grows with the number of jobs. */
  private static final int MOST_GROWTH_MB = 48;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void all_run_in_order_within_a_priority_and_nothing_grows() throws Exception {
    Path witness = folder.resolve("witness");
    try (Fleet fleet = Fleet.in(folder).agents(1, 1).start()) {
      Api api = fleet.api();
      Part agent = fleet.agents().getFirst();
      JsonNode task =
          fleet.createTask(
              agent, "in-line", "#!/bin/sh\necho \"$1\" >>'" + witness + "'\n", Fleet.arguments(1));
      agent.kill();

      long begun = System.nanoTime();
      post(api, task, JOBS);
      long posted = System.nanoTime();
      agent.start();
      awaitLines(witness, JOBS / 5);
      long agentEarly = residentMegabytes(agent);
      long supervisorEarly = residentMegabytes(fleet.supervisors().getFirst());
      awaitLines(witness, JOBS);
      long done = System.nanoTime();
      long agentLate = residentMegabytes(agent);
      long supervisorLate = residentMegabytes(fleet.supervisors().getFirst());

      System.out.printf(
          "backlog: %d jobs posted in %.0f s, run in %.0f s, one at a time; resident after a fifth"
              + " and at the end: agent %d and %d MB, supervisor %d and %d MB%n",
          JOBS,
          (posted - begun) / 1e9,
          (done - posted) / 1e9,
          agentEarly,
          agentLate,
          supervisorEarly,
          supervisorLate);
      List<String> ran = Files.readAllLines(witness);
      assertThat(ran).hasSize(JOBS).doesNotHaveDuplicates();
      assertThat(ran.stream().filter(line -> line.startsWith("urgent")))
          .describedAs("the urgent ones, although they were posted last")
          .containsExactlyElementsOf(ran.subList(0, JOBS / 10));
      assertThat(ran.subList(JOBS / 10, JOBS))
          .containsExactlyElementsOf(
              IntStream.range(0, JOBS - JOBS / 10).mapToObj(i -> "plain " + i).toList());
      assertThat(agentLate - agentEarly).isLessThan(MOST_GROWTH_MB);
      assertThat(supervisorLate - supervisorEarly).isLessThan(2 * MOST_GROWTH_MB);
    }
  }

  /** Nine tenths plain ones, one after the other so that their order is known; then urgent ones. */
  private static void post(Api api, JsonNode task, int jobs)
      throws InterruptedException, ExecutionException {
    int urgent = jobs / 10;
    for (int i = 0; i < jobs - urgent; i++) {
      api.ask(Fleet.run(task, List.of("plain " + i)));
    }
    // With a token: the holder of a secret key sets no priority.
    String run = "/%s/task/%s/job".formatted(Api.CUSTOMER, task.path("id").asString());
    List<Callable<Api.Answer>> posts = new ArrayList<>();
    for (int i = 0; i < urgent; i++) {
      Map<String, Object> body = Map.of("task_arguments", List.of("urgent " + i), "priority", 10);
      posts.add(() -> api.ask(Api.Question.post(run, body)));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (Future<Api.Answer> posted : threads.invokeAll(posts)) {
        posted.get();
      }
    }
  }

  private static void awaitLines(Path witness, int lines) {
    Awaitility.await(lines + " jobs have run")
        .atMost(Duration.ofMinutes(15))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> Files.exists(witness) && Files.readAllLines(witness).size() >= lines);
  }

  private static long residentMegabytes(Part part) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + part.pid() + "/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }
}
