package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;

import io.capataz.supervisor.TestSupervisor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Tasks of clients as they go over the wire; see {@link GoldenWireTest}. */
class GoldenClientsTest {

  private static final TestSupervisor supervisor =
      TestSupervisor.with(
          "--capataz.direct-access.libraries=golden-clients/example_task2",
          "--capataz.rate-limit.enabled=false");

  private final Story story = new Story("clients", supervisor);

  @AfterAll
  static void stop() {
    supervisor.close();
  }

  @Test
  void clients() {
    var agent = Agent.open(story, "web-1", 1);
    register(agent.host());
    var token =
        story.tellOf(
            "a client token",
            "POST",
            "~/client-token",
            json("{'client': 'portal', 'libraries': ['example_task2']}"));
    story.tellOf(
        "a second one",
        "POST",
        "~/client-token",
        json("{'client': 'portal', 'libraries': ['example_task2']}"));
    story.tell("all tokens", "GET", "~/client-token");

    var tasks = "/api/example_task2/tasks/" + token.text("/token");
    var body = json("{'name': 'Matt', 'age': 25}");
    var task = tell("started", "POST", tasks + "/start/task2_with_args", body);
    var order = agent.starts();
    agent.quietly(
        Agent.route(order) + "/progress",
        json(
            "{'claim': '%s', 'before': 0, 'entries': [{'percent': 40, 'message': 'counting'}]}",
            Agent.claimOf(order)));
    tell("a task that runs", "GET", tasks + "/" + task, null);
    tell("its result, too early", "GET", tasks + "/result/" + task, null);
    agent.ends(order, "{'type': 'succeeded'}", ", 'result': {'state': 'success', 'data': 25}");
    tell("its result", "GET", tasks + "/result/" + task, null);
    tell("all tasks", "GET", tasks, null);
    tell("no arguments", "POST", tasks + "/start/task2_with_args", null);
    tell("no such task", "POST", tasks + "/start/nope", "{}");
    tell("not an object", "POST", tasks + "/start/task2_with_args", "[1]");
    story.tell("revoked", "DELETE", "~/client-token/" + token.text("/id"));
    tell("with a token that was revoked", "GET", tasks, null);

    var open = "/api/example_task2/task";
    var direct = tell("started without a token", "POST", open + "/start/task2_with_args", body);
    agent.ends(
        agent.starts(),
        "{'type': 'exited_with', 'code': 1}",
        ", 'result': {'state': 'failure', 'data': {'type': 'ValueError', 'message': 'no',"
            + " 'traceback': 'line 1'}}");
    tell("where it stands", "GET", open + "/status/" + direct, null);
    tell("the result of a failure", "GET", open + "/result/" + direct, null);
    var other = tell("another one", "POST", open + "/start/task2_with_args", body);
    agent.ends(
        agent.starts(),
        "{'type': 'succeeded'}",
        ", 'result': {'state': 'success', 'data': {'a': 1}}");
    tell("its result without a token", "GET", open + "/result/" + other, null);
    tell("a library that is not open", "GET", "/api/other/task/result/" + other, null);
    story.end();
  }

  private void register(String host) {
    var made =
        story.quietly(
            "POST",
            "/library",
            json(
                """
                {'libraryName': 'example_task2', 'name': 'task2_with_args', 'source': 'print(1)',
                 'host_id': '%s', 'apiAccess': true, 'endpoints': [{'name': 'run', 'parameters': [
                   {'name': 'name', 'type': 'str'}, {'name': 'age', 'type': 'int'}]}]}
                """,
                host));
    story.quietly(
        "PUT", "/library/" + made.at("/id").asString() + "/promote", json("{'level': 'O'}"));
  }

  /** Asks without a token in the head; the short id of a task that was started. */
  private String tell(String what, String method, String path, @Nullable String body) {
    return story.tellAs("", what, method, path, body).text("/task_id");
  }
}
