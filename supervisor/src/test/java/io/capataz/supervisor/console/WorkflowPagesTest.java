package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Workflows and their runs, as pages show them. */
class WorkflowPagesTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final Browser browser = Browser.signedIn(supervisor, supervisor.token());

  @Test
  void a_workflow_is_drawn_run_cancelled_and_tried_again() {
    var workflow = workflow();
    var page = page("/console/workflows/" + workflow);
    assertThat(page).contains(">build<", ">undo<", ">failure<", "class=\"node idle\"");
    assertThat(page("/console/workflows")).contains(workflow);
    assertThat(page("/console/workflows/" + workflow + "/run")).contains("Version");

    var started = browser.post("/console/workflows/" + workflow + "/run", Map.of("a0", "1.2"));
    var run = location(started.headers().firstValue("Location").orElseThrow());
    var path = "/acme/workflows/" + workflow + "/job/" + run.replaceAll(".*/", "");
    var job = supervisor.get(path + "/jobs").body().get(0);
    assertThat(job.at("/task_arguments_values/0").asString()).isEqualTo("1.2");
    assertThat(page(run))
        .contains("/console/jobs/" + job.path("id").asString(), "Cancel the run", "It is waiting");

    agent.open(List.of());
    var order = agent.claimHeard(job.path("id").asString());
    agent.started(order);
    assertThat(page(run)).contains("class=\"node running\"");
    agent.end(order, new Outcome.Succeeded());
    assertThat(page(run)).contains("class=\"node succeeded\"", "class=\"gantt\"");

    browser.post(run + "/cancel", Map.of());
    await().untilAsserted(() -> assertThat(page(run)).contains("data-ended=\"true\""));
    assertThat(page(run)).contains("Canceled", "Retry what failed");
    browser.post(run + "/retry", Map.of());
    assertThat(supervisor.get(path).body().path("state").asString()).isEqualTo("in_progress");
  }

  @Test
  void what_is_wrong_with_an_argument_is_beside_its_field() {
    var form = "/console/workflows/" + workflow() + "/run";

    var wrong = browser.post(form, Map.of("a0", "x".repeat(30)));

    assertThat(wrong.statusCode()).isEqualTo(422);
    assertThat(wrong.body()).contains("class=\"field bad\"", "value=\"" + "x".repeat(30) + "\"");
  }

  @Test
  void a_workflow_of_others_is_not_there() {
    var viewer = Browser.signedIn(supervisor, supervisor.tokenWith(Role.VIEWER));
    var workflow = workflow();

    assertThat(viewer.get("/console/workflows/" + workflow).statusCode()).isEqualTo(404);
    assertThat(viewer.get("/console/workflows/" + workflow + "/run").statusCode()).isEqualTo(403);
    assertThat(viewer.get("/console/workflows").body()).doesNotContain(workflow);
  }

  private String workflow() {
    var task =
        work.taskOn(
            agent,
            Map.of(
                "task_arguments",
                List.of(Map.of("type", "input", "label", "Version", "required", false))));
    var value = Map.of("task_id", task);
    var made =
        supervisor.post(
            "/acme/workflows",
            Map.of(
                "name",
                "<i>release</i>",
                "task_arguments",
                List.of(Map.of("type", "input", "label", "Version", "charsmax", 20)),
                "graph",
                Map.of(
                    "nodes",
                    List.of(
                        Map.of("v", "build", "value", value),
                        Map.of("v", "deploy", "value", value),
                        Map.of("v", "undo", "value", value)),
                    "edges",
                    List.of(
                        Map.of("v", "build", "w", "deploy", "value", "success"),
                        Map.of("v", "deploy", "w", "undo", "value", "failure")))));
    assertThat(made.status()).describedAs(made.body().toString()).isEqualTo(200);
    return made.body().path("id").asString();
  }

  private static String location(String address) {
    return address.substring(address.indexOf("/console"));
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    assertThat(answer.body()).doesNotContain("<i>release");
    return answer.body();
  }
}
