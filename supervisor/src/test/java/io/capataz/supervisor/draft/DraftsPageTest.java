package io.capataz.supervisor.draft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import io.capataz.testing.FakeModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The commands of {@code docs/drafts.md} do what the page says. */
class DraftsPageTest {

  private static final Pattern BLOCK = Pattern.compile("```bash\n(.*?)```", Pattern.DOTALL);
  private static final Pattern ID = Pattern.compile("\"task_id\":\"([0-9a-f-]{36})\"");

  @Test
  void every_command_of_the_page_is_done() throws Exception {
    try (var model = FakeModel.start();
        var supervisor =
            TestSupervisor.with(
                "--capataz.rate-limit.enabled=false",
                "--capataz.drafts.endpoint=" + model.endpoint(),
                "--capataz.drafts.model=fake-1")) {
      var agent = TestAgent.enrolled(supervisor);
      var environment = new HashMap<String, String>();
      environment.put("CAPATAZ", supervisor.request("").build().uri().toString());
      environment.put("TOKEN", supervisor.token());
      environment.put("PERSON", TestPerson.loggedIn(supervisor, Role.ADMIN).session());
      environment.put("HOST", agent.host());
      for (var i = 0; i < 2; i++) {
        var function = "def main_function(input1):\n    return input1\n\n\nMARK = " + i + "\n";
        model.says(
            FakeModel.proposal("Count words", List.of(), List.of(), function, TestDrafts.TESTS));
      }
      var blocks = BLOCK.matcher(Files.readString(Path.of("../docs/drafts.md"))).results().toList();
      assertThat(blocks).hasSize(8);
      for (var block : blocks) {
        done(block.group(1), supervisor, agent, environment);
      }
      var draft = supervisor.get("/draft/" + environment.get("DRAFT"));
      assertThat(draft.text("/state")).isEqualTo("rejected");
      assertThat(draft.text("/approval/version")).isEqualTo("1");
      assertThat(draft.body().path("version").asInt()).isEqualTo(2);
    }
  }

  private static void done(
      String script, TestSupervisor supervisor, TestAgent agent, Map<String, String> environment)
      throws Exception {
    if (script.contains("/run\"")) {
      var running = CompletableFuture.supplyAsync(() -> run(script, environment));
      returned(agent, List.of(Map.of("words", 3)));
      assertThat(running.get()).contains("\"status\":\"success\",\"data\":[{\"words\":3}]");
      return;
    }
    var said = run(script, environment);
    var id = ID.matcher(said);
    if (id.find()) {
      environment.put("DRAFT", id.group(1));
    }
    var path = "/draft/" + environment.get("DRAFT");
    environment.put("DIGEST", supervisor.get(path).text("/digest"));
    for (var step : Step.values()) {
      if (script.contains("/" + step.word() + "\"")) {
        returned(
            agent,
            Map.of("step", step.word(), "digest", environment.get("DIGEST"), "passed", true));
        await().until(() -> supervisor.get(path), draft -> !draft.body().has("running"));
      }
    }
  }

  private static void returned(TestAgent agent, Object data) {
    agent.open(List.of());
    var order =
        await()
            .until(() -> agent.claim(TestAgent.newClaimId(), 1), orders -> !orders.isEmpty())
            .getFirst();
    agent.started(order);
    agent.returned(order, new Outcome.Succeeded(), Map.of("state", "success", "data", data));
  }

  private static String run(String script, Map<String, String> environment) {
    try {
      var failing = script.replace("curl ", "curl --fail-with-body ");
      var shell = new ProcessBuilder("sh", "-euc", failing).redirectErrorStream(true);
      shell.environment().putAll(environment);
      var process = shell.start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).describedAs(failing + said).isZero();
      return said;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
