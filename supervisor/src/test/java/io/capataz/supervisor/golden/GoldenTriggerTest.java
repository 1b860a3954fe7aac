package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** As {@link GoldenWireTest}, for triggers and webhooks. */
class GoldenTriggerTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor supervisor = TestSupervisor.withClock(clock);

  private static final String SUCCEEDED = "{'type': 'succeeded'}";

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

  private String task(String name, Agent agent, String more) {
    return story
        .quietly(
            "POST",
            "~/task",
            json(
                "{'name': '%s', 'host_id': '%s', 'script': {'filename': 'x.sh', 'content': 'exit"
                    + " 0'}, 'task_arguments': [{'type': 'input', 'label': 'x', 'required': false}]"
                    + "%s}",
                name, agent.host(), json(more)))
        .at("/id")
        .asString();
  }

  @Test
  void triggers() {
    var agent = Agent.open(story, "web-1", 1);
    var build = task("build", agent, "");
    story.tell("the events of a task", "GET", "~/event?emitter_id=" + build);
    var event =
        story
            .tell("one that its script names", "GET", "~/event?emitter_id=" + build + "&name=mine")
            .text("/0/_id");
    story.tell("a page that does not fit", "GET", "~/event?limit=0");
    var deploy = task("deploy", agent, ", 'grace_time': 300, 'triggers': ['%s']".formatted(event));
    story.quietly("POST", "~/task/" + build + "/job", json("{'task_arguments': ['1.2']}"));
    agent.ends(
        agent.starts(),
        SUCCEEDED,
        ", 'result': {'event_name': 'mine', 'data': ['the build', 'dropped']}");
    var jobs = "~/job?task_id=" + deploy;
    var found =
        await()
            .until(() -> story.quietly("GET", jobs, null), list -> list.size() == 1)
            .at("/0/id")
            .asString();
    story.tell("it waits for its time", "GET", "~/job/" + found);
    story.tell("and is not started", "PUT", "~/job/" + found + "/cancel");
    var graph = json("{'nodes': [{'v': 'a', 'value': {'task_id': '%s'}}], 'edges': []}", deploy);
    var workflow =
        story.tellOf(
            "a workflow that the same event starts",
            "POST",
            "~/workflows",
            json("{'name': 'release', 'triggers': ['%s'], 'graph': ", event) + graph + "}");
    story.tell("its events", "GET", "~/event?emitter_id=" + workflow.text("/id"));
  }

  @Test
  void webhooks() {
    var agent = Agent.open(story, "web-1", 1);
    var made =
        story.tellOf(
            "a webhook", "POST", "~/webhook", json("{'name': 'deploy', 'acls': ['user']}"));
    story.tellOf("its name is taken", "POST", "~/webhook", json("{'name': 'deploy'}"));
    story.tell("the list", "GET", "~/webhook");
    story.tell("by its name", "GET", "~/webhook/deploy");
    var event =
        story.tell("its event", "GET", "~/event?emitter_id=" + made.text("/id")).text("/0/_id");
    var task = task("deploy", agent, ", 'triggers': ['%s']".formatted(event));
    var off = task("disabled", agent, ", 'enable': false, 'triggers': ['%s']".formatted(event));
    var workflow =
        story.quietly(
            "POST",
            "~/workflows",
            json("{'name': 'release', 'triggers': ['%s'], 'graph': ", event)
                + json("{'nodes': [{'v': 'a', 'value': {'task_id': '%s'}}], 'edges': []}}", off));
    var path = "~/webhook/deploy";
    var key = path + "/trigger/secret/" + made.text("/secret");
    story.tellAs("", "called with its key", "POST", key, json("['1.2']"), "webhook-id", "m1");
    story.tellAs("", "and again", "POST", key, json("['1.2']"), "webhook-id", "m1");
    clock.jump(Duration.ofSeconds(1));
    story.tellAs(
        story.token(Role.USER),
        "called with a token",
        "POST",
        path + "/trigger",
        "some text",
        "Content-Type",
        "text/plain");
    story.tellAs("", "with a wrong key", "POST", path + "/trigger/secret/wrong", "{}");
    var first = story.tell("its deliveries", "GET", path + "/delivery").text("/0/id");
    clock.jump(Duration.ofSeconds(1));
    story.tell("one again", "POST", path + "/delivery/" + first + "/replay");
    story.tell("a job of it", "GET", "~/job?limit=1&task_id=" + task);
    story.tellOf(
        "verified", "PUT", path, json("{'verification': 'gitlab', 'signing_secret': 'of gitlab'}"));
    clock.jump(Duration.ofSeconds(1));
    var signed = "~/webhook/" + made.text("/id") + "/trigger/signed";
    story.tellAs("", "signed", "POST", signed, "{}", "X-Gitlab-Token", "of gitlab");
    story.tellAs("", "not signed", "POST", signed, "{}");
    story.tell("its secrets", "GET", path + "/credentials");
    var rotated = story.tellOf("a new key", "POST", path + "/secret", json("{'overlap': 60}"));
    story.tell("a key ends", "DELETE", path + "/secret/" + rotated.text("/secret_keys/0/id"));
    story.quietly("PUT", path, json("{'enable': false}"));
    story.tellAs("", "disabled", "POST", signed, "{}", "X-Gitlab-Token", "of gitlab");
    story.tell("what was refused", "GET", "~/audit?status=409&object=" + off);
    story.tell("removed", "DELETE", path);
    story.tell("and gone", "GET", path);
    story.tell(
        "a run that it has started",
        "GET",
        "~/workflows/" + workflow.at("/id").asString() + "/job?limit=1");
  }
}
