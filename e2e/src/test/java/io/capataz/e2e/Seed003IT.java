package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.FakeModel;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Seed 003 from the sentence to the result: a model that a test speaks for, and a real supervisor,
 * agent and Python.
 */
class Seed003IT {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String PASSWORD = "correct horse battery";

  private static final String FUNCTION =
      """
      def main_function(least, input1):
          from collections import Counter

          def words(text):
              return [word for word in text.lower().split() if len(word) >= least]

          return [{**row, "topics": [word for word, _ in Counter(words(row["text"])).most_common(2)]} for row in input1]
      """;

  private static final String TESTS =
      """
      from function import main_function


      def test_topics():
          rows = main_function(3, [{"text": "a queue of jobs is a queue"}])
          assert rows[0]["topics"][0] == "queue", rows
      """;

  @TempDir static Path temporary;

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static FakeModel model;
  private static Standalone capataz;
  private static String host;
  private static String person;

  @BeforeAll
  static void aHostAndAPerson() throws IOException {
    Missing.unlessOrFailInCi(
        Arrays.stream(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "python3"))),
        "No python3 on the path: seed 003 is not tested. Install python3.");
    model = FakeModel.start();
    capataz =
        Standalone.start(
            temporary.resolve("data"),
            Map.of(
                "CAPATAZ_DRAFTS_ENDPOINT",
                model.endpoint().toString(),
                "CAPATAZ_DRAFTS_MODEL",
                "fake-1",
                "CAPATAZ_DRAFTS_KEY",
                "sesame",
                "CAPATAZ_DRAFTS_FOLDER",
                temporary.resolve("user_tasks").toString()));
    host = capataz.host().path("id").asString();
    String email = "ann@example.org";
    Map<String, String> member = Map.of("email", email, "role", "admin", "password", PASSWORD);
    ok(ask(capataz.token(), "POST", "/" + Standalone.CUSTOMER + "/member", member));
    Map<String, String> login = Map.of("email", email, "password", PASSWORD);
    person = ok(ask("", "POST", "/login", login)).path("access_token").asString();
  }

  @AfterAll
  static void stop() {
    if (capataz != null) {
      capataz.close();
    }
    if (model != null) {
      model.close();
    }
  }

  @Test
  void a_sentence_becomes_a_task_that_runs() {
    model.says(proposal(FUNCTION, TESTS));
    String id = created("passthrough");
    assertThat(temporary.resolve("user_tasks").resolve(id).resolve("function.py"))
        .hasContent(FUNCTION);

    JsonNode checked = stepped(id, "check");
    assertThat(checked.path("state").asString()).as(checked.toString()).isEqualTo("checked");
    JsonNode tried = stepped(id, "trial");
    Missing.unlessOrFailInCi(
        !tried.toString().contains("not_contained"),
        "The kernel has no Landlock or seccomp: seed 003 is not tested. Use Linux 5.13 or newer.");
    assertThat(tried.path("state").asString()).as(tried.toString()).isEqualTo("tried");

    Map<String, String> approval =
        Map.of("digest", tried.path("digest").asString(), "host_id", host);
    assertThat(ask(capataz.token(), "POST", "/draft/" + id + "/approve", approval).statusCode())
        .isEqualTo(403);
    ok(ask(person, "POST", "/draft/" + id + "/approve", approval));
    Map<String, Object> call =
        Map.of(
            "arguments",
            Map.of("least", 3, "input1", List.of(Map.of("text", "red green red is red green"))));
    JsonNode answer = ok(ask(capataz.tokenOfUser(), "POST", "/api/task/" + id + "/run", call));
    assertThat(answer.toString())
        .isEqualTo(
            "{\"status\":\"success\",\"data\":[{\"text\":\"red green red is red"
                + " green\",\"topics\":[\"red\",\"green\"]}],\"dataFormat\":\"json\"}");
  }

  @Test
  void rows_are_kept_by_a_filter() {
    model.says(
        proposal(
            """
            def main_function(least, input1):
                return len(input1['text']) >= least
            """,
            """
            from function import main_function


            def test_it():
                assert main_function(1, {'text': 'a'})
            """));
    String id = created("filter");
    stepped(id, "check");
    String digest = stepped(id, "trial").path("digest").asString();
    ok(ask(person, "POST", "/draft/" + id + "/approve", Map.of("digest", digest, "host_id", host)));
    Map<String, Object> columns = Map.of("text", List.of("a", "abc"));
    JsonNode answer =
        ok(
            ask(
                person,
                "POST",
                "/api/task/" + id + "/run",
                Map.of("arguments", Map.of("least", 2, "input1", columns))));
    assertThat(answer.path("data").toString()).isEqualTo("[{\"text\":\"abc\"}]");
  }

  /** As a model might that was told to by the text it was shown. */
  @Test
  void what_reaches_for_more_than_it_was_granted_is_neither_tried_nor_approved() {
    String stealing = FUNCTION + "\n\nimport subprocess\nLEAK = subprocess.run(['id'])\n";
    model.says(proposal(stealing, TESTS));
    String id = created("passthrough");
    JsonNode checked = stepped(id, "check");
    assertThat(checked.path("state").asString()).isEqualTo("draft");
    assertThat(checked.at("/versions/0/check/findings").findValuesAsString("rule"))
        .contains("not_granted", "top_level");
    assertThat(ask(person, "POST", "/draft/" + id + "/trial", Map.of("host_id", host)).statusCode())
        .isEqualTo(409);
    Map<String, String> approval =
        Map.of("digest", checked.path("digest").asString(), "host_id", host);
    assertThat(ask(person, "POST", "/draft/" + id + "/approve", approval).statusCode())
        .isEqualTo(409);
    assertThat(ask(person, "POST", "/api/task/" + id + "/run", Map.of()).statusCode())
        .isEqualTo(409);
  }

  private static String proposal(String function, String tests) {
    return FakeModel.proposal("Topics", List.of("least int"), List.of(), function, tests);
  }

  private static String created(String type) {
    Map<String, String> wish =
        Map.of("desired_action", "extract the most important topics", "task_type", type);
    JsonNode created = ok(ask(capataz.token(), "POST", "/api/task/create", wish));
    assertThat(created.path("message").asString()).isEqualTo("Task Created!");
    return created.path("task_id").asString();
  }

  /** The draft after a check or a trial. */
  private static JsonNode stepped(String id, String step) {
    ok(ask(capataz.token(), "POST", "/draft/" + id + "/" + step, Map.of("host_id", host)));
    return Awaitility.await()
        .atMost(120, TimeUnit.SECONDS)
        .until(
            () -> ok(ask(capataz.token(), "GET", "/draft/" + id, null)),
            draft -> !draft.has("running"));
  }

  private static JsonNode ok(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
    return JSON.readTree(answer.body());
  }

  private static HttpResponse<String> ask(
      String bearer, String method, String path, @Nullable Map<String, ?> body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(capataz.address() + path))
            .header("Content-Type", "application/json")
            .method(
                method,
                body == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
    if (!bearer.isEmpty()) {
      request.header("Authorization", "Bearer " + bearer);
    }
    try {
      return HTTP.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
