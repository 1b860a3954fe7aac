package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Hosts of a pool share its work, told by Kafka; one that dies is not waited for. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class PoolIT {

  private static final int JOBS = 40;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void two_agents_share_the_load_and_a_dead_ones_jobs_do_not_wait_for_it() throws Exception {
    try (Fleet fleet = Fleet.standing(folder).agents(2, 2).start()) {
      Api api = fleet.api();
      List<String> hosts = fleet.agents().stream().map(fleet::hostOf).toList();
      String pool =
          api.post("/default/pool", Map.of("name", "both", "hosts", hosts)).path("id").asString();
      JsonNode task = task(api, pool);
      // Each agent joins the pool's group after its next question; then the news is enough.
      Set<String> hearing = new HashSet<>();
      Awaitility.await("both hosts hear on Kafka of the pool's jobs")
          .atMost(Duration.ofMinutes(4))
          .until(
              () -> {
                hearing.addAll(hostsThatHeard(api, task));
                return hearing.containsAll(hosts);
              });

      List<String> jobs = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        jobs.add(post(api, task));
      }
      Map<String, Long> shares =
          jobs.stream()
              .map(job -> ended(api, job))
              .peek(job -> assertThat(job.path("state").asString()).isEqualTo("success"))
              .collect(
                  Collectors.groupingBy(
                      job -> job.path("host_id").asString(), Collectors.counting()));
      System.out.printf("pool: %d jobs, by host %s%n", JOBS, shares.values());
      assertThat(shares).containsOnlyKeys(hosts);

      fleet.agents().getFirst().kill();
      Instant killed = Instant.now();
      List<String> after = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        after.add(post(api, task));
      }
      for (String job : after) {
        assertThat(ended(api, job).path("host_id").asString()).isEqualTo(hosts.get(1));
      }
      System.out.printf(
          "pool: with one agent killed, %d jobs had ended after %.1f s%n",
          JOBS, Duration.between(killed, Instant.now()).toMillis() / 1000.0);
    }
  }

  /** Posts more jobs than one agent has slots for, and tells who ran one that was announced. */
  private static Set<String> hostsThatHeard(Api api, JsonNode task) {
    List<String> jobs = Stream.generate(() -> post(api, task)).limit(8).toList();
    return jobs.stream()
        .map(job -> ended(api, job))
        .filter(job -> job.path("heard").asString().equals("announcement"))
        .map(job -> job.path("host_id").asString())
        .collect(Collectors.toSet());
  }

  private static JsonNode task(Api api, String pool) {
    Map<String, Object> task = new HashMap<>();
    task.put("name", "shared");
    task.put("pool", pool);
    task.put("script", Map.of("filename", "s.sh", "content", "#!/bin/sh\nsleep 0.1\n"));
    return api.post("/default/task", task);
  }

  private static String post(Api api, JsonNode task) {
    return api.ask(Fleet.run(task, List.of())).json().path("id").asString();
  }

  private static JsonNode ended(Api api, String job) {
    return Awaitility.await("job " + job + " has ended")
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(100))
        .until(() -> api.job(job), j -> j.hasNonNull("ended"));
  }
}
