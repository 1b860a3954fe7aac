package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.e2e.Api.Question;
import io.capataz.testing.Missing;
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
 * The disk on which an agent keeps everything takes nothing any more for a while: whoever writes to
 * it stands still, in the kernel. The host is heard of all the time, so nothing it runs is given
 * up; and once the disk is back, all goes on as if nothing had been.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class HungDiskIT {

  /** Longer than a host may be quiet before it counts as silent, by far. */
  private static final Duration HUNG = Duration.ofSeconds(60);

  /** Should this JVM die meanwhile. */
  private static final String THAWS_BY_ITSELF = "sleep 150; exec fsfreeze -u \"$1\"";

  private static final int SLOTS = 8;

  private static final String SCRIPT =
      """
      #!/bin/sh
      i=0
      while [ $i -lt 100 ]; do i=$((i + 1)); echo "line $i"; sleep 0.1; done
      """;

  private static final String SLEEPS = "#!/bin/sh\necho line 1\nexec sleep 300\n";

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void a_host_whose_disk_hangs_is_heard_of_and_goes_on_when_it_is_back() throws Exception {
    Path disk = Files.createDirectories(folder.resolve("fleet/agent-0"));
    Missing.unless(
        isMounted(disk), "no file system can be mounted here, which needs root and loop devices");
    try (Fleet fleet = Fleet.standing(folder.resolve("fleet")).agents(1, SLOTS).start()) {
      JsonNode task = fleet.createTask(fleet.agents().getFirst(), "prints", SCRIPT, Map.of());
      List<String> jobs = new ArrayList<>();
      Stream.generate(() -> post(fleet, task)).limit(SLOTS / 2).forEach(jobs::add);
      String canceled =
          post(fleet, fleet.createTask(fleet.agents().getFirst(), "sleeps", SLEEPS, Map.of()));
      for (String job : Stream.concat(jobs.stream(), Stream.of(canceled)).toList()) {
        Awaitility.await("the first line of " + job)
            .atMost(Duration.ofMinutes(1))
            .until(() -> fleet.api().output(job).contains("line 1"));
      }
      Process thaw = new ProcessBuilder("sh", "-c", THAWS_BY_ITSELF, "-", disk.toString()).start();
      assertThat(run("fsfreeze", "-f", disk.toString())).isZero();
      try {
        // These are claimed and cannot be written down; and one is to stop and cannot be told.
        Stream.generate(() -> post(fleet, task)).limit(SLOTS / 4).forEach(jobs::add);
        fleet.api().ask(Question.put("/%s/job/%s/cancel".formatted(Api.CUSTOMER, canceled)));
        Awaitility.await("the host is heard of all the time")
            .during(HUNG)
            .atMost(HUNG.plusSeconds(30))
            .pollInterval(Duration.ofMillis(500))
            .failFast("the host is silent", () -> !isOnline(fleet))
            .until(() -> isOnline(fleet));
      } finally {
        assertThat(run("fsfreeze", "-u", disk.toString())).isZero();
        thaw.descendants().forEach(ProcessHandle::destroyForcibly);
        thaw.destroyForcibly();
      }
      assertThat(endOf(fleet, canceled).path("status").asString()).isEqualTo("canceled");
      for (String job : jobs) {
        JsonNode end = endOf(fleet, job);
        assertThat(end.path("status").asString()).as("%s", end).isEqualTo("succeeded");
        assertThat(end.path("attempts").size()).as("%s", end).isEqualTo(1);
        assertThat(fleet.api().output(job).lines()).hasSize(100);
      }
      assertThat(fleet.agents().getFirst().falls()).isEmpty();
    } finally {
      Awaitility.await("nobody uses the disk")
          .atMost(Duration.ofSeconds(30))
          .until(() -> run("umount", disk.toString()) == 0);
    }
  }

  private boolean isMounted(Path disk) throws InterruptedException {
    String image = folder.resolve("image").toString();
    return run("fsfreeze", "--version") == 0
        && run("truncate", "-s", "256M", image) == 0
        && run("mkfs.ext4", "-q", image) == 0
        && run("mount", "-o", "loop", image, disk.toString()) == 0;
  }

  private static JsonNode endOf(Fleet fleet, String job) {
    return Awaitility.await("the end of " + job)
        .atMost(Duration.ofMinutes(2))
        .until(() -> fleet.api().job(job), j -> j.hasNonNull("ended"));
  }

  private static boolean isOnline(Fleet fleet) {
    String host = fleet.hostOf(fleet.agents().getFirst());
    return fleet.api().get("/%s/host/%s".formatted(Api.CUSTOMER, host)).path("online").asBoolean();
  }

  private static String post(Fleet fleet, JsonNode task) {
    return fleet.api().ask(Fleet.run(task, List.of())).json().path("id").asString();
  }

  private static int run(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
    } catch (IOException notThere) {
      return -1;
    }
  }
}
