package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** As {@link GoldenWireTest}, for schedules. */
class GoldenScheduleTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor supervisor = TestSupervisor.withClock(clock);

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
  void task_schedules() {
    var agent = Agent.open(story, "web-1", 1);
    var body =
        "{'name': 'report', 'host_id': '%s', 'script': {'filename': 'x.sh', 'content': 'exit 0'},"
            + " 'task_arguments': [{'type': 'input', 'label': 'who'},"
            + " {'type': 'input', 'label': 'key', 'masked': true}]}";
    var task = story.quietly("POST", "~/task", json(body, agent.host())).at("/id").asString();
    var all =
        "{'description': 'the report', 'cron': '0 0 1 1 *', 'zone': 'Europe/Madrid',"
            + " 'at': '2999-01-01T00:00:00Z', 'from': '2998-01-01T00:00:00Z',"
            + " 'until': '3000-01-01T00:00:00Z', 'overlap': 'cancel', 'missed': 'all',"
            + " 'missed_limit': 7, 'horizon': 60, 'task_arguments': ['ann', 'hush']}";
    var path = "~/task/" + task + "/schedule";
    var made = story.tellOf("a schedule with everything", "POST", path, json(all));
    var schedule = "~/schedule/" + made.text("/id");
    story.tellOf("a preview", "POST", path + "/preview?count=2", json(all));
    story.tell("those of the task", "GET", path);
    story.tell("shown", "GET", schedule);
    story.tell("its next instants", "GET", schedule + "/next?count=2");
    story.tellOf(
        "one is passed over", "PUT", schedule + "/skip", json("{'at': '2999-01-01T00:00:00Z'}"));
    story.tellOf(
        "paused",
        "PUT",
        schedule + "/pause",
        json("{'until': '2999-06-01T00:00:00Z', 'note': 'freeze'}"));
    story.tell("resumed", "PUT", schedule + "/resume");
    story.tell("stopped", "PUT", "~/scheduler/" + made.text("/id") + "/stop");
    story.tell("started", "PUT", "~/scheduler/" + made.text("/id") + "/start");
    story.tellOf("moved", "PUT", schedule + "/cursor", json("{'to': '2999-06-01T00:00:00Z'}"));
    story.tellOf(
        "replaced",
        "PUT",
        schedule,
        json("{'every': 3600, 'at': '2999-01-01T00:00:00Z', 'task_arguments': ['a', 'b']}"));
    story.tell("removed", "DELETE", schedule);
    story.tell(
        "removed once more, as in seed 004's system", "DELETE", "~/scheduler/" + made.text("/id"));
    story.tellOf("nothing said", "POST", path, "{}");
    var other = story.quietly("POST", path, json(all)).at("/id").asString();
    story.tell("removed as in seed 004's system", "DELETE", "~/scheduler/" + other);
    ticks(path);
  }

  private void ticks(String path) {
    var made =
        story.quietly(
            "POST",
            path,
            json(
                "{'every': 600, 'at': '%s', 'task_arguments': ['a', 'b']}",
                clock.instant().plusSeconds(300)));
    var schedule = "~/schedule/" + made.at("/id").asString();
    clock.jump(Duration.ofSeconds(901));
    await().until(() -> story.quietly("GET", schedule, null).at("/recent").size() == 2);
    clock.jump(Duration.ofMinutes(10));
    await().until(() -> story.quietly("GET", schedule, null).at("/recent").size() == 3);
    story.tell("what came of its instants", "GET", schedule);
    story.tell("the list", "GET", "~/schedule");
    story.tell("the plan", "GET", "~/schedule/plan?until=" + clock.instant().plusSeconds(700));
    story.tell("what was not started", "GET", "~/schedule/missed?since=2000-01-01T00:00:00Z");
  }

  @Test
  void workflow_schedules() {
    var agent = Agent.open(story, "web-1", 1);
    var body =
        "{'name': 'a', 'host_id': '%s', 'script': {'filename': 'x.sh', 'content': 'exit 0'}}";
    var task = story.quietly("POST", "~/task", json(body, agent.host())).at("/id").asString();
    var graph =
        "{'name': 'w', 'graph': {'nodes': [{'v': 'a', 'value': {'task_id': '%s'}}], 'edges': []}}";
    var workflow = story.quietly("POST", "~/workflows", json(graph, task)).at("/id").asString();
    var path = "~/workflows/" + workflow + "/schedule";
    var cron = json("{'cron': '0 0 1 1 *', 'until': '2999-01-01T00:00:00Z'}");
    story.tellOf(
        "a schedule", "POST", path, json("{'at': '2999-02-03 10:11', 'zone': 'Asia/Tokyo'}"));
    story.tellOf("a preview", "POST", path + "/preview?count=1", json("{'at': '2999-01-01'}"));
    story.tell("those of the workflow", "GET", path);
    story.tellOf("for a stranger", "POST", "~/workflows/" + task + "/schedule", cron);
  }
}
