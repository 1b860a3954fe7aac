package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A wish to end a job reaches the script itself. */
class CancelIT {

  private static final String WAITS_FOR_SIGTERM =
      """
      #!/bin/sh
      trap 'echo "SIGTERM heard"; exit 0' TERM
      echo "process $$"
      while :; do sleep 0.1; done
      """;

  @TempDir Path data;

  @Test
  void a_running_script_gets_sigterm_and_the_job_is_canceled() throws Exception {
    try (Standalone capataz = Standalone.start(data)) {
      JsonNode task = capataz.createTask("waits", WAITS_FOR_SIGTERM, Map.of("grace", 5));
      String job = capataz.order(task);
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> capataz.output(job).contains("process"));

      assertThat(capataz.cancel(job).path("cancel").asString()).isEqualTo("stopping");

      JsonNode ended = capataz.endedJob(job);
      assertThat(ended.path("lifecycle").asString()).isEqualTo("terminated");
      assertThat(ended.path("state").asString()).isEqualTo("canceled");
      assertThat(ended.path("signals").get(0).path("why").asString()).isEqualTo("cancel");
      assertThat(ended.path("survivors")).isEmpty();
      assertThat(capataz.output(job)).contains("SIGTERM heard\n");
      assertThat(capataz.cancel(job).path("cancel").asString()).isEqualTo("ended");
    }
  }
}
