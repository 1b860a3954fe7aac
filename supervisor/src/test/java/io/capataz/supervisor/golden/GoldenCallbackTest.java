package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.callback.Receiver;
import io.capataz.supervisor.callback.Receiver.Reply;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import tools.jackson.databind.JsonNode;

/** As {@link GoldenWireTest}, for callbacks, their keys and their settings. */
class GoldenCallbackTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor supervisor =
      TestSupervisor.withClock(
          clock,
          "--capataz.outbound.allowed-networks=127.0.0.1/32",
          "--capataz.rate-limit.enabled=false");

  private final Receiver receiver = new Receiver();
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
    receiver.close();
    story.end();
  }

  @Test
  void callback_deliveries() {
    receiver.answers(new Reply(500, Map.of(), "down"));
    var agent = Agent.open(story, "web-1", 1);
    var task = "~/task/" + story.tellOf("a task", "POST", "~/task", task(agent)).text("/id");
    var made = story.tellOf("a job", "POST", task + "/job", json("{'task_arguments': ['tomato']}"));
    var job = "~/job/" + made.text("/id");
    story.tell("no callback yet", "GET", job + "/callbacks");
    agent.ends(
        agent.starts(), "{'type': 'succeeded'}", ", 'result': {'data': {'category': 'red'}}");
    tried(job, 1);
    story.tell("a callback that is tried again", "GET", job + "/callbacks");

    receiver.answers(410);
    clock.jump(Duration.ofSeconds(6));
    var id = tried(job, 2).at("/id").asString();
    story.tell("one that has failed", "GET", job + "/callbacks");
    story.tell("those that failed", "GET", "~/callback?state=failed");
    receiver.answers(200);
    story.tell("sent again", "POST", "~/callback/" + id + "/replay");
    tried(job, 3);
    story.tell("taken, and what was sent", "GET", "~/callback/" + id);
    story.tellOf("some sent again", "POST", "~/callback/replay", json("{'ids': ['%s']}", id));
    tried(job, 4);
    story.tellOf("all sent again that failed", "POST", "~/callback/replay", "{}");
    story.tell("a page", "GET", "~/callback?limit=1");
    story.tell("a state that there is not", "GET", "~/callback?state=lost");
    story.tell("a callback that there is not", "GET", "~/callback/" + "0".repeat(24) + "-end");
    story.tellOf(
        "no target",
        "POST",
        task + "/job",
        json("{'task_arguments': ['tomato'], 'callback_url': 'ftp://localhost'}"));
  }

  @Test
  void callback_settings() {
    story.tell("no target of one's own", "GET", "~/callback/profile");
    story.tellOf("one's own", "PUT", "~/callback/profile", json("{'callback_url': '%s'}", url()));
    story.tell("is shown", "GET", "~/callback/profile");
    var agent = Agent.open(story, "web-1", 1);
    var task = story.quietly("POST", "~/task", plainTask(agent)).at("/id").asString();
    story.tellOf("decides", "POST", "~/task/" + task + "/job", json("{'hold': true}"));
    story.tell("the organization's, unset", "GET", "~/callback/settings");
    story.tellOf(
        "set",
        "PUT",
        "~/callback/settings",
        json(
            "{'callback_url': 'https://hooks.example.org/all', 'origins':"
                + " ['https://hooks.example.org'], 'addresses': ['Robot@example.org']}"));
    story.tellOf(
        "mistakes",
        "PUT",
        "~/callback/settings",
        json("{'origins': ['hooks.example.org/a'], 'addresses': ['robot']}"));
  }

  @Test
  void callback_keys() {
    story.tell("none", "GET", "~/callback/key");
    key("for signatures", "{'use': 'signing'}");
    key("for tasks made with a test key", "{'use': 'test'}");
    var first = key("for the others", "{'use': 'live'}");
    key("another one, a minute later", "{'use': 'live', 'overlap': 60}");
    key("for what", "{'use': 'all'}");
    story.tell("all", "GET", "~/callback/key");
    story.tell("ended at once", "DELETE", "~/callback/key/" + first);
    story.tell("and no longer there", "DELETE", "~/callback/key/" + first);
  }

  /** Makes a key; they are listed by the time, so that goes on. */
  private String key(String what, String body) {
    var made = story.tellOf(what, "POST", "~/callback/key", json(body));
    clock.jump(Duration.ofSeconds(1));
    return made.text("/id");
  }

  private String url() {
    return receiver.url();
  }

  private static final String TASK =
      "{'name': 'categorization', 'host_id': '%s',"
          + " 'script': {'filename': 'x.sh', 'content': 'exit 0'}";

  private static String plainTask(Agent agent) {
    return json(TASK + "}", agent.host());
  }

  private String task(Agent agent) {
    return json(
        TASK
            + ", 'task_arguments': [{'type': 'input', 'label': 'attachment'}],"
            + " 'callback_url': '%s'}",
        agent.host(),
        url());
  }

  /** The job's callback, once what came of that many tries is known. */
  private JsonNode tried(String job, int times) {
    return await()
        .until(
            () -> story.quietly("GET", job + "/callbacks", null).at("/0"),
            it -> it.at("/tries").size() == times);
  }
}
