package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;

import io.capataz.supervisor.TestSupervisor;
import org.junit.jupiter.api.Test;

/** As {@link GoldenWireTest}, for the figures of jobs. */
class GoldenStatisticsTest {

  private final Story story = new Story("statistics", TestSupervisor.shared());

  @Test
  void statistics() {
    var agent = Agent.open(story, "web-1", 1);
    var task =
        story
            .quietly(
                "POST",
                "~/task",
                json(
                    "{'name': 'x', 'host_id': '%s', 'script': {'filename': 'x.sh', 'content':"
                        + " 'exit 0'}}",
                    agent.host()))
            .at("/id")
            .asString();
    story.quietly("POST", "~/task/" + task + "/job", "{}");
    agent.ends(agent.starts(), "{'type': 'succeeded'}", "");

    story.tell("a week of a task", "GET", "~/job/statistics?window=week&task=" + task);
    story.tell("a window that is none", "GET", "~/job/statistics?window=year");
    story.end();
  }
}
