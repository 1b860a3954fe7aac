package io.capataz.supervisor.taskapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.callback.Receiver;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The task API, asked as the public clients of seed 001's family ask. */
class TaskApiTest {

  private static final TestSupervisor supervisor =
      TestSupervisor.with(
          "--capataz.outbound.allowed-networks=127.0.0.1/32", "--capataz.rate-limit.enabled=false");
  private static final TestAgent agent = TestAgent.enrolled(supervisor);
  private static final Receiver receiver = new Receiver();
  private static final String TYPE = "categorization-" + UUID.randomUUID();

  static {
    agent.open(List.of());
    var task =
        supervisor.post(
            "/acme/task",
            Map.of(
                "name",
                TYPE,
                "host_id",
                agent.host(),
                "script",
                Map.of("filename", "x.sh", "content", "exit 0"),
                "task_arguments",
                List.of(
                    Map.of("type", "input", "label", "attachment"),
                    Map.of("type", "input", "label", "categories", "required", false))));
    assertThat(task.status()).isEqualTo(200);
  }

  @AfterAll
  static void stop() {
    supervisor.close();
    receiver.close();
  }

  private static String basic(String key) {
    return "Basic "
        + Base64.getEncoder().encodeToString((key + ":").getBytes(StandardCharsets.UTF_8));
  }

  /** Asks as the Python client does: Basic, and JSON unless there is no body. */
  private static Answer ask(String method, String path, @Nullable Object body) {
    return askWith("live_" + supervisor.token(), method, path, body);
  }

  private static Answer askWith(String key, String method, String path, @Nullable Object body) {
    var publisher =
        body == null
            ? BodyPublishers.noBody()
            : BodyPublishers.ofByteArray(MessageJson.write(body));
    return supervisor.send(
        supervisor
            .request("/v1/" + path)
            .header("Authorization", basic(key))
            .header("Content-Type", "application/json")
            .method(method, publisher));
  }

  private static JsonNode ok(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body();
  }

  private static JsonNode made(Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    body.putIfAbsent("attachment", "tomato");
    return ok(ask("POST", "task/" + TYPE, body));
  }

  private static String id(JsonNode task) {
    return task.at("/task_id").asString();
  }

  private static void end(String id, Outcome outcome) {
    var order = agent.claimHeard(id);
    agent.started(order);
    assertThat(agent.returned(order, outcome, Map.of("category", "red")).status()).isEqualTo(204);
  }

  @Test
  void a_task_is_made_runs_and_is_read() {
    var task =
        made(
            Map.of(
                "instruction",
                "Is this object red or blue?",
                "attachment",
                "tomato",
                "categories",
                List.of("red", "blue"),
                "metadata",
                Map.of("order", 7),
                "callback_url",
                receiver.url()));

    assertThat(task.at("/status").asString()).isEqualTo("pending");
    assertThat(id(task)).matches("[0-9a-f]{24}");
    assertThat(task.at("/type").asString()).isEqualTo(TYPE);
    assertThat(task.has("completed_at")).isFalse();
    assertThat(task.has("callback_succeeded")).isFalse();
    assertThat(task.has("tags")).isFalse();
    end(id(task), new Outcome.Succeeded());

    var ended =
        await()
            .until(
                () -> ok(ask("GET", "task/" + id(task), null)),
                it -> it.has("callback_succeeded_at"));
    assertThat(ended.at("/status").asString()).isEqualTo("completed");
    assertThat(ended.at("/response/category").asString()).isEqualTo("red");
    assertThat(ended.at("/instruction").asString()).isEqualTo("Is this object red or blue?");
    assertThat(ended.at("/params/attachment").asString()).isEqualTo("tomato");
    assertThat(ended.at("/params/categories").asString()).isEqualTo("[\"red\",\"blue\"]");
    assertThat(ended.at("/metadata/order").asInt()).isEqualTo(7);
    assertThat(ended.at("/callback_succeeded").asBoolean()).isTrue();
    assertThat(ended.at("/callback_completed").asBoolean()).isTrue();
    var told =
        receiver.seen().stream()
            .map(seen -> MessageJson.mapper().readTree(seen.body()))
            .filter(body -> id(body).equals(id(task)))
            .toList();
    assertThat(told).hasSize(1);
    assertThat(told.getFirst().at("/task/metadata/order").asInt()).isEqualTo(7);
    assertThat(told.getFirst().at("/task/instruction")).isEqualTo(ended.at("/instruction"));
  }

