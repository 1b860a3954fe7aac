package io.capataz.supervisor.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nonsense gets a clear 4xx as problem+json, never a 5xx. */
class BadInputTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "nope",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1} trailing",
        "[[[",
        "{\"name\":\"\\ud800\"",
        "\u0000",
        "{\"name\":NaN}",
        "{'name':'x'}"
      })
  void broken_json_is_400_and_says_where(String body) {
    var answer = send("/acme/task", "application/json", body);

    assertProblem(answer, 400, "invalid_json");
    assertThat(answer.text("/detail")).contains("line");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "-1", "application/xml;q=0.1"})
  void whatever_is_accepted_the_answer_is_json_and_nothing_is_done_behind_a_refusal(
      String accepted) {
    var pool = supervisor.post("/acme/pool", Map.of("name", "p-" + UUID.randomUUID())).text("/id");

    var removed =
        supervisor.send(
            supervisor
                .request("/acme/pool/" + pool)
                .header("Authorization", "Bearer " + supervisor.token())
                .header("Accept", accepted)
                .DELETE());

    assertThat(removed.status()).describedAs(removed.raw().body()).isEqualTo(200);
    assertThat(removed.raw().headers().firstValue("Content-Type")).hasValue("application/json");
  }

  @Test
  void a_number_that_no_type_holds_is_400() {
    var answer = send("/acme/task", "application/json", "{\"name\":1e99999999999}");

    assertProblem(answer, 400, "invalid_json");
    assertThat(answer.text("/detail")).contains("number", "too large");
  }

  @Test
  void json_that_is_too_deep_is_400() {
    assertProblem(
        send("/acme/task", "application/json", "{\"a\":" + "[".repeat(100) + "]".repeat(100) + "}"),
        400,
        "invalid_json");
  }

  @Test
  void a_body_that_is_too_large_is_413() {
    assertProblem(
        send("/acme/task", "application/json", "\"" + "x".repeat(8 * 1024 * 1024) + "\""),
        413,
        "too_large");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a=%ff", "a=%e9", "%c0%80=b", "a=%f0%9f", "a=%ed%a0%80", "a=%", "a=%4", "a=%zz"})
  void a_form_that_is_no_text_is_400_and_not_replaced_by_something_else(String form) {
    assertProblem(
        send("/acme/task", "application/x-www-form-urlencoded", form), 400, "invalid_encoding");
  }

  @Test
  void a_query_that_is_no_text_is_400() {
    assertProblem(supervisor.get("/acme/task?a=%ff"), 400, "invalid_encoding");
  }

  @Test
  void half_a_character_is_named_wherever_it_stands() {
    var answer =
        send(
            "/acme/task",
            "application/json",
            "{\"env\": {\"a/b\": [\"fine\", {\"c\": \"\\udc00\"}]}}");

    assertProblem(answer, 400, "invalid_input");
    assertThat(answer.text("/errors/0/pointer")).isEqualTo("/env/a~1b/1/c");
    assertProblem(send("/acme/task", "application/json", "{\"\\udc00\": 1}"), 400, "invalid_json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/plain", "application/xml", "application/octet-stream", "nonsense"})
  void another_type_of_body_is_415(String type) {
    assertProblem(send("/acme/task", type, "x"), 415, "unsupported_media_type");
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "1", "\"text\"", "null", "true"})
  void a_body_that_is_no_object_is_400(String body) {
    assertThat(send("/acme/task", "application/json", body).status()).isEqualTo(400);
  }

  @Test
  void every_wrong_field_is_named_at_once() {
    var answer =
        send(
            "/acme/task",
            "application/json",
            """
            {"name": 7, "host_id": {"$ne": null}, "script": {"filename": "../etc/passwd", "content": ""},
             "timeout": -1, "env": {"LD_PRELOAD": "x", "1A": "y"}, "task_arguments": [{"type": "magic"}],
             "priority": 101, "max_parallel": 0, "multitasking": "no", "max_attempts": 21,
             "on_lost": "perhaps", "retry_delay": -1, "concurrency_key": "nobody", "concurrency_limit": 0,
             "surprise/field": true}
            """);

    assertProblem(answer, 400, "invalid_input");
    assertThat(answer.body().at("/errors").findValuesAsString("pointer"))
        .contains(
            "/name",
            "/host_id",
            "/script/filename",
            "/script/content",
            "/timeout",
            "/env/LD_PRELOAD",
            "/task_arguments/0/type",
            "/priority",
            "/max_parallel",
            "/multitasking",
            "/max_attempts",
            "/on_lost",
            "/retry_delay",
            "/concurrency_key",
            "/concurrency_limit",
            "/surprise~1field");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"max_parallel\": 3, \"multitasking\": false}",
        "{\"concurrency_limit\": 3}",
        "{\"on_lost\": \"retry\"}",
        "{\"pool\": \"0123456789abcdef01234567\"}"
      })
  void fields_that_contradict_each_other_are_400(String more) {
    var body =
        "{\"name\": \"x\", \"host_id\": \""
            + TestAgent.enrolled(supervisor).host()
            + "\", \"script\": {\"filename\": \"x.sh\", \"content\": \"exit\"}, "
            + more.substring(1);

    assertProblem(send("/acme/task", "application/json", body), 400, "invalid_input");
  }

  @Test
  void a_task_without_a_script_says_so() {
    var answer =
        supervisor.post(
            "/acme/task", Map.of("name", "x", "host_id", TestAgent.enrolled(supervisor).host()));

    assertProblem(answer, 400, "invalid_input");
    assertThat(answer.text("/errors/0/pointer")).isEqualTo("/script");
  }

  @ParameterizedTest
  @CsvSource({
    "'[\"a\"]',                  wrong_count",
    "'[]',                       wrong_count",
    "'[\"\", \"b\"]',            required",
    "'[null, \"b\"]',            required",
    "'[\"a\", \"b\\u0000c\"]',   nul_character",
    "'[\"a\", \"\\ud83e\"]',      half_character",
    "'[\"a\", \"\\udd8a\\ud83e\"]', half_character",
    "'[{\"order\": 0, \"value\": \"a\"}, \"b\"]', without_order",
    "'[{\"order\": 7, \"value\": \"a\"}]', unknown_order",
    "'[{\"order\": 0, \"value\": \"a\"}, {\"order\": 0, \"value\": \"b\"}]', given_twice",
    "'{\"0\": \"a\"}',           wrong_type"
  })
  void arguments_that_do_not_fit_are_400_before_a_job_exists(String arguments, String code) {
    var task =
        supervisor.post(
            "/acme/task",
            Map.of(
                "name", "two arguments",
                "host_id", TestAgent.enrolled(supervisor).host(),
                "script", Map.of("filename", "x.sh", "content", "exit 0"),
                "task_arguments",
                    java.util.List.of(
                        Map.of("type", "input", "label", "first"),
                        Map.of("type", "input", "label", "second"))));

    var answer =
        send(
            "/acme/task/" + task.text("/id") + "/job",
            "application/json",
            "{\"task_arguments\": " + arguments + "}");

    assertProblem(answer, 400, "invalid_input");
    assertThat(answer.text("/errors/0/code")).isEqualTo(code);
    assertThat(supervisor.get("/acme/job?task=" + task.text("/id")).body().size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/acme/task/x/secret/y/job",
        "/acme/task/0123456789abcdef01234567/secret/cpz_sk_0/job",
        "/task/0123456789abcdef01234567/secret/z/job",
        "/task/0123456789abcdef01234567/secret/%20/job",
        "/acme/task/0123456789abcdef01234567/secret/%20/job",
        "/nobody/task/0123456789abcdef01234567/secret/z/job"
      })
  void a_wrong_task_and_a_wrong_key_look_the_same(String path) {
    var answer = supervisor.postAs(null, path, Map.of());

    assertProblem(answer, 404, "not_found");
    assertThat(answer.text("/detail"))
        .isEqualTo("A task for this key was not found in this organization.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"epoch\": \"x\"}",
        "{\"epoch\": 1, \"claim\": null, \"free\": 1, \"jobs\": [], \"heard\": \"sync\"}",
        "{\"epoch\": 1, \"claim\": \"0123456789abcdef\", \"free\": 0, \"jobs\": [], \"heard\":"
            + " \"sync\"}",
        "{\"epoch\": 1, \"claim\": \"0123456789abcdef\", \"free\": 1, \"jobs\": null, \"heard\":"
            + " \"sync\"}",
        "{\"epoch\": 1, \"claim\": \"0123456789abcdef\", \"free\": 1, \"jobs\": [], \"heard\":"
            + " \"gossip\"}",
        "[1]",
        "{"
      })
  void an_agents_nonsense_is_400(String message) {
    var agent = TestAgent.enrolled(supervisor);

    var answer =
        supervisor.send(
            supervisor
                .request("/agent/v1/claims")
                .header("Authorization", "Bearer " + agent.credential())
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(message)));

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"+999999999-12-31T23:59:59Z", "-0001-01-01T00:00:00Z", "2026-01-31", "yesterday"})
  void an_instant_that_no_store_keeps_is_400_wherever_it_is_read(String instant) {
    var encoded = URLEncoder.encode(instant, StandardCharsets.UTF_8);

    assertProblem(supervisor.get("/acme/audit?from=" + encoded), 400, "invalid_input");
    assertProblem(
        supervisor.post("/acme/integration-token", Map.of("name", "x", "expires", instant)),
        400,
        "invalid_input");
  }

  @Test
  void a_blank_join_token_opens_nothing() {
    var facts = Map.of("os", "x", "arch", "x", "cpus", 1, "memory", 1, "user", "x", "version", "x");

    assertProblem(
        supervisor.postAs(
            null,
            "/agent/v1/enrolment",
            Map.of("join_token", " ", "host", "a-host", "facts", facts)),
        401,
        "unauthorized");
  }

  @Test
  void a_blank_key_is_no_key() {
    for (var path :
        List.of("/task/0123456789abcdef01234567/secret/%20/job", "/acme/task/x/secret/%09/job")) {
      assertThat(supervisor.postAs(null, path, Map.of()).status()).describedAs(path).isEqualTo(404);
    }
    var blank = Map.of("email", "nobody@example.org", "password", " ");
    assertThat(supervisor.postAs(null, "/login", blank).status()).isIn(400, 401);
  }

  @Test
  void a_method_that_a_route_does_not_have_is_405_with_allow() {
    var answer =
        supervisor.send(
            supervisor
                .request("/acme/host")
                .header("Authorization", "Bearer " + supervisor.token())
                .DELETE());

    assertProblem(answer, 405, "method_not_allowed");
    assertThat(answer.raw().headers().firstValue("Allow")).isPresent();
  }

  private Answer send(String path, String type, String body) {
    return supervisor.send(
        supervisor
            .request(path)
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body)));
  }

  private static void assertProblem(Answer answer, int status, String code) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(status);
    assertThat(answer.raw().headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    assertThat(answer.text("/code")).isEqualTo(code);
  }
}
