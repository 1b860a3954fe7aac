package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A host whose agent may have no more processes and threads than it has: jobs do not start and say
 * why, the host stays online, and the next job runs as soon as there is room.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class NoMoreProcessesIT {

  private static final String REASON = "process limit reached (EAGAIN)";

  /** Longer than an agent's idle threads are kept. */
  private static final Duration WITHOUT_ROOM = Duration.ofSeconds(40);

  private static final int JOBS_AT_ONCE = 4;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void jobs_that_find_no_process_say_so_and_the_agent_lives_on() throws Exception {
    Path group = Path.of("/sys/fs/cgroup/pids/capataz-e2e-" + ProcessHandle.current().pid());
    Missing.unless(
        isMade(group), "no control group with pids.max can be made in " + group.getParent());
    try (Fleet fleet = Fleet.standing(folder).agents(1, JOBS_AT_ONCE).start()) {
      Part agent = fleet.agents().getFirst();
      JsonNode task = fleet.createTask(agent, "any", "#!/bin/sh\ntrue\ntrue\n", Map.of());
      assertThat(endOf(fleet, post(fleet, task)).path("state").asString()).isEqualTo("success");
      enter(group, agent);

      Map<String, Integer> ends = new TreeMap<>();
      Instant until = Instant.now().plus(WITHOUT_ROOM);
      for (int round = 0; Instant.now().isBefore(until); round++) {
        // Sometimes for the waiting thread alone, sometimes for the keeper as well.
        int room = round % 4;
        int now = Integer.parseInt(Files.readString(group.resolve("pids.current")).strip());
        Files.writeString(group.resolve("pids.max"), Integer.toString(now + room));
        List<String> jobs = Stream.generate(() -> post(fleet, task)).limit(JOBS_AT_ONCE).toList();
        for (String job : jobs) {
          ends.merge(kind(endOf(fleet, job)), 1, Integer::sum);
        }
        JsonNode host = fleet.api().get("/%s/host/%s".formatted(Api.CUSTOMER, fleet.hostOf(agent)));
        assertThat(host.path("online").asBoolean()).isTrue();
      }
      System.out.printf("no more processes: %s%n", ends);
      assertThat(ends).containsKey("the keeper could not start");
      assertThat(ends.keySet())
          .isSubsetOf("success", "the keeper could not start", "the script could not start");

      Files.writeString(group.resolve("pids.max"), "max");
      for (int i = 0; i < 2 * JOBS_AT_ONCE; i++) {
        JsonNode end = endOf(fleet, post(fleet, task));
        assertThat(end.path("state").asString()).as("%s", end).isEqualTo("success");
      }
      assertThat(agent.falls()).isEmpty();
      assertThat(agent.said()).doesNotContain("Exception in thread");
    } finally {
      Awaitility.await("nobody is in the group")
          .atMost(Duration.ofSeconds(20))
          .until(() -> Files.readString(group.resolve("cgroup.procs")).isBlank());
      Files.delete(group);
    }
  }

  /** Moves the agent and the process that forks its keepers into a group. */
  private static void enter(Path group, Part agent) throws IOException {
    List<Long> pids = new ArrayList<>(List.of(agent.pid()));
    ProcessHandle.of(agent.pid()).orElseThrow().children().forEach(one -> pids.add(one.pid()));
    for (long pid : pids) {
      Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
    }
  }

  private static String kind(JsonNode end) {
    if (end.path("state").asString().equals("success")) {
      return "success";
    }
    String reason = end.path("outcome").path("reason").asString();
    if (!end.path("outcome").path("type").asString().equals("could_not_start")
        || !reason.contains(REASON)) {
      return end.toString();
    }
    return reason.contains("keeper") ? "the keeper could not start" : "the script could not start";
  }

  private static boolean isMade(Path group) {
    try {
      Files.createDirectory(group);
      return Files.exists(group.resolve("pids.max"));
    } catch (IOException e) {
      return false;
    }
  }

  private static String post(Fleet fleet, JsonNode task) {
    return fleet.api().ask(Fleet.run(task, List.of())).json().path("id").asString();
  }

  /** A job whose announcement was lost is found by the agent's look at what waits, each minute. */
  private static JsonNode endOf(Fleet fleet, String job) {
    return Awaitility.await("the end of " + job)
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> fleet.api().job(job), j -> j.hasNonNull("ended"));
  }
}
