package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestSupervisor;
import org.junit.jupiter.api.Test;

/** Live events as they go over the wire; see {@link GoldenWireTest}. */
class GoldenEventsTest {

  private final Story story = new Story("live-events", TestSupervisor.shared());

  @Test
  void live_events() {
    var agent = Agent.open(story, "web-1", 2);
    var task =
        story
            .quietly(
                "POST",
                "~/task",
                json(
                    "{'name': 'nightly', 'host_id': '%s', 'script': {'filename': 'x.sh', 'content':"
                        + " 'exit 3'}}",
                    agent.host()))
            .at("/id")
            .asString();
    var job = story.quietly("POST", "~/task/" + task + "/job", "{}").at("/id").asString();
    var order = agent.starts();
    agent.quietly(
        Agent.route(order) + "/progress",
        json(
            "{'claim': '%s', 'before': 0, 'entries': [{'percent': 40, 'message': 'copying'}]}",
            Agent.claimOf(order)));

    story.tell("what there is to follow", "GET", "~/events?task=" + task);
    agent.ends(order, "{'type': 'exited_with', 'code': 3}", ", 'exit_code': 3");
    story.tell("a job that has ended", "GET", "~/job/" + job + "/events");
    story.tell("the same as a stream", "GET", "/job/" + job + "/events", STREAM);
    story.tell("after its last event", "GET", "/job/" + job + "/events?last_event_id=end", STREAM);
    story.tell("an unknown parameter", "GET", "~/events?taks=1");

    var workflow = story.quietly("POST", "~/workflows/import?host_id=" + agent.host(), WORKFLOW);
    var run =
        story
            .quietly("POST", "~/workflows/" + workflow.at("/id").asString() + "/job", "{}")
            .at("/id")
            .asString();
    // The job is changed once more when it has been announced.
    var jobs = "~/events?workflow_run=" + run;
    await().until(() -> story.quietly("GET", jobs, null).at("/jobs/0/rev").asInt() == 1);
    story.tell("a run's jobs", "GET", jobs);
    story.end();
  }

  private static final String[] STREAM = {"Accept", "text/event-stream"};

  private static final String WORKFLOW =
      json(
          """
          {'name': 'any', 'tasks': [{'id': 'a', 'type': 'script', 'name': 'first',
            'script': {'filename': 'x.sh', 'data': 'ZXhpdCAw'}}],
           'graph': {'nodes': [{'v': 'a'}], 'edges': []}}
          """);
}
