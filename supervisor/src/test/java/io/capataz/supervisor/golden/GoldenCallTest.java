package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** As {@link GoldenWireTest}, for tasks that call others. */
class GoldenCallTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor supervisor = TestSupervisor.withClock(clock);

  @AfterAll
  static void stop() {
    supervisor.close();
  }

  @Test
  void what_runs_may_start() {
    var story = new Story("what-runs-may-start", supervisor);
    var agent = Agent.open(story, "web-1", 1);
    var function =
        "{'libraryName': 'numbers', 'name': '%s', 'source': 'print(1)', 'host_id': '%s', 'calls':"
            + " [%s], 'endpoints': [{'name': 'run', 'parameters': []}]}";
    story.tellOf(
        "a function that is called", "POST", "/library", json(function, "one", agent.host(), ""));
    var sum =
        story
            .tellOf(
                "a function that calls it",
                "POST",
                "/library",
                json(function, "sum", agent.host(), json("'numbers.one'")))
            .text("/task_id");
    story.tell("the task that runs it", "GET", "/task/" + sum);
    story.tellOf(
        "a call of what nobody has registered",
        "POST",
        "/library",
        json(function, "sum", agent.host(), json("'numbers.two', 'two'")));
    story.end();
  }
}
