package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What was ordered stays ordered, however the process that took the order ended. */
class RestartIT {

  private static final String GREET = "#!/bin/sh\necho \"Hello, $1!\"\n";

  private static final Pattern AGENT_AGAIN =
      Pattern.compile("The agent ended with exit code 137\\. It is started again");

  @TempDir Path data;

  @Test
  void finds_everything_again_after_ctrl_c_and_kill_9_and_runs_what_waited() throws Exception {
    JsonNode task;
    String done;
    try (Standalone first = Standalone.start(data)) {
      task =
          first.createTask(
              "greet",
              GREET,
              Map.of(
                  "task_arguments", List.of(Map.of("type", "input", "order", 0, "label", "who"))));
      done = first.order(task, "first");
      assertThat(first.endedJob(done).path("state").asString()).isEqualTo("success");
      ProcessHandle agent = first.agent();

      first.process().interrupt();

      assertThat(first.process().exitCode()).as(first.process().output()).isEqualTo(130);
      assertThat(agent.isAlive()).as("the agent stops with it").isFalse();
    }

    String waiting;
    try (Standalone second = Standalone.start(data, "--no-agent")) {
      assertThat(second.task(task.path("id").asString()).path("name").asString())
          .isEqualTo("greet");
      assertThat(second.job(done).path("state").asString()).isEqualTo("success");
      assertThat(second.output(done)).isEqualTo("Hello, first!\n");
      waiting = second.order(task, "second");

      second.process().kill();
    }

    try (Standalone third = Standalone.start(data)) {
      JsonNode ended = third.endedJob(waiting);
      assertThat(ended.path("state").asString()).as(ended.toString()).isEqualTo("success");
      assertThat(third.output(waiting)).isEqualTo("Hello, second!\n");
      assertThat(third.job(done).path("attempt").asInt()).as("not run again").isEqualTo(1);

      ProcessHandle killed = third.agent();
      killed.destroyForcibly();
      third.process().line(AGENT_AGAIN);
      assertThat(third.endedJob(third.order(task, "again")).path("state").asString())
          .isEqualTo("success");
      assertThat(killed.isAlive()).isFalse();
      ProcessHandle agent = third.agentNow();

      third.process().kill();

      Awaitility.await("the agent ends by itself when its supervisor was killed")
          .atMost(30, TimeUnit.SECONDS)
          .until(() -> !agent.isAlive());
    }
  }
}
