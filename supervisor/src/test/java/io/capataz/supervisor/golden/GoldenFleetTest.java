package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestSupervisor;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** As {@link GoldenWireTest}, for fleet runs. */
class GoldenFleetTest {

  private static final TestSupervisor supervisor = TestSupervisor.shared();

  private Story story = new Story("none", supervisor);

  @BeforeEach
  void begin(TestInfo test) {
    story = new Story(test.getTestMethod().orElseThrow().getName().replace('_', '-'), supervisor);
  }

  @AfterEach
  void end() {
    story.end();
  }

  private void awaitState(String run, String state) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> story.quietly("GET", run, null).at("/state").asString(), state::equals);
  }

  @Test
  void fleet_runs() {
    var one = Agent.open(story, "web-1", 1);
    var two = Agent.open(story, "web-2", 1);
    var body =
        "{'name': 'patch', 'host_id': '%s', 'script': {'filename': 'x.sh', 'content': 'exit 0'}}";
    var task = story.quietly("POST", "~/task", json(body, one.host())).at("/id").asString();
    var path = "~/task/" + task + "/fleet";
    var all =
        "{'hosts': ['web-1', 'web-2'], 'waves': '1, rest', 'at_once': 5, 'failure_budget': '50 %%',"
            + " 'between': 0, 'approval': 'last', 'off': 'wait', 'off_until':"
            + " '%s', 'task_arguments': []}";
    var until = Instant.now(Clock.systemUTC());
    var made =
        story.tellOf(
            "a fleet run",
            "POST",
            path,
            json(all, until.plus(Duration.ofDays(1))),
            "Idempotency-Key",
            "k");
    var run = "~/fleet/" + made.text("/id");
    story.tell("its hosts", "GET", run + "/host");
    one.ends(one.starts(), "{'type': 'exited_with', 'code': 3}");
    awaitState(run, "paused");
    story.tell("so many have failed that it pauses", "GET", run);
    story.tell("the failed ones", "GET", run + "/host?state=failed");
    story.tellOf("resumed too early", "PUT", run + "/resume", "{}");
    story.tellOf("only the failed are tried again", "PUT", run + "/retry", "{}");
    one.beats();
    two.beats();
    story.tellOf("resumed", "PUT", run + "/resume", json("{'failure_budget': 2}"));
    one.ends(one.starts(), "{'type': 'succeeded'}");
    awaitState(run, "waiting");
    two.beats();
    story.tell("the last wave waits for an approval", "GET", run);
    story.tell("approved", "PUT", run + "/approve");
    story.tell("approved twice", "PUT", run + "/approve");
    two.ends(two.starts(), "{'type': 'succeeded'}");
    awaitState(run, "success");
    story.tell("ended", "GET", run);
    story.tell("the matrix", "GET", run + "/host");
    story.tellOf(
        "repeated by a schedule",
        "POST",
        run + "/schedule",
        json("{'at': '2999-01-01T00:00:00Z'}"));
    story.tell("the schedules", "GET", run + "/schedule");
    decided(task, one, two);
    story.tell("those of the task", "GET", path + "?limit=1");
    story.tell("all", "GET", "~/fleet?limit=1");
  }

  private void decided(String task, Agent one, Agent two) {
    one.beats();
    two.beats();
    var pool = json("{'name': 'web', 'hosts': ['%s', '%s']}", one.host(), two.host());
    story.quietly("POST", "~/pool", pool);
    var path = "~/task/" + task + "/fleet";
    var made = story.quietly("POST", path, json("{'pool': 'web', 'at_once': 1}"));
    var run = "~/fleet/" + made.at("/id").asString();
    story.tellOf("paused", "PUT", run + "/pause", json("{'note': 'a freeze'}"));
    story.tellOf("skipped", "PUT", run + "/skip", json("{'host': 'web-2', 'note': 'too old'}"));
    story.tellOf("not while it runs", "PUT", run + "/skip", json("{'host': 'web-1'}"));
    story.quietly("PUT", run + "/cancel", null);
    awaitState(run, "canceled");
    story.tell("canceled twice", "PUT", run + "/cancel");
    story.tellOf("paused after its end", "PUT", run + "/pause", "{}");
    story.tellOf(
        "waves of another kind", "POST", path, json("{'hosts': ['web-3'], 'waves': 'rest, 1'}"));
  }
}
