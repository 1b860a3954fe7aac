package io.capataz.supervisor.workflowrun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestSupervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The deployment of {@code docs/workflows.md} does what the page says. */
class WorkflowsPageTest {

  private static final Path PAGE = Path.of("../docs/workflows.md");
  private static final Pattern BODY = Pattern.compile("-d '(\\{.*?\\n})'\n", Pattern.DOTALL);

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Workflowing flow = new Workflowing(supervisor);

  @Test
  void the_deployment_of_the_page_runs() throws IOException {
    var one = List.<Map<String, ?>>of(Map.of("type", "input", "label", "x", "required", false));
    var text = Files.readString(PAGE);
    var body = BODY.matcher(text);
    assertThat(body.find()).isTrue();
    var sent = body.group(1);
    for (var task : List.of("BUILD", "DEPLOY", "REPORT")) {
      sent = sent.replace("'\"$" + task + "\"'", flow.task(one));
    }

    var made = supervisor.post("/workflows", MessageJson.mapper().readTree(sent));
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    var run = flow.run(made.text("/id"));
    flow.succeed(flow.claim(run, "build"), Map.of("output", List.of("h1", "h2", "h3")));
    await().until(() -> flow.steps(run).size() == 3);
    for (var i = 0; i < 3; i++) {
      flow.succeed(flow.claim(run, "deploy", i), null);
    }
    flow.succeed(flow.claim(run, "report"), null);

    assertThat(flow.ended(run).text("/state")).isEqualTo("success");
  }
}
