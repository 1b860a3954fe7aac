package io.capataz.supervisor.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.trigger.Triggering;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Webhooks are made and called over HTTP, and start tasks and workflows. */
class WebhookTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Triggering it = new Triggering(supervisor);

  private JsonNode made(Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    body.putIfAbsent("name", "hook-" + UUID.randomUUID());
    var answer = supervisor.post("/acme/webhook", body);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body();
  }

  private static String path(JsonNode webhook) {
    return "/acme/webhook/" + webhook.path("id").asString();
  }

  private static String keyPath(JsonNode webhook) {
    return path(webhook) + "/trigger/secret/" + webhook.path("secret").asString();
  }

  /** A task that the webhook starts; its id. */
  private String taskOf(JsonNode webhook) {
    return it.task(it.event(webhook.path("id").asString(), "trigger"));
  }

  private Answer send(String path, String type, String body, String... headers) {
    var request = supervisor.request(path).POST(BodyPublishers.ofString(body));
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return supervisor.send(request);
  }

  private List<JsonNode> deliveries(JsonNode webhook) {
    var answer = supervisor.get(path(webhook) + "/delivery?limit=1000");
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body().valueStream().toList();
  }

  @Test
  void a_delivery_starts_what_names_the_event_of_the_webhook() {
    var webhook = made(Map.of());
    var task = taskOf(webhook);
    var step = it.task();
    var workflow = it.workflow(step, it.event(webhook.path("id").asString(), "trigger"));

    var answer = send(keyPath(webhook), "application/json", "[\"hello\", {\"b\": 1}]");

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    assertThat(answer.raw().body().replaceAll("\\s", "")).isEqualTo("{\"message\":\"success\"}");
    var job = it.only(task);
    assertThat(job.path("origin").asString()).isEqualTo("webhook");
    assertThat(job.path("triggered_by").asString()).isEqualTo(webhook.path("id").asString());
    assertThat(job.at("/task_arguments_values/0").asString()).isEqualTo("hello");
    assertThat(supervisor.get(path(webhook)).body().path("trigger_count").asInt()).isOne();
    var delivery = deliveries(webhook).getFirst();
    assertThat(delivery.path("pending").asBoolean()).isFalse();
    assertThat(delivery.path("started").findValuesAsString("task_id")).containsExactly(task);
    assertThat(delivery.path("started").findValuesAsString("job_id"))
        .contains(job.path("id").asString())
        .hasSize(2);
    assertThat(delivery.path("started").findValuesAsString("workflow_id"))
        .containsExactly(workflow);
  }

  @Test
  void bodies_become_arguments() {
    var webhook = made(Map.of());
    var task =
        it.task(
            Map.of(
                "task_arguments",
                List.of(
                    Map.of("type", "input", "label", "a", "required", false),
                    Map.of("type", "input", "label", "b", "required", false))),
            it.event(webhook.path("id").asString(), "trigger"));
    var path = keyPath(webhook);
    var cases =
        List.of(
            List.of("application/json", "[\"x\", {\"y\": 1.50}]", "x", "{\"y\":1.50}"),
            List.of("application/json", "{\"customer\": \"c\"}", "{\"customer\":\"c\"}", ""),
            List.of("application/json", "7", "7", ""),
            List.of("text/plain", "[\"p\", 2]", "p", "2"),
            List.of("text/plain", "just a text", "just a text", ""),
            List.of("text/plain", "[no json", "[no json", ""),
            List.of(
                "application/x-www-form-urlencoded", "a=1&b=2", "{\"a\":\"1\",\"b\":\"2\"}", ""),
            List.of("", "{\"no\": \"type\"}", "{\"no\":\"type\"}", ""),
            List.of("application/cloudevents+json", "[]", "", ""));

    for (var one : cases) {
      var answer = send(path, one.get(0), one.get(1));
      assertThat(answer.status()).describedAs(one + answer.raw().body()).isEqualTo(200);
      var newest = it.jobs(task).getFirst();
      assertThat(newest.path("task_arguments_values").valueStream().map(JsonNode::asString))
          .describedAs(one.toString())
          .containsExactly(one.get(2), one.get(3));
    }
    assertThat(send(path, "application/json", "{").status()).isEqualTo(400);
    assertThat(send(path, "text/plain", "x".repeat(256 * 1024 + 1)).status()).isEqualTo(413);
    assertThat(it.jobs(task)).hasSize(cases.size());
  }

  @Test
  void whoever_may_see_it_triggers_it_by_name_with_a_token() {
    var name = "deploy-" + UUID.randomUUID();
    var webhook = made(Map.of("name", name, "acls", List.of("user")));
    var task = taskOf(webhook);
    var user = supervisor.tokenWith(Role.USER);
    var path = "/acme/webhook/" + name + "/trigger";

    assertThat(supervisor.postAs(user, path, List.of("by token")).status()).isEqualTo(200);
    assertThat(it.only(task).at("/task_arguments_values/0").asString()).isEqualTo("by token");
    assertThat(it.only(task).at("/user/id").asString()).isNotEmpty();
    assertThat(supervisor.postAs(supervisor.tokenWith(Role.VIEWER), path, List.of()).status())
        .isEqualTo(403);
    assertThat(supervisor.postAs(null, path, List.of()).status()).isEqualTo(401);
    var hidden = path(made(Map.of())) + "/trigger";
    assertThat(supervisor.postAs(user, hidden, List.of()).status()).isEqualTo(404);
    // The token of seed 004 in the body is no argument.
    var inBody = Map.of("access_token", user, "customer", "acme", "x", 1);
    assertThat(supervisor.postAs(null, path, inBody).status()).isEqualTo(200);
    assertThat(it.jobs(task).getFirst().at("/task_arguments_values/0").asString())
        .isEqualTo("{\"x\":1}");
  }

  @Test
  void secrets_are_shown_once_and_never_in_lists() {
    var webhook = made(Map.of("verification", "github"));
    var secret = webhook.path("secret").asString();
    var signing = webhook.path("signing_secret").asString();
    assertThat(secret).startsWith("cpz_sk_");
    assertThat(signing).hasSizeGreaterThan(30);

    for (var shown : List.of(supervisor.get("/acme/webhook"), supervisor.get(path(webhook)))) {
      assertThat(shown.raw().body())
          .contains(webhook.path("id").asString())
          .doesNotContain(secret)
          .doesNotContain(signing);
    }
    var credentials = supervisor.get(path(webhook) + "/credentials");
    assertThat(credentials.text("/secret")).isEqualTo(secret);
    assertThat(credentials.text("/signing_secret")).isEqualTo(signing);

    var rotated = supervisor.post(path(webhook) + "/secret", Map.of()).text("/secret");
    assertThat(send(keyPath(webhook), "", "").status()).isEqualTo(404);
    var other = path(webhook) + "/trigger/secret/" + rotated;
    assertThat(send(other, "", "").status()).isEqualTo(200);
    var keyId = supervisor.get(path(webhook) + "/credentials").text("/secret_keys/0/id");
    assertThat(supervisor.ask("DELETE", path(webhook) + "/secret/" + keyId, null).status())
        .isEqualTo(200);
    assertThat(send(other, "", "").status()).isEqualTo(404);
  }

  @Test
  void a_disabled_webhook_takes_nothing() {
    var webhook = made(Map.of("enable", false));
    var task = taskOf(webhook);

    var answer = send(keyPath(webhook), "text/plain", "x");
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.text("/code")).isEqualTo("webhook_disabled");
    assertThat(supervisor.post(path(webhook) + "/trigger", List.of()).status()).isEqualTo(409);
    assertThat(supervisor.put(path(webhook), Map.of("enable", true)).status()).isEqualTo(200);
    assertThat(send(keyPath(webhook), "text/plain", "x").status()).isEqualTo(200);

    assertThat(it.jobs(task)).hasSize(1);
  }

  @Test
  void webhooks_are_changed_and_removed() {
    var webhook = made(Map.of());
    var other = made(Map.of());
    var named = supervisor.put(path(webhook), Map.of("name", "renamed-" + UUID.randomUUID()));
    assertThat(named.status()).isEqualTo(200);
    var taken = Map.of("name", named.text("/name"));
    assertThat(supervisor.put(path(other), taken).text("/code")).isEqualTo("name_taken");
    assertThat(supervisor.post("/acme/webhook", taken).status()).isEqualTo(409);
    // What was shown can be sent back.
    assertThat(supervisor.put(path(webhook), supervisor.get(path(webhook)).body()).status())
        .isEqualTo(200);
    for (var wrong :
        List.of(
            Map.of("name", ""),
            Map.of("name", "0123456789abcdef01234567"),
            Map.of("verification", "strange"),
            Map.of("signing_secret", "without verification"),
            Map.of("verification", "github", "signing_secret", "short"),
            Map.of("verification", "standard", "signing_secret", "whsec_no base64!"),
            Map.of("strange", 1))) {
      assertThat(supervisor.put(path(webhook), wrong).status())
          .describedAs(wrong.toString())
          .isEqualTo(400);
    }

    assertThat(supervisor.ask("DELETE", path(webhook), null).status()).isEqualTo(200);
    assertThat(supervisor.get(path(webhook)).status()).isEqualTo(404);
    assertThat(send(keyPath(webhook), "text/plain", "x").status()).isEqualTo(404);
    assertThat(supervisor.get(path(webhook) + "/delivery").status()).isEqualTo(404);
  }

  @Test
  void repeated_deliveries_start_nothing_twice() throws Exception {
    var webhook = made(Map.of());
    var task = taskOf(webhook);
    var path = keyPath(webhook);

    // 1,000 deliveries of 100 ids, ten at once.
    try (var senders = Executors.newFixedThreadPool(10)) {
      var sent =
          IntStream.range(0, 1_000)
              .mapToObj(
                  n ->
                      senders.submit(
                          () ->
                              send(path, "text/plain", "n", "webhook-id", "id-" + n % 100)
                                  .status()))
              .toList();
      for (var one : sent) {
        assertThat(one.get()).isEqualTo(200);
      }
    }

    assertThat(supervisor.get("/acme/job?limit=1000&task_id=" + task).body().size()).isEqualTo(100);
    assertThat(deliveries(webhook)).hasSize(100);
    assertThat(supervisor.get(path(webhook)).body().path("trigger_count").asInt()).isEqualTo(100);
    var again = send(path, "text/plain", "n", "webhook-id", "id-7");
    assertThat(again.raw().headers().firstValue("Idempotency-Replayed")).contains("true");
  }

  @Test
  void a_delivery_can_be_replayed() {
    var webhook = made(Map.of());
    send(keyPath(webhook), "text/plain", "the data");
    var first = deliveries(webhook).getFirst();
    assertThat(first.path("started").size()).isZero();
    // What was missing is there now.
    var task = taskOf(webhook);
    var replay = path(webhook) + "/delivery/" + first.path("id").asString() + "/replay";

    var answer = supervisor.post(replay, Map.of());

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    assertThat(answer.text("/replay_of")).isEqualTo(first.path("id").asString());
    assertThat(it.only(task).at("/task_arguments_values/0").asString()).isEqualTo("the data");
    assertThat(deliveries(webhook)).hasSize(2);
    var nowhere = path(webhook) + "/delivery/0123456789abcdef01234567/replay";
    assertThat(supervisor.post(nowhere, Map.of()).status()).isEqualTo(404);
    var ofOther = replay.replace(path(webhook), path(made(Map.of())));
    assertThat(supervisor.post(ofOther, Map.of()).status()).isEqualTo(404);
  }

  @Test
  void what_a_delivery_could_not_start_is_shown_with_it() {
    var webhook = made(Map.of());
    var event = it.event(webhook.path("id").asString(), "trigger");
    var disabled = it.task(Map.of("enable", false), event);

    send(keyPath(webhook), "text/plain", "x");

    var started = deliveries(webhook).getFirst().path("started");
    assertThat(started.findValuesAsString("task_id")).containsExactly(disabled);
    assertThat(started.findValuesAsString("refused").getFirst()).contains("disabled");
  }

  @Test
  void a_delivery_that_a_supervisor_left_behind_is_started_by_a_sweep() {
    var webhook = made(Map.of());
    var task = taskOf(webhook);
    var stored =
        supervisor
            .context()
            .getBean(Webhooks.class)
            .find("acme", webhook.path("id").asString())
            .orElseThrow();

    // It was stored, and whoever stored it has died.
    var deliveries = supervisor.context().getBean(WebhookDeliveries.class);
    deliveries.add(Deliverable.of(stored, deliveries, "left behind"));

    await().until(() -> it.jobs(task).size() == 1);
    assertThat(it.only(task).at("/task_arguments_values/0").asString()).isEqualTo("left behind");
  }
}
