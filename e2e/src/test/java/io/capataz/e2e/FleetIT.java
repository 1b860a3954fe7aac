package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A fleet run over three real agents: one fails, and only that one is tried again. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FleetIT {

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void waves_run_on_every_host_and_only_the_failed_one_runs_again() throws Exception {
    try (Fleet fleet = Fleet.standing(folder).agents(3, 1).start()) {
      Api api = fleet.api();
      List<String> hosts = fleet.agents().stream().map(fleet::hostOf).toList();
      Path ran = Files.createDirectory(folder.resolve("ran"));
      Path bad = Files.createFile(folder.resolve("bad"));
      JsonNode task =
          fleet.createTask(fleet.agents().getFirst(), "patch", counting(ran, bad), Map.of());
      JsonNode run =
          api.post(
              "/default/task/" + task.path("id").asString() + "/fleet",
              Map.of("hosts", hosts, "waves", "1, rest", "at_once", 1, "failure_budget", 1));
      String id = run.path("id").asString();

      JsonNode totals = awaited(api, id, "paused").path("totals");
      assertThat(totals.path("succeeded").asInt()).isEqualTo(1);
      assertThat(totals.path("failed").asInt()).isEqualTo(1);
      assertThat(totals.path("to_come").asInt()).isEqualTo(1);
      Files.delete(bad);
      api.ask(Api.Question.put("/default/fleet/" + id + "/retry"));
      api.ask(Api.Question.put("/default/fleet/" + id + "/resume"));
      awaited(api, id, "success");

      try (var runs = Files.list(ran)) {
        assertThat(runs).hasSize(4);
      }
      JsonNode rows = api.get("/default/fleet/" + id + "/host");
      assertThat(rows.valueStream().map(row -> row.path("host_id").asString()).toList())
          .isEqualTo(hosts);
      assertThat(rows.valueStream().map(row -> row.path("attempt").asInt()).toList())
          .containsExactly(1, 2, 1);
    }
  }

  /** Notes each run in a file of its own, and fails the second time while a file is there. */
  private static String counting(Path ran, Path bad) {
    return "#!/bin/sh\ntouch %s/$CAPATAZ_JOB_ID\n[ \"$(ls %s | wc -l)\" -ne 2 ] || [ ! -e %s ]\n"
        .formatted(ran, ran, bad);
  }

  private static JsonNode awaited(Api api, String run, String state) {
    return Awaitility.await("the fleet run is " + state)
        .atMost(Duration.ofMinutes(2))
        .until(
            () -> api.get("/default/fleet/" + run),
            it -> it.path("state").asString().equals(state));
  }
}
