package io.capataz.supervisor.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSocket;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/** Clients start API tasks by name and follow them; seed 002. */
class ClientTasksTest {

  private static final String LIBRARY = "example_task2";
  private static final String ID = "[0-9a-f]{8}";
  private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}";

  private static final TestSupervisor supervisor =
      TestSupervisor.with(
          "--capataz.direct-access.libraries=acme/" + LIBRARY,
          "--capataz.rate-limit.enabled=false");

  private static final TestAgent agent = TestAgent.enrolled(supervisor);

  private final String client = "client-" + UUID.randomUUID();

  @BeforeAll
  static void register() {
    agent.open(List.of());
    var parameters =
        List.of(
            Map.of("name", "name", "type", "str"),
            Map.of("name", "age", "type", "int"),
            Map.of("name", "unit", "type", "str", "required", false, "default", "years"));
    register(LIBRARY, "task2_with_args", true, parameters);
    register(LIBRARY, "task1", true, List.of());
    register(LIBRARY, "whole", true, List.of(Map.of("name", "task_args", "type", "json")));
    register(LIBRARY, "helper", false, List.of());
    register("another_library", "task1", true, List.of());
  }

  private static void register(
      String library, String name, boolean open, List<? extends Map<String, ?>> parameters) {
    var task =
        supervisor.post(
            "/library",
            Map.of(
                "libraryName",
                library,
                "name",
                name,
                "source",
                "print(1)\n",
                "host_id",
                agent.host(),
                "apiAccess",
                open,
                "endpoints",
                List.of(Map.of("name", "run", "parameters", parameters))));
    assertThat(task.status()).as(task.raw().body()).isEqualTo(200);
    var promoted =
        supervisor.put("/library/" + task.text("/id") + "/promote", Map.of("level", "O"));
    assertThat(promoted.status()).isEqualTo(200);
  }

  @AfterAll
  static void stop() {
    supervisor.close();
  }

  @Test
  void a_client_starts_a_task_and_gets_its_result() {
    var tasks = tasks(token(LIBRARY));

    var started = sent(tasks + "/start/task2_with_args", "{\"name\": \"Ana\", \"age\": 31}");
    assertThat(started.raw().body()).matches("\\{\"task_id\":\"" + ID + "\"}");
    var id = started.text("/task_id");
    var waiting = got(tasks + "/" + id);
    assertThat(waiting.text("/status")).isEqualTo("Starting");
    assertThat(waiting.text("/progress")).isEqualTo("0");
    assertThat(waiting.text("/created_at")).matches(TIME);

    var order = claimed(id);
    assertThat(order.arguments()).containsExactly("Ana", "31", "years", "json");
    agent.started(order);
    report(order, 0, 40, "counting");
    var running = got(tasks + "/" + id);
    assertThat(running.text("/id")).isEqualTo(id);
    assertThat(running.text("/name")).isEqualTo("Task2 With Args");
    assertThat(running.text("/status")).isEqualTo("Processing");
    assertThat(running.text("/progress")).isEqualTo("40");
    assertThat(running.text("/message")).isEqualTo("counting");
    var early = got(tasks + "/result/" + id);
    assertThat(early.status()).isEqualTo(400);
    assertThat(early.text("/detail"))
        .isEqualTo("Task " + id + " not completed. Current status: Processing");

    agent.returned(order, new Outcome.Succeeded(), Map.of("data", "Completed for Ana"));
    assertThat(got(tasks + "/result/" + id).raw().body()).isEqualTo("\"Completed for Ana\"");
    var all = got(tasks);
    assertThat(all.text("/all_tasks/" + id + "/status")).isEqualTo("Completed");
    assertThat(all.text("/all_tasks/" + id + "/progress")).isEqualTo("100");
    assertThat(supervisor.get("/acme/job?origin=client").body().findValuesAsString("id"))
        .contains(order.job());
  }

  @Test
  void what_a_function_raises_is_in_the_status() {
    var tasks = tasks(token(LIBRARY));
    var id = sent(tasks + "/start/task1", null).text("/task_id");

    raise(claimed(id));

    var failed = got(tasks + "/" + id);
    assertThat(failed.text("/status")).isEqualTo("Error: ValueError: no");
    assertThat(failed.text("/result/error")).isEqualTo("ValueError: no");
    assertThat(got(tasks + "/result/" + id).text("/detail")).endsWith("Current status: Error");
  }

  @Test
  void one_object_can_take_all_arguments() {
    var id = sent(tasks(token(LIBRARY)) + "/start/whole", "{\"a\": [1], \"b\": {}}");

    assertThat(id.status()).isEqualTo(200);
    assertThat(claimed(id.text("/task_id")).arguments().getFirst())
        .isEqualTo("{\"a\":[1],\"b\":{}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "nope   | {}                 | 404 | Task nope not found",
        "helper | {}                 | 400 | Task helper is not open to callers.",
        "task2_with_args | {}        | 400 | Parameters are required for input model 'task_args'"
            + " but none were provided.",
        "task2_with_args | null      | 400 | Parameters are required for input model 'task_args'"
            + " but none were provided.",
        "task2_with_args | {\"name\": \"A\", \"age\": \"x\"} | 400 | Invalid parameters for input"
            + " model: /arguments/age",
      })
  void what_cannot_be_started_is_refused(String task, String body, int status, String detail) {
    var state = sent(tasks(token(LIBRARY)) + "/start/" + task, body);
    assertThat(state.status()).isEqualTo(status);
    assertThat(state.text("/error")).isEqualTo("true");
    assertThat(state.text("/code")).isEqualTo("" + status);
    assertThat(state.text("/message")).startsWith(detail);
    assertThat(state.text("/detail")).startsWith(detail);
    assertThat(state.body().path("data").isObject()).isTrue();

    var direct = sent("/api/" + LIBRARY + "/task/start/" + task, body);
    assertThat(direct.status()).isEqualTo(status);
    assertThat(direct.body().propertyNames()).containsExactly("detail");
    assertThat(direct.text("/detail")).startsWith(detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\": x} | application/json                  | json_invalid",
        "[1]        | application/json                  | dict_type",
        "\"text\"   | application/json                  | dict_type",
        "name=Ana   | application/x-www-form-urlencoded | dict_type",
        "name       | text/plain                        | dict_type",
      })
  void a_body_that_is_no_object_is_422(String body, String type, String kind) {
    for (var path :
        List.of(tasks(token(LIBRARY)) + "/start/task1", "/api/" + LIBRARY + "/task/start/task1")) {
      var answer =
          supervisor.send(
              supervisor
                  .request(path)
                  .header("Content-Type", type)
                  .POST(BodyPublishers.ofString(body)));
      assertThat(answer.status()).as(answer.raw().body()).isEqualTo(422);
      assertThat(answer.text("/detail/0/type")).isEqualTo(kind);
      assertThat(answer.text("/detail/0/loc/0")).isEqualTo("body");
      assertThat(answer.body().at("/detail/0/msg").isString()).isTrue();
      if (kind.equals("json_invalid")) {
        assertThat(answer.body().at("/detail/0/loc/1").isNumber()).isTrue();
      }
    }
  }

  @Test
  void a_token_is_for_its_libraries_and_its_clients_tasks_alone() {
    var key = token(LIBRARY);
    var id = sent(tasks(key) + "/start/task1", "{}").text("/task_id");
    var other = token("another_library", LIBRARY);

    assertThat(sent("/api/another_library/tasks/" + key + "/start/task1", "{}").status())
        .isEqualTo(404);
    assertThat(got(tasks(other) + "/" + id).status()).isEqualTo(404);
    assertThat(got("/api/another_library/tasks/" + other + "/" + id).status()).isEqualTo(404);
    assertThat(got("/api/" + LIBRARY + "/task/result/" + id).status()).isEqualTo(404);
    assertThat(got(tasks(other)).body().path("all_tasks")).isEmpty();
    assertThat(got(tasks("cpz_ct_nonsense")).status()).isEqualTo(404);
    assertThat(supervisor.getAs(key, "/acme/job").status()).isEqualTo(401);
  }

  @Test
  void a_client_has_one_token_that_is_shown_once() {
    var body = Map.of("client", client, "libraries", List.of(LIBRARY));
    var made = supervisor.post("/acme/client-token", body);
    assertThat(made.text("/token")).startsWith("cpz_ct_");

    var again = supervisor.post("/acme/client-token", body);
    assertThat(again.status()).isEqualTo(409);
    var listed = supervisor.get("/acme/client-token?client=" + client);
    assertThat(listed.text("/0/id")).isEqualTo(made.text("/id"));
    assertThat(listed.raw().body()).doesNotContain(made.text("/token"));

    var revoke = "/acme/client-token/" + made.text("/id");
    assertThat(supervisor.ask("DELETE", revoke, null).status()).isEqualTo(200);
    assertThat(supervisor.ask("DELETE", revoke, null).status()).isEqualTo(404);
    assertThat(got(tasks(made.text("/token"))).status()).isEqualTo(404);
    assertThat(supervisor.post("/acme/client-token", body).status()).isEqualTo(200);
    assertThat(
            supervisor
                .post("/acme/client-token", Map.of("client", "x", "libraries", List.of()))
                .status())
        .isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/ws/", "/api/"})
  void a_clients_socket_tells_of_its_task_until_it_has_ended(String prefix) throws Exception {
    var key = token(LIBRARY);
    var id = sent(tasks(key) + "/start/task1", null).text("/task_id");

    try (var socket = TestSocket.open(supervisor, prefix + LIBRARY + "/tasks/" + key + "/" + id)) {
      var first = socket.next();
      assertThat(first.at("/type").asString()).isEqualTo("state_update");
      assertThat(first.at("/data/status").asString()).isEqualTo("Starting");
      var order = claimed(id);
      agent.started(order);
      report(order, 0, 66, null);
      socket.next(it -> it.at("/data/progress").asInt() == 66);
      agent.returned(order, new Outcome.Succeeded(), Map.of("data", 7));
      var last = socket.next(it -> it.at("/data/status").asString().equals("Completed"));
      assertThat(last.at("/data/result").asInt()).isEqualTo(7);
      assertThat(last.at("/data/timestamp").asString()).matches(TIME);
      assertThat(socket.closed()).isEqualTo(1000);
    }
    try (var unknown =
        TestSocket.open(supervisor, prefix + LIBRARY + "/tasks/" + key + "/00000000")) {
      assertThat(unknown.closed()).isEqualTo(1000);
      assertThat(unknown.isQuiet()).isTrue();
    }
  }

  @Test
  void a_clients_socket_tells_of_all_tasks_until_its_token_is_revoked() throws Exception {
    var made = made(LIBRARY);
    var key = made.text("/token");
    var id = sent(tasks(key) + "/start/task1", null).text("/task_id");

    try (var all = TestSocket.open(supervisor, "/ws/" + LIBRARY + "/tasks/" + key);
        var one = TestSocket.open(supervisor, "/ws/" + LIBRARY + "/tasks/" + key + "/" + id)) {
      assertThat(all.next().at("/data/all_tasks/" + id + "/status").asString())
          .isEqualTo("Starting");
      var order = claimed(id);
      agent.started(order);
      all.next(it -> it.at("/data/all_tasks/" + id + "/status").asString().equals("Processing"));

      supervisor.ask("DELETE", "/acme/client-token/" + made.text("/id"), null);

      assertThat(all.closed()).isEqualTo(1008);
      assertThat(one.closed()).isEqualTo(1008);
      agent.end(order, new Outcome.Succeeded());
    }
    assertThat(TestSocket.refused(supervisor, "/ws/" + LIBRARY + "/tasks/" + key)).isEqualTo(404);
  }

  @Test
  void anybody_starts_a_task_of_an_open_library() throws Exception {
    var task = "/api/" + LIBRARY + "/task";
    var id = sent(task + "/start/task2_with_args", "{\"name\": \"Matt\", \"age\": 25}");
    assertThat(id.raw().body()).matches("\\{\"task_id\":\"" + ID + "\"}");
    var taskId = id.text("/task_id");

    try (var socket = TestSocket.open(supervisor, "/ws/" + LIBRARY + "/task/ws/" + taskId)) {
      var history = socket.next();
      assertThat(history.at("/type").asString()).isEqualTo("history");
      assertThat(history.at("/data/task_id").asString()).isEqualTo(taskId);
      assertThat(history.at("/data/history/0/status").asString()).isEqualTo("Starting");
      assertThat(history.at("/data/history/0/progress").asInt(-1)).isZero();
      assertThat(history.at("/data/history/0/timestamp").asString()).matches(TIME);
      var update = socket.next();
      assertThat(update.at("/type").asString()).isEqualTo("status_update");
      assertThat(update.at("/data").propertyNames())
          .contains("task_id", "status", "progress", "result", "error", "timestamp");

      var order = claimed(taskId);
      agent.started(order);
      report(order, 0, 10, "a");
      report(order, 1, 20, null);
      var told = 0;
      while (told < 20) {
        var news = socket.next(it -> it.at("/type").asString().equals("new_history"));
        for (var entry : news.at("/data/new_entries")) {
          assertThat(entry.path("progress").asInt(0)).isGreaterThanOrEqualTo(told);
          told = entry.path("progress").asInt(told);
        }
        assertThat(socket.next().at("/type").asString()).isEqualTo("status_update");
      }
      agent.returned(order, new Outcome.Succeeded(), Map.of("data", List.of(1, 2)));
      var end =
          socket.next(it -> it.at("/data/new_entries/0/status").asString().equals("Completed"));
      assertThat(end.at("/type").asString()).isEqualTo("new_history");
      var last = socket.next();
      assertThat(last.at("/type").asString()).isEqualTo("status_update");
      assertThat(last.at("/data/status").asString()).isEqualTo("Completed");
      assertThat(last.at("/data/progress").asInt()).isEqualTo(100);
      assertThat(socket.closed()).isEqualTo(1000);
    }
    assertThat(got(task + "/result/" + taskId).raw().body()).isEqualTo("{\"result\":[1,2]}");
    assertThat(got(task + "/status/" + taskId).text("/status")).isEqualTo("Completed");
  }

  @Test
  void who_comes_late_gets_history_and_one_last_update() throws Exception {
    var id = sent("/api/" + LIBRARY + "/task/start/task1", null).text("/task_id");
    raise(claimed(id));

    try (var late = TestSocket.open(supervisor, "/ws/" + LIBRARY + "/task/ws/" + id)) {
      assertThat(late.next().at("/data/history").valueStream().toList().getLast().path("status"))
          .hasToString("\"Error\"");
      var last = late.next();
      assertThat(last.at("/data/status").asString()).isEqualTo("Error");
      assertThat(last.at("/data/error").asString()).isEqualTo("ValueError: no");
      assertThat(late.closed()).isEqualTo(1000);
      assertThat(late.isQuiet()).isTrue();
    }
    try (var unknown = TestSocket.open(supervisor, "/ws/" + LIBRARY + "/task/ws/00000000")) {
      var only = unknown.next();
      assertThat(only.at("/type").asString()).isEqualTo("status_update");
      assertThat(only.at("/data/status").asString()).isEqualTo("NOT_FOUND");
      assertThat(only.at("/data/message").asString()).isEqualTo("Task 00000000 not found");
      assertThat(unknown.closed()).isEqualTo(1000);
    }
  }

  @Test
  void a_library_that_is_not_open_is_not_there_without_a_token() {
    assertThat(sent("/api/another_library/task/start/task1", "{}").raw().body())
        .isEqualTo("{\"detail\":\"Not Found\"}");
    assertThat(got("/api/another_library/task/result/00000000").status()).isEqualTo(404);
    assertThat(TestSocket.refused(supervisor, "/ws/another_library/task/ws/00000000"))
        .isEqualTo(403);
  }

  @Test
  void the_short_id_goes_with_the_job() {
    var id = sent("/api/" + LIBRARY + "/task/start/task1", null).text("/task_id");
    var order = claimed(id);
    agent.returned(order, new Outcome.Succeeded(), Map.of("data", 1));
    var task = supervisor.get("/acme/job/" + order.job()).text("/task_id");

    supervisor.ask("DELETE", "/acme/task/" + task + "/job?lifecycle=finished", null);

    assertThat(got("/api/" + LIBRARY + "/task/result/" + id).status()).isEqualTo(404);
  }

  private Answer made(String... libraries) {
    var name = client + "-" + UUID.randomUUID();
    return supervisor.post(
        "/acme/client-token", Map.of("client", name, "libraries", List.of(libraries)));
  }

  private String token(String... libraries) {
    return made(libraries).text("/token");
  }

  private static String tasks(String key) {
    return "/api/" + LIBRARY + "/tasks/" + key;
  }

  private static Answer got(String path) {
    return supervisor.send(supervisor.request(path).GET());
  }

  private static Answer sent(String path, @Nullable String body) {
    var request = supervisor.request(path);
    return supervisor.send(
        body == null
            ? request.POST(BodyPublishers.noBody())
            : request
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body)));
  }

  private static WorkOrder claimed(String taskId) {
    var started =
        supervisor
            .context()
            .getBean(MongoOperations.class)
            .findOne(Query.query(Criteria.where(ClientTask::taskId).is(taskId)), ClientTask.class);
    return agent.claimHeard(Objects.requireNonNull(started).job());
  }

  private static void raise(WorkOrder order) {
    agent.started(order);
    agent.returned(
        order,
        new Outcome.ExitedWith(1),
        Map.of(
            "state",
            "failure",
            "data",
            Map.of("type", "ValueError", "message", "no", "traceback", "line 1")));
  }

  private static void report(WorkOrder order, long before, int percent, @Nullable String message) {
    var report =
        new ProgressReport(
            order.claim(), before, List.of(new ProgressReport.Entry(percent, message)));
    var path = "jobs/" + order.job() + "/attempts/" + order.attempt() + "/progress";
    assertThat(agent.say(path, report).status()).isEqualTo(204);
  }
}
