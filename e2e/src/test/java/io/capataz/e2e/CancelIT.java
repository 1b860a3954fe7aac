package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
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

  @TempDir Path folder;

  @Test
  void a_running_script_gets_sigterm_and_the_job_is_canceled() throws Exception {
    try (Fleet fleet = Fleet.standing(folder).agents(1, 1).start()) {
      Api api = fleet.api();
      Part agent = fleet.agents().getFirst();
      JsonNode task = fleet.createTask(agent, "waits", WAITS_FOR_SIGTERM, Map.of("grace", 5));
      String job = api.ask(Fleet.run(task, List.of())).json().path("id").asString();
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> api.output(job).contains("process"));

      assertThat(cancel(api, job)).isEqualTo("stopping");

      JsonNode ended =
          Awaitility.await("the end of " + job)
              .atMost(60, TimeUnit.SECONDS)
              .until(() -> api.job(job), j -> j.hasNonNull("ended"));
      assertThat(ended.path("lifecycle").asString()).isEqualTo("terminated");
      assertThat(ended.path("state").asString()).isEqualTo("canceled");
      assertThat(ended.path("signals").get(0).path("why").asString()).isEqualTo("cancel");
      assertThat(ended.path("survivors")).isEmpty();
      assertThat(api.output(job)).contains("SIGTERM heard\n");
      assertThat(cancel(api, job)).isEqualTo("ended");
    }
  }

  private static String cancel(Api api, String job) {
    return api.ask(Api.Question.put("/%s/job/%s/cancel".formatted(Api.CUSTOMER, job)))
        .json()
        .path("cancel")
        .asString();
  }
}
