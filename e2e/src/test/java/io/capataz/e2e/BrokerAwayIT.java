package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The broker only tells. Without it jobs are found by asking, and nobody need do anything. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class BrokerAwayIT {

  private static final int JOBS = 12;

  /** Agents ask every minute, a quarter more or less; the rest is for a busy machine. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(75);

  private static final Duration SLACK = Duration.ofSeconds(20);

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void jobs_are_found_by_asking_while_it_is_away_and_by_hearing_when_it_is_back() throws Exception {
    try (Fleet fleet = Fleet.in(folder).supervisors(2).agents(2, 4).start()) {
      Api api = fleet.api();
      List<JsonNode> tasks = new ArrayList<>();
      for (Part agent : fleet.agents()) {
        tasks.add(fleet.createTask(agent, "greet", "#!/bin/sh\necho hello\n", Map.of()));
      }

      fleet.broker().kill();
      List<String> jobs = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        // At once, and the first time it is asked: no request waits for the broker.
        Api.Answer answer =
            api.tryOnce(Fleet.run(tasks.get(i % tasks.size()), List.of()), i % 2).orElseThrow();
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        jobs.add(answer.json().path("id").asString());
      }
      Awaitility.await("all jobs have ended without a broker")
          .atMost(LONGEST_WAIT.plus(SLACK))
          .until(() -> jobs.stream().allMatch(job -> api.job(job).hasNonNull("ended")));
      for (String job : jobs) {
        JsonNode ended = api.job(job);
        assertThat(ended.path("state").asString()).as(ended.toString()).isEqualTo("success");
        assertThat(ended.path("heard").asString()).isNotEqualTo("announcement");
        assertThat(api.output(job)).isEqualTo("hello\n");
      }
      System.out.printf(
          "broker away: %d jobs, the slowest claimed after %.1f s%n",
          jobs.size(), jobs.stream().mapToDouble(job -> waited(api.job(job))).max().orElseThrow());

      Instant back = Instant.now();
      fleet.broker().start();
      for (JsonNode task : tasks) {
        Awaitility.await("a job of " + task.path("name") + " is heard of again")
            .atMost(Duration.ofMinutes(2))
            .pollInterval(Duration.ofSeconds(1))
            .until(
                () -> {
                  String job = api.ask(Fleet.run(task, List.of())).json().path("id").asString();
                  Awaitility.await()
                      .atMost(LONGEST_WAIT.plus(SLACK))
                      .until(() -> api.job(job).hasNonNull("ended"));
                  return api.job(job).path("heard").asString().equals("announcement");
                });
      }
      System.out.printf(
          "broker back: every host heard announcements %.1f s after its start%n",
          Duration.between(back, Instant.now()).toMillis() / 1000.0);
    }
  }

  private static double waited(JsonNode job) {
    Instant created = Instant.parse(job.path("creation_date").asString());
    return Duration.between(created, Instant.parse(job.path("assigned").asString())).toMillis()
        / 1000.0;
  }
}