  @Test
  void a_form_and_a_bearer_token_do_as_well() {
    var answer =
        supervisor.send(
            supervisor
                .request("/v1/task/" + TYPE + "/")
                .header("Authorization", "Bearer " + supervisor.token())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                    BodyPublishers.ofString(
                        "attachment=tomato&categories%5B%5D=red&categories%5B%5D=blue")));
    assertThat(ok(answer).at("/params/attachment").asString()).isEqualTo("tomato");
  }

  @Test
  void a_unique_id_makes_one_task_and_finds_it() {
    var unique = "u-" + UUID.randomUUID();
    var first = made(Map.of("unique_id", unique));

    var second = ask("POST", "task/" + TYPE, Map.of("attachment", "x", "unique_id", unique));

    assertThat(second.status()).isEqualTo(409);
    assertThat(second.text("/error")).contains("unique_id");
    var found = ok(ask("GET", "tasks?unique_id=" + unique, null));
    assertThat(found.at("/docs").size()).isOne();
    assertThat(id(found.at("/docs/0"))).isEqualTo(id(first));
    var canceled = ok(ask("POST", "task/" + id(first) + "/cancel?clear_unique_id=true", null));
    assertThat(canceled.at("/status").asString()).isEqualTo("canceled");
    assertThat(canceled.has("unique_id")).isFalse();
    var again = ask("POST", "task/" + id(first) + "/cancel", null);
    assertThat(again.status()).isEqualTo(400);
    assertThat(again.text("/error")).isNotEmpty();
    var third = made(Map.of("unique_id", unique));
    assertThat(id(third)).isNotEqualTo(id(first));

    var other = "v-" + unique;
    var changed = ok(ask("POST", "task/" + id(third) + "/unique_id", Map.of("unique_id", other)));
    assertThat(changed.at("/unique_id").asString()).isEqualTo(other);
    made(Map.of("unique_id", unique));
    assertThat(ok(ask("DELETE", "task/" + id(third) + "/unique_id", null)).has("unique_id"))
        .isFalse();
    made(Map.of("unique_id", other));
  }

  @Test
  void what_is_refused_binds_no_unique_id() {
    var unique = "w-" + UUID.randomUUID();
    var refused = ask("POST", "task/" + TYPE, Map.of("unique_id", unique, "attachment", List.of()));
    assertThat(refused.status()).isIn(200, 400);
    var address =
        ask(
            "POST",
            "task/" + TYPE,
            Map.of(
                "unique_id", unique + "-2", "attachment", "x", "callback_url", "no@example.org"));
    assertThat(address.status()).isEqualTo(400);
    assertThat(address.text("/error")).startsWith("Parameter is invalid, reason: \"callback_url\"");
    made(Map.of("unique_id", unique + "-2"));
  }

  @Test
  void metadata_and_tags_are_changed_in_every_form_that_clients_send() {
    var path = "task/" + id(made(Map.of())) + "/";

    assertThat(ok(ask("POST", path + "setMetadata", Map.of("a", 1))).at("/metadata/a").asInt())
        .isOne();
    var docs = Map.of("docs", Map.of("b", 2));
    assertThat(ok(ask("POST", path + "setMetadata", docs)).at("/metadata/b").asInt()).isEqualTo(2);
    assertThat(tags(ask("PUT", path + "tags", List.of("x", "y")))).containsExactly("x", "y");
    assertThat(tags(ask("PUT", path + "tags", List.of("y", "z")))).containsExactly("x", "y", "z");
    assertThat(tags(ask("DELETE", path + "tags", List.of("y")))).containsExactly("x", "z");
    assertThat(tags(ask("POST", path + "tags", List.of("q")))).containsExactly("q");
    assertThat(tags(ask("POST", path + "tags", null))).isEmpty();
    assertThat(ask("POST", path + "tags", List.of(1)).status()).isEqualTo(400);
  }

  private static List<String> tags(Answer answer) {
    return ok(answer).at("/tags").valueStream().map(JsonNode::asString).toList();
  }

  @Test
  void lists_are_paged_newest_first_and_filtered() {
    var batch = "b-" + UUID.randomUUID();
    var ids =
        IntStream.range(0, 5)
            .mapToObj(n -> id(made(Map.of("batch", batch, "tags", List.of("t" + n)))))
            .toList();

    var first = ok(ask("GET", "tasks?limit=2&batch=" + batch, null));
    assertThat(first.propertyNames()).contains("docs", "total", "limit", "offset", "has_more");
    assertThat(first.at("/total").asInt()).isEqualTo(5);
    assertThat(first.at("/limit").asInt()).isEqualTo(2);
    assertThat(first.at("/has_more").asBoolean()).isTrue();
    assertThat(ids(first)).containsExactly(ids.get(4), ids.get(3));
    var next = first.at("/next_token").asString();
    var second = ok(ask("GET", "tasks?limit=3&batch=" + batch + "&next_token=" + next, null));
    assertThat(ids(second)).containsExactly(ids.get(2), ids.get(1), ids.get(0));
    assertThat(second.at("/has_more").asBoolean()).isFalse();
    assertThat(second.has("next_token")).isFalse();
    assertThat(ids(ok(ask("GET", "tasks?batch=" + batch + "&tags=t1,t3", null))))
        .containsExactly(ids.get(3), ids.get(1));

    end(ids.get(1), new Outcome.ExitedWith(1));
    await()
        .until(
            () -> ids(ok(ask("GET", "tasks?status=error&batch=" + batch, null))),
            List.of(ids.get(1))::equals);
    var day = Instant.now().minusSeconds(86_400).toString().substring(0, 10);
    var since = "&start_time=" + day + "%2010:11:12.000000";
    var pending = "tasks?status=pending&limited_response=true" + since;
    var limited = ok(ask("GET", pending + "&batch=" + batch, null));
    assertThat(limited.at("/docs").size()).isEqualTo(4);
    assertThat(limited.at("/docs/0").propertyNames())
        .containsExactlyInAnyOrder("task_id", "status", "metadata");
    assertThat(ids(ok(ask("GET", "tasks?end_time=" + day + "&batch=" + batch, null)))).isEmpty();
  }

  private static List<String> ids(JsonNode list) {
    return list.at("/docs").valueStream().map(TaskApiTest::id).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, tasks?limit=0, 400",
    "GET, tasks?limit=101, 400",
    "GET, tasks?start_time=soon, 400",
    "GET, tasks?next_token=x, 400",
    "GET, tasks?statu=pending, 400",
    "GET, task/0123456789abcdef01234567, 404",
    "POST, task/no-such-type, 404",
    "POST, task/0123456789abcdef01234567/send-callback, 404"
  })
  void what_is_wrong_is_told_as_an_error_text(String method, String path, int status) {
    var answer = ask(method, path, null);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text("/error")).isNotEmpty();
    assertThat(answer.body().at("/status_code").asInt()).isEqualTo(status);
  }

  @Test
  void a_field_that_is_no_parameter_is_named() {
    var answer = ask("POST", "task/" + TYPE, Map.of("attachment", "x", "attachmnt", "y"));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/error")).startsWith("Parameter is invalid, reason: \"attachmnt\"");
  }

  @Test
  void test_keys_have_tasks_of_their_own_and_their_callbacks_the_key_for_tests() {
    var test = "test_" + supervisor.token();
    supervisor.put("/acme/callback/settings", Map.of("origins", List.of(receiver.origin())));
    supervisor.post("/acme/callback/key", Map.of("use", "live", "overlap", 0));
    var key = supervisor.post("/acme/callback/key", Map.of("use", "test", "overlap", 0));
    var body = Map.of("attachment", "x", "callback_url", receiver.url(), "unique_id", "same");
    var task = ok(askWith(test, "POST", "task/" + TYPE, body));

    assertThat(ask("GET", "task/" + id(task), null).status()).isEqualTo(404);
    assertThat(ids(ok(ask("GET", "tasks", null)))).doesNotContain(id(task));
    assertThat(ids(ok(askWith(test, "GET", "tasks", null)))).containsExactly(id(task));
    assertThat(id(made(Map.of("unique_id", "same")))).isNotEqualTo(id(task));
    end(id(task), new Outcome.Succeeded());
    var told =
        await()
            .until(
                () ->
                    receiver.seen().stream()
                        .filter(seen -> seen.body().contains(id(task)))
                        .findFirst(),
                Optional::isPresent)
            .orElseThrow();
    assertThat(told.header("scale-callback-auth")).isEqualTo(key.text("/key")).startsWith("test_");
    supervisor.put("/acme/callback/settings", Map.of());
  }

  @Test
  void a_wrong_key_opens_nothing() {
    assertThat(askWith("live_nothing", "GET", "tasks", null).status()).isEqualTo(401);
    var withPassword =
        supervisor.send(
            supervisor
                .request("/v1/tasks")
                .header(
                    "Authorization",
                    "Basic "
                        + Base64.getEncoder()
                            .encodeToString(
                                (supervisor.token() + ":x").getBytes(StandardCharsets.UTF_8))));
    assertThat(withPassword.status()).isEqualTo(401);
    // Elsewhere a token is a Bearer token.
    var elsewhere =
        supervisor.send(
            supervisor.request("/acme/job").header("Authorization", basic(supervisor.token())));
    assertThat(elsewhere.status()).isEqualTo(401);
  }

  /** The seed's sample, with the key that it leaves out. */
  private static final String SAMPLE =
      """
      import os
      import requests

      url = os.environ["BASE"] + "/v1/task/" + os.environ["TASK"] + "/send-callback"

      headers = {"accept": "application/json"}

      response = requests.post(url, headers=headers, auth=(os.environ["KEY"], ""))

      print(response.status_code, response.json()["task_id"])
      """;

  @Test
  void the_seeds_sample_has_a_callback_sent_again() throws IOException, InterruptedException {
    Missing.unless(
        new ProcessBuilder("python3", "-c", "import requests").start().waitFor() == 0,
        "the seed's resend sample: it needs Python's requests");
    var id = id(made(Map.of("callback_url", receiver.url())));
    var early = ask("POST", "task/" + id + "/send-callback", null);
    assertThat(early.status()).isEqualTo(400);
    end(id, new Outcome.Succeeded());
    await().until(() -> posts(id).size() == 1);

    var sample = new ProcessBuilder("python3", "-c", SAMPLE).redirectErrorStream(true);
    sample
        .environment()
        .put("BASE", supervisor.request("/").build().uri().toString().replaceAll("/$", ""));
    sample.environment().put("TASK", id);
    sample.environment().put("KEY", "live_" + supervisor.token());
    var run = sample.start();
    var printed = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(run.waitFor(20, TimeUnit.SECONDS)).isTrue();

    assertThat(printed.strip()).isEqualTo("200 " + id);
    await().until(() -> posts(id).size() == 2);
    assertThat(ok(ask("GET", "task/" + id + "/send-callback", null)).at("/task_id").asString())
        .isEqualTo(id);
    await().until(() -> posts(id).size() == 3);
    assertThat(posts(id).stream().map(Receiver.Seen::body).distinct()).hasSize(1);
    assertThat(posts(id).stream().map(seen -> seen.header("webhook-id")).distinct()).hasSize(1);
  }

  private static List<Receiver.Seen> posts(String id) {
    return receiver.seen().stream().filter(seen -> seen.body().contains(id)).toList();
  }
}
