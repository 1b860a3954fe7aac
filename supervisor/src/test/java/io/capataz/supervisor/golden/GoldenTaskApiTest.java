package io.capataz.supervisor.golden;

import static io.capataz.supervisor.golden.Story.json;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.callback.Receiver;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** As {@link GoldenWireTest}, for the task API. */
class GoldenTaskApiTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor supervisor =
      TestSupervisor.withClock(
          clock,
          "--capataz.outbound.allowed-networks=127.0.0.1/32",
          "--capataz.rate-limit.enabled=false");
  private static final Receiver receiver = new Receiver();

  private final Story story = new Story("task-api", supervisor);

  @AfterAll
  static void stop() {
    supervisor.close();
    receiver.close();
  }

  @Test
  void task_api() {
    var agent = Agent.open(story, "web-1", 1);
    story.quietly(
        "POST",
        "~/task",
        json(
            """
            {'name': 'categorization', 'host_id': '%s',
             'script': {'filename': 'x.sh', 'content': 'exit 0'},
             'task_arguments': [{'type': 'input', 'label': 'attachment'},
               {'type': 'input', 'label': 'categories', 'required': false}]}
            """,
            agent.host()));
    var first = told();
    tellRest(first);
    ends(agent, first);
    tell("sent again", "POST", first + "/send-callback", null);
    tell("as older clients do", "GET", first + "/send-callback", null);
    tell("too late to cancel it", "POST", first + "/cancel", null);

    var second = "task/" + form().text("/task_id");
    tell("the newest", "GET", "tasks?limit=1", null);
    var next = tell("of a type", "GET", "tasks?limit=1&type=categorization", null);
    tell("the next page", "GET", "tasks?limit=1&next_token=" + next.text("/next_token"), null);
    tell("in short", "GET", "tasks?status=completed&limited_response=true", null);
    tell("canceled", "POST", second + "/cancel?clear_unique_id=true", null);
    tell("no callback to send", "POST", second + "/send-callback", null);
    tell("a filter that is wrong", "GET", "tasks?limit=0&start_time=soon", null);
    tell("no such task", "GET", "task/" + "0".repeat(24), null);
    tell("no such type", "POST", "task/none", "{}");
    story.tellAs("", "a wrong key", "GET", "/v1/tasks", null, "Authorization", basic("live_none"));
    story.end();
  }

  /** Makes the first task; its path. */
  private String told() {
    var made =
        tell(
            "a task",
            "POST",
            "task/categorization",
            json(
                """
                {'instruction': 'Is it red or blue?', 'attachment': 'tomato',
                 'categories': ['red', 'blue'], 'metadata': {'order': 7}, 'tags': ['fruit'],
                 'unique_id': 'order-7', 'project': 'colours', 'batch': 'monday',
                 'urgency': 'day', 'callback_url': '%s'}
                """,
                receiver.url()));
    return "task/" + made.text("/task_id");
  }

  private void tellRest(String task) {
    tell(
        "a second one",
        "POST",
        "task/categorization",
        json("{'attachment': 'x', 'unique_id': 'order-7'}"));
    tell(
        "a field that is no parameter",
        "POST",
        "task/categorization",
        json("{'attachment': 'x', 'atachment': 'y'}"));
    tell("too early", "POST", task + "/send-callback", null);
    tell("other metadata", "POST", task + "/setMetadata", json("{'docs': {'order': 8}}"));
    tell("other tags", "POST", task + "/tags", json("['red', 'round']"));
    tell("more tags", "PUT", task + "/tags", json("['soft']"));
    tell("fewer tags", "DELETE", task + "/tags", json("['red']"));
    tell("no tags", "POST", task + "/tags", "[1]");
    tell("another id", "POST", task + "/unique_id", json("{'unique_id': 'order-8'}"));
    tell("no id", "DELETE", task + "/unique_id", null);
  }

  private void ends(Agent agent, String task) {
    var order = agent.starts();
    clock.jump(Duration.ofSeconds(1));
    agent.ends(order, "{'type': 'succeeded'}", ", 'result': {'data': {'category': 'red'}}");
    await().until(() -> ask(task).body(), shown -> shown.has("callback_succeeded_at"));
    await()
        .until(
            () -> ask("tasks?status=completed").body().at("/total").asInt(),
            Integer.valueOf(1)::equals);
    tell("its end", "GET", task, null);
  }

  private Answer form() {
    return story.tellAs(
        story.owner(),
        "a form, with a Bearer token",
        "POST",
        "/v1/task/categorization/",
        "attachment=tomato&categories%5B%5D=red&categories%5B%5D=blue",
        "Content-Type",
        "application/x-www-form-urlencoded");
  }

  /** Asks as its clients do, with the key as the user of Basic authentication. */
  private Answer tell(String what, String method, String path, @Nullable String body) {
    return story.tellAs("", what, method, "/v1/" + path, body, "Authorization", key());
  }

  private Answer ask(String path) {
    return story.ask("", "GET", "/v1/" + path, null, "Authorization", key());
  }

  private String key() {
    return basic("live_" + story.owner());
  }

  private static String basic(String key) {
    var user = (key + ":").getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(user);
  }
}
