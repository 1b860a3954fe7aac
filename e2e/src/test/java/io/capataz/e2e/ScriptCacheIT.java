package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A script of three megabytes crosses the wire once, is taken from its host's cache from then on,
 * and is fetched anew when the cache is damaged. What the supervisor has given out, its log says.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ScriptCacheIT {

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final List<String> jobs = new ArrayList<>();

  @Test
  void a_long_script_is_fetched_once_and_again_when_what_is_kept_of_it_is_damaged()
      throws Exception {
    try (Fleet fleet = Fleet.standing(folder).agents(1, 4).start()) {
      Part agent = fleet.agents().getFirst();
      String script = "#!/bin/sh\necho good\nexit 0\n" + "#".repeat(3 << 20);
      JsonNode task = fleet.createTask(agent, "long", script, Map.of());

      assertThat(printedBy(fleet, task)).isEqualTo("good\n");
      assertThat(printedBy(fleet, task)).isEqualTo("good\n");
      assertThat(fetches(fleet)).as("fetches for two runs").isEqualTo(1);

      Path kept = kept(fleet, agent);
      assertThat(Files.size(kept)).isEqualTo(script.length());
      Files.writeString(kept, "#!/bin/sh\necho evil\n");
      assertThat(printedBy(fleet, task)).isEqualTo("good\n");
      assertThat(printedBy(fleet, task)).isEqualTo("good\n");
      assertThat(fetches(fleet)).as("fetches after the damage").isEqualTo(2);

      agent.kill();
      agent.start();
      assertThat(printedBy(fleet, task)).isEqualTo("good\n");
      assertThat(fetches(fleet)).as("fetches after a new start").isEqualTo(2);
      assertThat(Files.size(kept(fleet, agent))).isEqualTo(script.length());
    }
  }

  private String printedBy(Fleet fleet, JsonNode task) {
    String job = fleet.api().ask(Fleet.run(task, List.of())).json().path("id").asString();
    jobs.add(job);
    JsonNode end =
        Awaitility.await("the end of " + job)
            .atMost(Duration.ofMinutes(2))
            .pollInterval(Duration.ofMillis(50))
            .until(() -> fleet.api().job(job), j -> j.hasNonNull("ended"));
    assertThat(end.path("state").asString()).as("%s", end).isEqualTo("success");
    return fleet.api().output(job);
  }

  private long fetches(Fleet fleet) {
    String said = fleet.supervisors().getFirst().said();
    return said.lines()
        .filter(line -> line.contains("script fetched"))
        .filter(line -> jobs.stream().anyMatch(line::contains))
        .count();
  }

  /** The one script in the agent's cache. */
  private static Path kept(Fleet fleet, Part agent) throws IOException {
    try (Stream<Path> all = Files.list(fleet.folderOf(agent).resolve("scripts"))) {
      List<Path> files = all.toList();
      assertThat(files).hasSize(1);
      return files.getFirst();
    }
  }
}
