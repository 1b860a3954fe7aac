package io.capataz.supervisor.draft;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.TestTokens;
import io.capataz.testing.FakeModel;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes of good, malformed, slow, refusing, overlong and hostile answers of a model. */
class ProposalsTest {

  private static final FakeModel MODEL = FakeModel.start();
  private static final TestClock CLOCK = new TestClock();

  @TempDir private static Path folder;
  private static TestSupervisor supervisor;

  private String organization = "";
  private String token = "";

  @BeforeAll
  static void start() {
    supervisor =
        TestSupervisor.withClock(
            CLOCK,
            "--capataz.rate-limit.enabled=false",
            "--capataz.drafts.endpoint=" + MODEL.endpoint(),
            "--capataz.drafts.model=fake-1",
            "--capataz.drafts.timeout=2s",
            "--capataz.drafts.calls-per-hour=4",
            "--capataz.drafts.tokens-per-day=100",
            "--capataz.drafts.folder=" + folder);
  }

  @AfterAll
  static void stop() {
    supervisor.close();
    MODEL.close();
  }

  @BeforeEach
  void anOrganization() {
    organization = "org-" + UUID.randomUUID();
    token = TestTokens.issue(supervisor, organization, Role.MANAGER);
    MODEL.forget();
  }

  @AfterEach
  void asOftenAsItWasToBeAsked() {
    assertThat(MODEL.left()).isZero();
  }

  private static String proposal() {
    return FakeModel.proposal(
        "Double", List.of("n int"), List.of(), TestDrafts.FUNCTION, TestDrafts.TESTS);
  }

  private Answer create() {
    return create(Map.of("desired_action", "double it", "task_type", "input"));
  }

  private Answer create(Map<String, ?> body) {
    return supervisor.postAs(token, "/api/task/create", body);
  }

  private static void refused(Answer answer, int status, String message) {
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(status);
    assertThat(answer.text("/message")).contains(message);
    assertThat(answer.raw().headers().firstValue("Content-Type")).contains("application/json");
  }

  @Test
  void a_good_answer_is_kept_and_written_to_the_folder() throws IOException {
    MODEL.says(proposal());
    var made = create();
    assertThat(made.status()).as(made.raw().body()).isEqualTo(200);
    var own = folder.resolve(made.text("/task_id"));
    assertThat(own.resolve("function.py")).hasContent(TestDrafts.FUNCTION);
    assertThat(own.resolve("metadata.json"))
        .hasContent(
            "{\"user_inputs\": {\"n\": {\"type\": \"int\", \"description\": \"\"}},"
                + " \"packages_used\": []}");
    assertThat(folder.resolve("__init__.py")).isEmptyFile();
    try (var files = Files.list(own)) {
      assertThat(files).hasSize(6);
    }
  }

  @Test
  void a_malformed_answer_is_asked_for_again_with_what_was_wrong() {
    MODEL.says("I am glad to help! {").says("{\"task_name\": 7}").says(proposal());
    assertThat(create().status()).isEqualTo(200);
    var asked = MODEL.asked();
    assertThat(asked.get(asked.size() - 2).body()).contains("It is not JSON.");
    assertThat(asked.getLast().body())
        .contains("task_name", "integer found, string expected", "python_function")
        .doesNotContain("It is not JSON.");
  }

  @Test
  void there_is_an_end_to_asking_again() {
    MODEL.says("no").says("no").says("no");
    refused(create(), 422, "Error creating new task: Error parsing response from OpenAI: ");
  }

