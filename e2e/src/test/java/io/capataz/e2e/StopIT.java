package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What Ctrl-C does about running jobs. */
class StopIT {

  private static final Pattern WAITING = Pattern.compile("press Ctrl-C again to stop at once");

  @TempDir Path folder;

  @Test
  void leaves_jobs_to_their_keepers_and_finds_them_again_or_ends_them_if_told_to()
      throws Exception {
    // Scripts run as a user of their own, who has to see the gate.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path data = folder.resolve("data");
    Path gate = folder.resolve("gate");
    String longJob;
    try (Standalone first = Standalone.start(data, "--drain", "1")) {
      longJob =
          first.order(
              first.createTask(
                  "long",
                  "#!/bin/sh\nwhile [ ! -e %s ]; do sleep 0.1; done; echo done\n".formatted(gate),
                  Map.of("timeout", 600)));
      awaitRunning(first, longJob);

      first.process().interrupt();

      assertThat(first.process().exitCode()).as(first.process().output()).isEqualTo(130);
      assertThat(first.process().output())
          .contains("1 job is running; waiting up to 1 s for it;")
          .contains("1 job is still running without Capataz;");
    }

    try (Standalone second = Standalone.start(data, "--drain", "3600")) {
      assertThat(second.host().path("running").asInt()).isEqualTo(1);
      awaitRunning(second, longJob);
      ProcessHandle agent = second.agent();

      second.process().interrupt();
      second.process().line(WAITING);
      second.process().interrupt();

      assertThat(second.process().exitCode()).as(second.process().output()).isEqualTo(130);
      Awaitility.await("the agent leaves its job at once, too")
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> !agent.isAlive());
    }

    String ended;
    try (Standalone third = Standalone.start(data, "--on-stop", "end")) {
      assertThat(third.job(longJob).path("status").asString()).isEqualTo("running");
      Files.createFile(gate);
      JsonNode found = third.endedJob(longJob);
      assertThat(found.path("state").asString()).as(found.toString()).isEqualTo("success");
      assertThat(found.path("attempt").asInt()).as("not run again").isEqualTo(1);
      assertThat(third.output(longJob)).isEqualTo("done\n");
      ended = third.order(third.createTask("endless", "#!/bin/sh\nexec sleep 600\n", Map.of()));
      awaitRunning(third, ended);

      third.process().interrupt();

      assertThat(third.process().exitCode()).as(third.process().output()).isEqualTo(130);
      assertThat(third.process().output()).contains("1 job is running and will be ended.");
    }

    try (Standalone fourth = Standalone.start(data, "--no-agent")) {
      JsonNode job = fourth.job(ended);
      assertThat(job.at("/outcome/type").asString()).as(job.toString()).isEqualTo("interrupted");
      assertThat(job.path("state").asString()).isEqualTo("error");
      assertThat(fourth.hostNow().path("state").asString()).isEqualTo("offline");
    }
  }

  private static void awaitRunning(Standalone standalone, String job) {
    Awaitility.await("the job runs")
        .atMost(60, TimeUnit.SECONDS)
        .until(() -> standalone.job(job).path("status").asString().equals("running"));
  }
}
