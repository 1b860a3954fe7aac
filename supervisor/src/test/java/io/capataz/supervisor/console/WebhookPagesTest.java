package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Incoming webhooks as people see them. */
class WebhookPagesTest {

  private static final Pattern SECRET = Pattern.compile("data-text=\"([^\"/]+)\"");

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final Browser browser = Browser.signedIn(supervisor, supervisor.token());
  private final String name = "hook-" + UUID.randomUUID();

  @Test
  void a_webhook_is_made_and_its_secret_shown_once() {
    var made = browser.post("/console/webhooks", Map.of("name", name, "verification", "none"));

    assertThat(made.statusCode()).describedAs(made.body()).isEqualTo(200);
    var found = SECRET.matcher(made.body());
    assertThat(found.find()).isTrue();
    var secret = found.group(1);
    var path = "/console/webhooks/" + id();
    assertThat(page(path)).contains(name, "Nothing has come yet").doesNotContain(secret);
    assertThat(page("/console/webhooks")).contains(path, "secret key");
    assertThat(delivered(secret)).isEqualTo(200);

    var rotated = browser.post(path + "/secret", Map.of());
    assertThat(rotated.body()).contains("It is not shown again").doesNotContain(secret);
    assertThat(delivered(secret)).isEqualTo(404);
  }

  @Test
  void a_delivery_shows_what_it_started_and_is_replayed() {
    var made = supervisor.post("/acme/webhook", Map.of("name", name)).body();
    var id = made.path("id").asString();
    var event = supervisor.get("/event?emitter_id=" + id + "&name=trigger").body();
    var task = work.taskOn(TestAgent.enrolled(supervisor), Map.of());
    var triggers = Map.of("triggers", List.of(event.get(0).path("_id").asString()));
    assertThat(supervisor.ask("PATCH", "/acme/task/" + task, triggers).status()).isEqualTo(200);
    assertThat(delivered(made.path("secret").asString())).isEqualTo(200);

    var path = "/console/webhooks/" + id;
    await().atMost(Duration.ofSeconds(30)).until(() -> page(path).contains("/console/jobs/"));
    assertThat(page(path)).contains("/console/tasks/" + task);
    var delivery = supervisor.get("/acme/webhook/" + id + "/delivery").body().get(0);

    browser.post(path + "/deliveries/" + delivery.path("id").asString() + "/replay", Map.of());

    assertThat(supervisor.get("/acme/webhook/" + id + "/delivery").body()).hasSize(2);
    assertThat(page(path)).contains("replay");
  }

  @Test
  void a_webhook_is_disabled_and_a_name_that_is_taken_is_refused() {
    supervisor.post("/acme/webhook", Map.of("name", name));
    var path = "/console/webhooks/" + id();

    browser.post(path + "/disable", Map.of());
    assertThat(page(path)).contains("disabled", path + "/enable");
    browser.post(path + "/enable", Map.of());
    assertThat(page(path)).contains(path + "/disable");

    var taken = browser.post("/console/webhooks", Map.of("name", name));
    assertThat(taken.statusCode()).isEqualTo(409);
    assertThat(taken.body()).contains("Not changed", "A webhook with that name exists");
  }

  @Test
  void who_may_only_look_sees_no_deliveries_and_changes_nothing() {
    supervisor.post("/acme/webhook", Map.of("name", name, "acls", List.of("viewer")));
    var path = "/console/webhooks/" + id();
    var viewer = Browser.signedIn(supervisor, supervisor.tokenWith(Role.VIEWER));

    assertThat(viewer.get(path).body())
        .contains("Only administrators see the deliveries.")
        .doesNotContain(path + "/", "id=\"rotate\"");
    assertThat(viewer.get("/console/webhooks").body())
        .contains(path)
        .doesNotContain("id=\"create\"");
    assertThat(viewer.post(path + "/secret", Map.of()).statusCode()).isEqualTo(403);
    assertThat(viewer.post("/console/webhooks", Map.of("name", "x")).statusCode()).isEqualTo(403);
  }

  private String id() {
    return supervisor.get("/acme/webhook/" + name).text("/id");
  }

  private int delivered(String secret) {
    return supervisor
        .post("/acme/webhook/" + name + "/trigger/secret/" + secret, List.of("1"))
        .status();
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
