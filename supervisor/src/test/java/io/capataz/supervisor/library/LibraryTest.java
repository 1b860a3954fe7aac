package io.capataz.supervisor.library;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.TestTokens;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A Python function is registered, promoted, and called over HTTP; seed 000. */
class LibraryTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String library = "Lib_" + UUID.randomUUID().toString().replace("-", "");

  /** A member who may run tasks and no more. */
  private final String user = supervisor.tokenWith(Role.USER);

  private static Map<String, Object> parameter(String name, String type) {
    return Map.of("name", name, "type", type);
  }

  private Map<String, Object> function() {
    return new HashMap<>(
        Map.of(
            "libraryName",
            library,
            "name",
            "age",
            "source",
            "print(1)\n",
            "host_id",
            agent.host(),
            "sourceControl",
            "noAccess",
            "apiAccess",
            true,
            "deployable",
            true,
            "description",
            "how old somebody is",
            "endpoints",
            List.of(
                Map.of(
                    "name",
                    "run",
                    "parameters",
                    List.of(
                        parameter("year", "int"),
                        parameter("name", "str"),
                        Map.of(
                            "name",
                            "unit",
                            "type",
                            "str",
                            "required",
                            false,
                            "default",
                            "years"))))));
  }

  private Map<String, Object> classTask() {
    var body = function();
    body.put("name", "Ages");
    body.put("kind", "class");
    body.put(
        "endpoints",
        List.of(
            Map.of("name", "run", "parameters", List.of(parameter("year", "int"))),
            Map.of("name", "twice", "parameters", List.of(parameter("what", "json")))));
    return body;
  }

  private String registered(Map<String, Object> body) {
    var answer = supervisor.post("/library", body);
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    return answer.text("/id");
  }

  private String promoted(Map<String, Object> body) {
    var id = registered(body);
    assertThat(supervisor.put("/library/" + id + "/promote", Map.of("level", "O")).status())
        .isEqualTo(200);
    return id;
  }

  private static Map<String, Object> call(String id, Map<String, ?> arguments) {
    return new HashMap<>(Map.of("id", id, "arguments", arguments));
  }

  /** What the caller is answered, when an agent has done what is said here. */
  private Answer called(Map<String, ?> call, Consumer<WorkOrder> run) throws Exception {
    return calledBy(user, call, run);
  }

  private Answer calledBy(String token, Map<String, ?> call, Consumer<WorkOrder> run)
      throws Exception {
    var waiting = CompletableFuture.supplyAsync(() -> supervisor.postAs(token, "/resource", call));
    agent.open(List.of());
    run.accept(claimed());
    return waiting.get(10, TimeUnit.SECONDS);
  }

  private WorkOrder claimed() {
    return org.awaitility.Awaitility.await()
        .until(() -> agent.claim(TestAgent.newClaimId(), 1), orders -> !orders.isEmpty())
        .getFirst();
  }

  private static void failed(Answer answer, int status, String message) {
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(status);
    assertThat(answer.text("/status")).isEqualTo("failed");
    assertThat(answer.text("/message")).contains(message);
  }

  @Test
  void a_function_becomes_an_ordinary_task_and_its_value_the_answer() throws Exception {
    var id = promoted(function());
    var order = new WorkOrder[1];
    var person = TestPerson.loggedIn(supervisor, Role.USER);

    var answer =
        calledBy(
            person.session(),
            call(id, Map.of("name", "Ann", "year", 1984)),
            claimed -> {
              order[0] = claimed;
              agent.started(claimed);
              agent.returned(
                  claimed,
                  new Outcome.Succeeded(),
                  Map.of("state", "success", "data", List.of(39, "years")));
            });

    assertThat(answer.raw().body())
        .isEqualTo("{\"status\":\"success\",\"data\":[39,\"years\"],\"dataFormat\":\"json\"}");
    assertThat(order[0].arguments()).containsExactly("1984", "Ann", "years", "json");
    assertThat(order[0].script().filename()).isEqualTo("age.py");
    assertThat(TestAgent.script(order[0]).asUtf8()).isEqualTo("print(1)\n");
    assertThat(order[0].environment())
        .containsEntry("CAPATAZ_USER_EMAIL", person.email())
        .containsEntry("CAPATAZ_USER_NAME", person.get("/session").text("/principal/name"));

    var view = supervisor.get("/library/" + id);
    assertThat(view.text("/version")).isEqualTo("0.1");
    assertThat(view.text("/level")).isEqualTo("O");
    var task = supervisor.get("/task/" + view.text("/task_id"));
    assertThat(task.text("/library")).isEqualTo(library);
    assertThat(
            task.body()
                .path("task_arguments")
                .valueStream()
                .map(argument -> argument.path("label").asString()))
        .containsExactly("year", "name", "unit", "result format");
    var job = supervisor.get("/job/" + order[0].job());
    assertThat(job.text("/origin")).isEqualTo("api");
  }

  @Test
  void what_a_function_raises_is_an_error_with_its_traceback() throws Exception {
    var id = promoted(function());

    var answer =
        called(
            call(id, Map.of("name", "Ann", "year", 0)),
            claimed ->
                agent.returned(
                    claimed,
                    new Outcome.ExitedWith(1),
                    Map.of(
                        "state",
                        "failure",
                        "data",
                        Map.of("type", "ValueError", "message", "year 0", "traceback", "line 7"))));

    failed(answer, 422, "ValueError: year 0");
    assertThat(answer.text("/error/type")).isEqualTo("ValueError");
    assertThat(answer.text("/error/traceback")).isEqualTo("line 7");
    assertThat(answer.text("/job")).hasSize(24);
  }

  @Test
  void what_never_ran_says_why() throws Exception {
    var id = promoted(function());
    var call = call(id, Map.of("name", "Ann", "year", 0));

    failed(
        called(call, run -> agent.end(run, new Outcome.CouldNotStart("There is no python3."))),
        422,
        "There is no python3.");
    failed(called(call, run -> agent.end(run, new Outcome.Succeeded())), 422, "returned nothing");
    failed(called(call, run -> agent.end(run, new Outcome.TimedOut())), 422, "600 seconds");
  }

  @Test
  void a_class_is_called_at_one_of_its_endpoints() throws Exception {
    var id = promoted(classTask());
    var call = call(id, Map.of("what", List.of(1)));
    call.put("endpoint", "twice");
    var order = new WorkOrder[1];

    called(
        call,
        claimed -> {
          order[0] = claimed;
          agent.returned(claimed, new Outcome.Succeeded(), Map.of("data", 78));
        });

    assertThat(order[0].arguments()).containsExactly("twice", "{\"what\":[1]}", "json");
    call.put("endpoint", "thrice");
    failed(supervisor.postAs(user, "/resource", call), 404, "no endpoint `thrice`");
    assertThat(supervisor.postAs(user, "/resource", call).text("/message")).contains("run, twice");
  }

  @Test
  void arguments_are_checked_before_there_is_a_job() {
    var id = promoted(function());

    var wrong = supervisor.postAs(user, "/resource", call(id, Map.of("year", "x", "day", 1)));

    failed(wrong, 400, "3 invalid fields");
    assertThat(wrong.body().path("errors").findValuesAsString("pointer"))
        .containsExactlyInAnyOrder("/arguments/year", "/arguments/name", "/arguments/day");
    assertThat(wrong.body().path("errors").findValuesAsString("detail"))
        .contains("must be of the type int, a text is not.", "is required.");
    for (var year : List.of("true", "1.5", "null", "[1]")) {
      failed(
          supervisor.postAs(
              user,
              "/resource",
              Map.of("id", id, "arguments", Map.of("name", "x", "year", json(year)))),
          400,
          "/arguments/year");
    }
    failed(
        supervisor.postAs(
            user, "/resource", call(id, Map.of("year", 1, "name", "x".repeat(140_000)))),
        400,
        "at most 131071 bytes");
  }

  private static JsonNode json(String text) {
    return io.capataz.common.protocol.MessageJson.mapper().readTree(text);
  }

  @Test
  void what_is_not_promoted_is_for_its_author() {
    var id = registered(function());
    var call = call(id, Map.of("year", 1, "name", "x"));

    failed(supervisor.postAs(user, "/resource", call), 403, "has been promoted");
    call.put("version", 0.1);
    failed(
        supervisor.postAs(user, "/resource", call),
        403,
        "Version 0.1 of the task age has not been");
    assertThat(supervisor.getAs(user, "/library?library=" + library).body().size()).isZero();
    assertThat(supervisor.getAs(user, "/library/" + id).status()).isEqualTo(404);
    assertThat(supervisor.get("/library?library=" + library).body().size()).isEqualTo(1);
    supervisor.put("/library/" + id + "/promote", Map.of("level", "P", "version", "0.10"));
    assertThat(supervisor.getAs(user, "/library?library=" + library).body().size()).isEqualTo(1);
    assertThat(supervisor.getAs(user, "/library?name=other&library=" + library).body().size())
        .isZero();
  }

  @Test
  void what_is_not_opened_is_for_those_who_work_with_the_library() {
    var body = function();
    body.put("apiAccess", false);
    body.put("deployable", false);
    var id = promoted(body);
    var call = call(id, Map.of("year", 1, "name", "x"));

    failed(supervisor.postAs(user, "/resource", call), 403, "not open to callers");
    call.remove("id");
    call.put("isDeploy", true);
    failed(supervisor.postAs(user, "/library/" + id + "/run", call), 403, "cannot be deployed");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.1", "\"0.1\"", "0.10", "\"0.10\""})
  void versions_are_compared_by_value(String version) throws Exception {
    var first = function();
    first.put("source", "first");
    var id = promoted(first);
    supervisor.post("/library", function());
    var order = new WorkOrder[1];
    var call = call(id, Map.of("year", 1, "name", "x"));
    call.put("version", json(version));

    var answer =
        called(
            call,
            claimed -> {
              order[0] = claimed;
              agent.returned(claimed, new Outcome.Succeeded(), Map.of("data", 1));
            });

    assertThat(answer.status()).isEqualTo(200);
    assertThat(TestAgent.script(order[0]).asUtf8()).isEqualTo("first");
  }

  @Test
  void versions_go_up_by_a_tenth_and_can_be_chosen_and_removed() {
    var id = registered(function());
    for (var i = 2; i <= 10; i++) {
      supervisor.post("/library", function());
    }
    var view = supervisor.get("/library/" + id);
    assertThat(view.text("/version")).isEqualTo("1.0");
    assertThat(view.body().path("versions").findValuesAsString("version"))
        .startsWith("0.1", "0.2")
        .endsWith("0.9", "1.0");

    var chosen = supervisor.put("/library/" + id + "/version", Map.of("version", "0.2"));
    assertThat(chosen.text("/version")).isEqualTo("0.2");
    var removed = supervisor.ask("DELETE", "/library/" + id + "/version/0.2", null);
    assertThat(removed.text("/version")).isEqualTo("1.0");
    failed(
        supervisor.put("/library/" + id + "/version", Map.of("version", 0.2)),
        404,
        "has no version 0.2. Its versions: 0.1, 0.3");
    supervisor.ask("DELETE", "/library/" + id + "/version/1.0", null);
    assertThat(supervisor.post("/library", function()).text("/version")).isEqualTo("1.1");
    failed(
        supervisor.put("/library/" + id + "/promote", Map.of("level", "U")),
        409,
        "already in level U");

    var task = view.text("/task_id");
    assertThat(supervisor.get("/task/" + task).status()).isEqualTo(200);
    assertThat(supervisor.ask("DELETE", "/library/" + id, null).status()).isEqualTo(200);
    assertThat(supervisor.get("/library/" + id).status()).isEqualTo(404);
    assertThat(supervisor.get("/task/" + task).status()).isEqualTo(404);
    assertThat(registered(function())).isEqualTo(id);
    failed(
        supervisor.ask("DELETE", "/library/" + id + "/version/0.1", null), 409, "is the only one");
  }

  @Test
  void a_source_is_shown_as_its_author_wants() {
    var id = promoted(function());
    var path = "/library/" + id + "/version/0.1/source";
    assertThat(supervisor.get(path).text("/source")).isEqualTo("print(1)\n");
    failed(supervisor.getAs(user, path), 403, "sourceControl is noAccess");
    var body = function();
    body.put("sourceControl", "view");
    promoted(body);
    assertThat(supervisor.getAs(user, "/library/" + id + "/version/0.2/source").text("/source"))
        .isEqualTo("print(1)\n");
  }

  @Test
  void a_deployed_call_is_answered_at_once() throws Exception {
    var id = promoted(function());
    var call = call(id, Map.of("year", 1, "name", "x"));
    call.put("isDeploy", true);

    var handle = supervisor.postAs(user, "/resource", call);

    assertThat(handle.text("/status")).isEqualTo("success");
    var waiting =
        CompletableFuture.supplyAsync(() -> supervisor.getAs(user, handle.text("/data/result")));
    agent.open(List.of());
    agent.returned(claimed(), new Outcome.Succeeded(), Map.of("data", "done"));
    assertThat(waiting.get(10, TimeUnit.SECONDS).text("/data")).isEqualTo("done");
    failed(
        supervisor.getAs(supervisor.tokenWith(Role.USER), handle.text("/data/result")),
        404,
        "job was not found");
  }

  @Test
  void a_table_is_sent_as_its_host_wrote_it() throws Exception {
    var id = promoted(function());
    var call = call(id, Map.of("year", 1, "name", "x"));
    call.put("returnType", "arrow");

    var answer =
        called(
            call,
            claimed -> {
              assertThat(claimed.arguments().getLast()).isEqualTo("arrow");
              agent.print(claimed, Stream.STDOUT, 0, "a ta");
              agent.print(claimed, Stream.STDOUT, 4, "ble");
              agent.returned(
                  claimed, new Outcome.Succeeded(), Map.of("data", Map.of("rows", 1, "bytes", 7)));
            });

    assertThat(answer.raw().body()).isEqualTo("a table");
    assertThat(answer.raw().headers().firstValue("Content-Type"))
        .hasValue("application/vnd.apache.arrow.stream");
    failed(
        called(
            call,
            claimed ->
                agent.returned(
                    claimed,
                    new Outcome.Succeeded(),
                    Map.of("data", Map.of("rows", 1, "bytes", 7)))),
        422,
        "The table has 7 bytes");
  }

  @ParameterizedTest
  @CsvSource({"JWT ", "JWT%20", "JWT+", "JWT%2520", "''"})
  void the_token_may_be_in_the_query(String before) {
    var path = "/resource?token=" + before.replace(" ", "%20") + supervisor.token();
    var answer = supervisor.postAs(null, path, Map.of("id", UUID.randomUUID().toString()));

    failed(answer, 404, "The API task was not found");
  }

  @Test
  void a_token_in_the_query_is_for_this_route_and_must_be_the_only_one() {
    var twice = supervisor.post("/resource?token=" + supervisor.token(), Map.of("id", "x"));
    assertThat(twice.status()).isEqualTo(401);
    assertThat(supervisor.postAs(null, "/task?token=" + supervisor.token(), Map.of()).status())
        .isEqualTo(401);
    failed(supervisor.postAs(null, "/resource", Map.of("id", "x")), 401, "needs a token");
  }

  @Test
  void another_organization_knows_nothing_of_it() {
    var id = promoted(function());
    var stranger = TestTokens.issue(supervisor, "other-" + UUID.randomUUID(), Role.OWNER);

    failed(supervisor.postAs(stranger, "/resource", call(id, Map.of())), 404, "was not found");
    assertThat(supervisor.getAs(stranger, "/library/" + id).status()).isEqualTo(404);
    assertThat(supervisor.getAs(stranger, "/library").body().size()).isZero();
  }

  @Test
  void a_registration_that_is_wrong_says_all_of_it() {
    var body = function();
    body.put("libraryName", "two words");
    body.put("sourceControl", "all");
    body.put("taskType", "x");
    body.put("kind", "module");
    body.put(
        "endpoints",
        List.of(
            Map.of(
                "name",
                "go",
                "parameters",
                List.of(
                    Map.of("name", "a", "type", "int", "required", false, "default", "x"),
                    Map.of("name", "a", "type", "complex")))));

    var answer = supervisor.post("/library", body);

    failed(answer, 400, "invalid fields");
    assertThat(answer.body().path("errors").findValuesAsString("pointer"))
        .contains(
            "/libraryName",
            "/sourceControl",
            "/taskType",
            "/kind",
            "/endpoints",
            "/endpoints/0/parameters",
            "/endpoints/0/parameters/0/default",
            "/endpoints/0/parameters/1/type");
    var nowhere = function();
    nowhere.remove("host_id");
    nowhere.put("pool", "nothing");
    failed(supervisor.post("/library", nowhere), 400, "existing pool");
    assertThat(supervisor.postAs(user, "/library", function()).status()).isEqualTo(403);
  }

  @Test
  void a_disabled_or_removed_task_says_so() {
    var id = promoted(function());
    var task = supervisor.get("/library/" + id).text("/task_id");
    var call = call(id, Map.of("year", 1, "name", "x"));
    supervisor.ask("PATCH", "/task/" + task, Map.of("enable", false));
    failed(supervisor.postAs(user, "/resource", call), 409, "The task is disabled");
    supervisor.ask("DELETE", "/task/" + task, null);
    failed(supervisor.postAs(user, "/resource", call), 409, "was removed");
    assertThat(promoted(function())).isEqualTo(id);
    assertThat(supervisor.get("/task/" + task).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "text/html", "text/x-python"})
  void a_refusal_says_why_whatever_is_accepted(String accepted) {
    var source = "/library/" + promoted(function()) + "/version/0.1/source";

    var refused =
        supervisor.send(
            supervisor
                .request(source)
                .header("Authorization", "Bearer " + user)
                .header("Accept", accepted)
                .GET());

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.raw().headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(refused.text("/status")).isEqualTo("failed");
  }

  @Test
  void a_refusal_says_why_whatever_fields_are_chosen() {
    var refused = supervisor.get("/resource/job/0123456789abcdef01234567?fields=data");

    assertThat(refused.status()).isEqualTo(404);
    assertThat(refused.text("/message")).contains("The job");
  }
}
