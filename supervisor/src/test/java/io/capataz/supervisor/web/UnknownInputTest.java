package io.capataz.supervisor.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A typing mistake never starts anything and is never passed over. */
class UnknownInputTest {

  private static final String FORM = "application/x-www-form-urlencoded";
  private static final String JSON = "application/json";

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final TestWork work = new TestWork(supervisor);
  private final String task = work.taskOn(agent, Map.of());

  @ParameterizedTest
  @CsvSource({
    "'{\"not_befor\": \"2030-01-01T00:00:00Z\"}', /not_befor",
    "'{\"task_arguments\": [], \"prioritty\": 5}', /prioritty",
    "'{\"wait_result\": \"soon\"}',               /wait_result",
    "'{\"lifecycle\": \"locked\"}',               /lifecycle",
    "'{\"lifecycle\": \"onhold\", \"hold\": false}', /lifecycle"
  })
  void a_run_with_a_field_that_nobody_knows_does_not_start(String body, String pointer) {
    var withToken = send("/acme/task/" + task + "/job", JSON, body);
    var withKey = send("/acme/task/" + task + "/secret/" + key() + "/job", JSON, body);

    for (var answer : List.of(withToken, withKey)) {
      assertProblem(answer, pointer);
    }
    assertThat(jobs()).isZero();
  }

  @Test
  void all_mistakes_of_a_run_are_named_at_once() {
    var answer =
        send(
            "/acme/task/" + task + "/job",
            JSON,
            "{\"task_arguments\": [1], \"not_befor\": 1, \"priority\": 1000}");

    assertThat(answer.body().get("errors").findValuesAsString("pointer"))
        .containsExactlyInAnyOrder("/task_arguments", "/not_befor", "/priority");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"?not_before=2030-01-01T00:00:00Z", "?priority=1", "?wait_reslt=true", "?hold"})
  void a_run_with_a_parameter_that_nobody_knows_does_not_start(String query) {
    assertProblem(send("/acme/task/" + task + "/job" + query, JSON, "{}"), null);
    assertProblem(send("/job" + query, JSON, "{\"task\": \"" + task + "\"}"), null);
    assertThat(jobs()).isZero();
  }

  @Test
  void json_that_curl_sends_as_a_form_is_read_as_json() {
    var answer =
        send("/acme/task/" + task + "/job", FORM, " {\"not_before\": \"2999-01-01T00:00:00Z\"}");

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    assertThat(answer.text("/status")).isEqualTo("scheduled");
    assertProblem(send("/acme/task/" + task + "/job", FORM, "{\"not_befor\": 1}"), "/not_befor");
    assertThat(send("/acme/task/" + task + "/job", FORM, "{\"hold\": tru}").text("/code"))
        .isEqualTo("invalid_json");
  }

  @Test
  void a_form_stays_a_form() {
    var answer = send("/job", FORM, "task=" + task + "&customer=acme&lifecycle=onhold");

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    assertThat(answer.text("/status")).isEqualTo("held");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/acme/task?fields=bogus",
        "/acme/task?fields=id,bogus",
        "/acme/job?fields=bogus",
        "/session?fields=bogus",
        "/acme/host?fields=hostnam"
      })
  void fields_that_a_response_never_has_are_400(String path) {
    assertProblem(supervisor.get(path), "/fields");
  }

  @Test
  void fields_of_one_object_and_of_its_parts_can_be_chosen() {
    var job = work.post(task);

    var chosen = supervisor.get("/acme/job/" + job + "?fields=id,exit_code,lifecycle,task_id");
    assertThat(chosen.status()).describedAs(chosen.raw().body()).isEqualTo(200);
    assertThat(chosen.body().propertyNames())
        .containsExactlyInAnyOrder("id", "lifecycle", "task_id");
    assertProblem(supervisor.get("/acme/job/" + job + "?fields=exitcode"), "/fields");
    assertProblem(supervisor.get("/acme/task/" + task + "/serialize?fields=bogus"), "/fields");
    assertThat(supervisor.get("/acme/task/" + task + "/serialize?fields=name").body().size())
        .isEqualTo(1);
    // The original has fields that are not here, and its clients name them.
    assertThat(supervisor.get("/acme/task?include%5Btemplate_id%5D=1&include%5Bid%5D=1").status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"force=yes", "force", "follow=1"})
  void a_parameter_that_is_neither_true_nor_false_is_400(String query) {
    var job = work.post(task);
    var answer =
        query.startsWith("follow")
            ? supervisor.get("/acme/job/" + job + "/output?" + query)
            : supervisor.ask("DELETE", "/acme/host/" + agent.host() + "?" + query, null);

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
  }

  private String key() {
    return supervisor.post("/acme/task/" + task + "/secret", Map.of()).text("/secret");
  }

  private int jobs() {
    return supervisor.get("/acme/job?task=" + task).body().size();
  }

  private Answer send(String path, String type, String body) {
    return supervisor.send(
        supervisor
            .request(path)
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(body)));
  }

  private static void assertProblem(Answer answer, @Nullable String pointer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
    assertThat(answer.text("/code")).isEqualTo("invalid_input");
    if (pointer != null) {
      assertThat(answer.body().get("errors").findValuesAsString("pointer")).contains(pointer);
    }
  }
}