  /** What a model adds, be it told to or not, is nothing that anybody reads. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          '"task_name":'      | '"approved":true,"state":"approved","task_name":'
          '"Double"'          | '"Double\\u202e"'
          '"Double"'          | '"Double\\nX-Header: 1"'
          '"n"'               | '"n); import os; (m"'
          '"n"'               | '"input1"'
          '"packages_used":[' | '"packages_used":["pandas; rm -rf /"'
          '"int"'             | '"file"'
          """)
  void an_answer_that_smuggles_something_is_refused(String good, String bad) {
    var smuggling = proposal().replace(good, bad);
    MODEL.says(smuggling).says(smuggling).says(smuggling);
    refused(create(), 422, "could not be used");
  }

  @Test
  void a_refusal_is_told_and_not_argued_with() {
    MODEL.declines("I do not write\nthat.");
    refused(create(), 422, "the model declines: I do not write that.");
  }

  @Test
  void a_tool_is_not_called_and_an_answer_that_was_cut_off_is_not_used() {
    MODEL.callsTool("approve_draft", "{\"id\": \"1\"}").isCutOffAfter(proposal()).says(proposal());
    assertThat(create().status()).isEqualTo(200);
    assertThat(MODEL.asked().getLast().body()).contains("too long and was cut off");
  }

  @Test
  void an_overlong_answer_is_not_read_to_its_end() {
    var long2 = "x".repeat(2 * 1024 * 1024);
    MODEL.answers(200, long2).answers(200, long2).answers(200, long2);
    refused(create(), 503, "more than 1048576 bytes were answered");
  }

  @Test
  void a_slow_answer_is_waited_for_as_long_as_is_set() {
    MODEL.isSilent().stopsInTheMiddle().says(proposal());
    assertThat(create().status()).isEqualTo(200);
  }

  @Test
  void a_server_that_refuses_is_not_asked_again() {
    MODEL.answers(401, "{\"error\": {\"message\": \"bad key sk-1\"}}");
    var answer = create();
    refused(answer, 503, "status 401: check capataz.drafts.key");
    assertThat(answer.raw().body()).doesNotContain("sk-1");
    MODEL.answers(429, "", "Retry-After", "7");
    var busy = create();
    refused(busy, 503, "status 429");
    assertThat(busy.raw().headers().firstValue("Retry-After")).contains("7");
    MODEL.answers(302, "", "Location", "http://127.0.0.1:1/");
    refused(create(), 503, "status 302");
  }

  @Test
  void a_server_that_fails_is() {
    MODEL.answers(500, "").says(proposal());
    assertThat(create().status()).isEqualTo(200);
  }

  @Test
  void what_a_server_does_not_count_is_counted_by_its_length() {
    MODEL.answers(200, "<html>");
    refused(create(), 429, "tokens of the model today and may use 100");
  }

  @Test
  void calls_and_tokens_are_limited_for_each_organization_of_its_own() {
    for (var i = 0; i < 3; i++) {
      MODEL.says(proposal());
      assertThat(create().status()).isEqualTo(200);
    }
    // 90 tokens of 100: one more call, which may exceed them.
    MODEL.says(proposal());
    assertThat(create().status()).isEqualTo(200);
    var exhausted = create();
    refused(exhausted, 429, "has used 120 tokens of the model today and may use 100");
    assertThat(exhausted.raw().headers().firstValue("Retry-After")).isPresent();
    var other = TestTokens.issue(supervisor, "org-" + UUID.randomUUID(), Role.MANAGER);
    MODEL.says(proposal());
    var body = Map.of("desired_action", "double it", "task_type", "input");
    assertThat(supervisor.postAs(other, "/api/task/create", body).status()).isEqualTo(200);

    CLOCK.jump(Duration.ofDays(1));
    for (var i = 0; i < 4; i++) {
      MODEL.answers(401, "");
      refused(create(), 503, "status 401");
    }
    refused(create(), 429, "may have the model asked 4 times an hour");
    var rules = supervisor.sendAs(token, "GET", "/draft/rules", null);
    assertThat(rules.body().path("calls_today").asInt()).isEqualTo(4);
  }

  @Test
  void what_is_missing_is_said_in_the_order_and_the_words_of_seed_003() {
    var body = new HashMap<String, Object>();
    refused(create(body), 400, "No desired_action provided");
    body.put("desired_action", "");
    refused(create(body), 400, "No desired_action provided");
    body.put("desired_action", "double it");
    refused(create(body), 400, "No task_type provided");
    body.put("task_type", "output");
    refused(
        create(body),
        400,
        "Error creating new task: Error generating prompt: task_type must be either 'input' or"
            + " 'passthrough'");
    var broken =
        supervisor
            .request("/api/task/create")
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{"));
    refused(supervisor.send(broken), 400, "Error parsing request body: ");
    assertThat(supervisor.getAs(token, "/api/get_data").raw().body())
        .isEqualTo("{\"message\":\"Hello World!\"}");
  }

  @Test
  void without_a_model_the_setting_is_named() {
    var without = TestSupervisor.shared();
    var answer =
        without.post(
            "/api/task/create", Map.of("desired_action", "double it", "task_type", "input"));
    refused(answer, 503, "No OPENAI_KEY provided");
    assertThat(answer.text("/message")).contains("capataz.drafts.model");
  }
}
