package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import tools.jackson.databind.JsonNode;

/** As {@link GoldenWireTest}, for workflows and their runs. */
class GoldenWorkflowTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor supervisor = TestSupervisor.withClock(clock);

  private static final String SUCCEEDED = "{'type': 'succeeded'}";
  private static final String EXITED = "{'type': 'exited_with', 'code': 1}";

  private Story story = new Story("none", supervisor);

  @AfterAll
  static void stop() {
    supervisor.close();
  }

  @BeforeEach
  void begin(TestInfo test) {
    story = new Story(test.getTestMethod().orElseThrow().getName().replace('_', '-'), supervisor);
  }

  @AfterEach
  void end() {
    story.end();
  }

  @Test
  void workflow_graphs() {
    var agent = Agent.open(story, "web-1", 1);
    var build = task("build", agent);
    var nodes =
        "'nodes': [{'v': 'build', 'value': {'task_id': '%s', 'timeout': 60}},"
            + " {'v': 'deploy', 'value': {'task_id': '%s', 'join': 'any',"
            + " 'arguments': {'what': '/output/0'}}}]";
    var edges = "'edges': [{'v': 'build', 'w': 'deploy', 'value': 'success'}]";
    var graph = json("{" + nodes + ", " + edges + "}", build, task("deploy", agent));
    var made =
        story.tellOf(
            "a workflow",
            "POST",
            "~/workflows",
            json("{'name': 'release', 'acls': ['user'], 'start_task_id': 'build', 'graph': ")
                + graph
                + "}");
    var workflow = "~/workflows/" + made.text("/id");
    story.tell("shown", "GET", workflow);
    story.tell("the graph", "GET", workflow + "/graph");
    story.tell("the list", "GET", "~/workflows?limit=1");
    story.tellOf("replaced", "PUT", workflow, json("{'name': 'release', 'graph': ") + graph + "}");
    story.tellOf(
        "replaced in vain",
        "PUT",
        workflow,
        json("{'name': 'release', 'graph': ") + graph + "}",
        "If-Match",
        "\"1\"");
    story.tellOf(
        "mistakes",
        "POST",
        "~/workflows",
        json(
            "{'name': 'x', 'graph': {'nodes': [{'v': 'a', 'value': {'task_id':"
                + " '0123456789abcdef01234567', 'join': 2}}], 'edges': [{'v': 'a', 'w': 'b'}]}}"));
    story.tellOf("shown to users", "PUT", workflow + "/acl", json("{'users': ['user']}"));
    story.tellOf(
        "and to viewers",
        "PATCH",
        workflow + "/acl",
        json("{'users': ['viewer'], 'action': 'add'}"));
    story.tell("to whom", "GET", workflow + "/acl");
    story.tell("to administrators only", "DELETE", workflow + "/acl");
    story.tell("its keys", "GET", workflow + "/credentials");
    var second = story.tellOf("a key", "POST", workflow + "/secret", json("{'overlap': 60}"));
    story.quietly("POST", workflow + "/secret/" + second.text("/secret") + "/job", "{}");
    var keys = story.tell("a key that was used", "GET", workflow + "/credentials");
    var last = keys.text("/secret_keys/0/id");
    story.tell("a key ends", "DELETE", workflow + "/secret/" + last);
    story.tell("and is no longer there", "DELETE", workflow + "/secret/" + last);
  }

  @Test
  void workflow_runs() {
    var agent = Agent.open(story, "web-1", 1);
    var ann = story.person("ann@example.org");
    var workflow = deployment(agent);
    var run = tellRun("started with a list", workflow, json("['1.2']"));
    story.tell("the run", "GET", run);
    story.tell("why it waits", "GET", run + "/why");
    story.tell("not to be tried again yet", "PUT", run + "/retry");
    ends(agent, SUCCEEDED, ", 'result': {'data': [['a', 'b']]}");
    ends(agent, SUCCEEDED, ", 'result': {'data': ['A']}");
    ends(agent, EXITED, ", 'exit_code': 1");
    ended(run);
    story.tell("failed", "GET", run);
    story.tell("its jobs", "GET", run + "/jobs");
    story.tell("its timeline", "GET", run + "/timeline");
    story.tell("tried again", "PUT", run + "/retry");
    ends(agent, SUCCEEDED, ", 'result': {'data': ['B']}");
    ends(agent, SUCCEEDED, ", 'result': {'data': ['done']}");
    ended(run);
    story.tell("its result", "GET", run + "/result");
    var after = story.tell("its timeline after the retry", "GET", run + "/timeline");
    var inner = after.body().valueStream().filter(step -> step.has("run_id")).findFirst();
    story.tell(
        "the run of a step",
        "GET",
        "~/workflows/" + inner(workflow) + "/job/" + inner.orElseThrow().get("run_id").asString());
    story.tellOf("shown to users", "PUT", run + "/acl", json("['user']"));
    story.tell("the runs", "GET", workflow + "/job?limit=1");
    story.tell("also", "GET", workflow + "/jobs?limit=1");

    var second = tellRun("started with names", workflow, json("{'task_arguments': {'what': 'x'}}"));
    story.tell("no result yet", "GET", second + "/result?timeout=0");
    // How far it is when that is answered, nobody knows; again, it has ended.
    story.quietly("PUT", second + "/cancel", null);
    ended(second);
    story.tell("canceled again", "PUT", second + "/cancel");
    story.tell("has been canceled", "GET", second);
    var third = story.tellAs(ann, "by a person", "POST", workflow + "/job", "{}");
    ends(agent, SUCCEEDED, ", 'result': {'data': ['no list']}");
    ended(workflow + "/job/" + third.text("/id"));
    story.tell(
        "a step that could not begin", "GET", workflow + "/job/" + third.text("/id") + "/timeline");
    story.tell("nothing to try again", "PUT", run + "/retry");
    story.tellOf("by its id as a task's", "POST", "/job", json("{'task': '%s'}", idOf(workflow)));
  }

  @Test
  void workflow_keys() {
    var agent = Agent.open(story, "web-1", 1);
    var workflow = deployment(agent);
    var key = story.quietly("GET", workflow + "/credentials", null).at("/secret").asString();
    var path = workflow + "/secret/" + key + "/job";
    story.tellAs("", "by its key", "POST", path, "{}");
    ends(agent, EXITED, ", 'exit_code': 1");
    var led = story.tellAs("", "led to the result", "POST", path + "?wait_result=true", "{}");
    var result = led.raw().headers().firstValue("Location").orElse("");
    ends(agent, EXITED, ", 'exit_code': 1");
    story.tellAs("", "the result by the key", "GET", result, null);
    story.tellAs("", "a wrong key", "POST", workflow + "/secret/wrong/job", "{}");
    story.tellAs(
        "",
        "a run of another",
        "GET",
        result.replaceAll("/job/\\w+", "/job/" + "0".repeat(24)),
        null);
  }

  /** Build, then deploy each item of a list, then a workflow of one step. */
  private String deployment(Agent agent) {
    var inner =
        workflow(
            "inner",
            "'nodes': [{'v': 'n', 'value': {'task_id': '"
                + task("report", agent)
                + "'}}], 'edges': []");
    return workflow(
        "release",
        "'nodes': [{'v': 'build', 'value': {'task_id': '%s', 'name': 'Build'}},"
                .formatted(task("build", agent))
            + " {'v': 'deploy', 'value': {'task_id': '%s', 'for_each': {'in': '/output/0',"
                .formatted(task("deploy", agent))
            + " 'limit': 1}}},"
            + " {'v': 'report', 'value': {'workflow_id': '%s'}}],".formatted(idOf(inner))
            + " 'edges': [{'v': 'build', 'w': 'deploy', 'value': 'success'},"
            + " {'v': 'deploy', 'w': 'report', 'value': 'success'}]");
  }

  private String workflow(String name, String graph) {
    var made =
        story.quietly(
            "POST",
            "~/workflows",
            json("{'name': '" + name + "', 'acls': ['user'], 'graph': {" + graph + "}}"));
    return "~/workflows/" + made.at("/id").asString();
  }

  private String inner(String workflow) {
    return story.quietly("GET", workflow, null).findPath("workflow_id").asString();
  }

  private static String idOf(String workflow) {
    return workflow.substring(workflow.lastIndexOf('/') + 1);
  }

  private String task(String name, Agent agent) {
    var body =
        "{'name': '%s', 'host_id': '%s', 'script': {'filename': 'x.sh', 'content': 'exit 0'},"
            + " 'task_arguments': [{'type': 'input', 'label': 'what', 'required': false}]}";
    return story.quietly("POST", "~/task", json(body, name, agent.host())).at("/id").asString();
  }

  private String tellRun(String what, String workflow, String body) {
    return workflow + "/job/" + story.tellOf(what, "POST", workflow + "/job", body).text("/id");
  }

  /** Claims the next job, which may be made a moment later, and ends it; each takes a second. */
  private void ends(Agent agent, String outcome, String more) {
    var orders = new ArrayList<JsonNode>();
    await()
        .until(
            () -> {
              agent.claims(1).forEach(orders::add);
              return !orders.isEmpty();
            });
    var order = orders.getFirst();
    clock.jump(Duration.ofSeconds(1));
    var started = agent.quietly(Agent.route(order) + "/started", Agent.started(order));
    assertThat(started.status()).isEqualTo(204);
    clock.jump(Duration.ofSeconds(1));
    agent.ends(order, outcome, more + ", 'ran': 'PT1S'");
  }

  private void ended(String run) {
    await()
        .until(
            () ->
                !List.of("in_progress")
                    .contains(story.quietly("GET", run, null).path("state").asString("")));
  }
}
