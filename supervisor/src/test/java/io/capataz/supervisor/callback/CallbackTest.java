package io.capataz.supervisor.callback;

import static io.capataz.supervisor.callback.Delivery.State.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.callback.Delivery.Course;
import io.capataz.supervisor.callback.Delivery.Event;
import io.capataz.supervisor.callback.Delivery.State;
import io.capataz.supervisor.callback.Receiver.Reply;
import io.capataz.supervisor.job.DyingSupervisor;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.runtime.CompareAndSet;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.mongodb.core.MongoOperations;
import tools.jackson.databind.JsonNode;

/** The end of a job is told to a receiver on loopback, which this supervisor may call. */
class CallbackTest {

  private static final String[] SETTINGS = {
    "--capataz.outbound.allowed-networks=127.0.0.1/32", "--capataz.rate-limit.enabled=false"
  };

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor supervisor = TestSupervisor.withClock(clock, SETTINGS);

  /** Takes part in everything. */
  private static final TestSupervisor other = supervisor.another(clock, SETTINGS);

  private static final TestWork work = new TestWork(supervisor);
  private static final TestAgent agent = TestAgent.enrolled(supervisor);

  private final Receiver receiver = new Receiver();

  static {
    agent.open(List.of());
  }

  @AfterEach
  void end() {
    receiver.close();
    supervisor.put("/acme/callback/settings", Map.of());
  }

  @AfterAll
  static void stop() {
    other.close();
    supervisor.close();
  }

  private static final Map<String, Object> COLOUR =
      Map.of("task_arguments", List.of(Map.of("type", "input", "label", "attachment")));

  /** A job that ended; its id. */
  private static String ended(String task, Map<String, ?> run, Outcome outcome, Object result) {
    var id = work.post(task, run);
    var order = agent.claimHeard(id);
    agent.started(order);
    assertThat(agent.returned(order, outcome, result).status()).isEqualTo(204);
    return id;
  }

  private String ended() {
    var run = Map.of("callback_url", receiver.url(), "task_arguments", List.of("tomato"));
    return ended(
        work.taskOn(agent, COLOUR), run, new Outcome.Succeeded(), Map.of("category", "red"));
  }

  private static JsonNode delivery(String job) {
    var answer = supervisor.get("/acme/job/" + job + "/callbacks");
    assertThat(answer.status()).isEqualTo(200);
    return answer.body().at("/0");
  }

  private static JsonNode deliveryIn(String job, String state) {
    return await().until(() -> delivery(job), it -> it.at("/state").asString().equals(state));
  }

  private static void look() {
    supervisor.context().getBean(Sender.class).look();
  }

  @Test
  void the_receiver_is_told_once_what_came_of_the_task() {
    var job = ended();

    var delivery = deliveryIn(job, "succeeded");
    assertThat(receiver.seen()).hasSize(1);
    var post = receiver.seen().getFirst();
    assertThat(post.method()).isEqualTo("POST");
    assertThat(post.path()).isEqualTo("/callback");
    assertThat(post.header("content-type")).isEqualTo("application/json");
    assertThat(post.header("webhook-id")).isEqualTo(delivery.at("/id").asString());
    var body = MessageJson.mapper().readTree(post.body());
    assertThat(body.at("/task_id").asString()).isEqualTo(job);
    assertThat(body.at("/status").asString()).isEqualTo("completed");
    assertThat(body.at("/response/category").asString()).isEqualTo("red");
    assertThat(body.at("/task/response")).isEqualTo(body.at("/response"));
    assertThat(body.at("/task/task_id").asString()).isEqualTo(job);
    assertThat(body.at("/task/status").asString()).isEqualTo("completed");
    assertThat(body.at("/task/type").asString()).isEqualTo("any");
    assertThat(body.at("/task/params/attachment").asString()).isEqualTo("tomato");
    assertThat(body.at("/task/callback_url").asString()).isEqualTo(receiver.url());
    assertThat(body.at("/task/metadata").isObject()).isTrue();
    assertThat(body.at("/task/completed_at").asString())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(delivery.at("/tries/0/status").asInt()).isEqualTo(200);
    assertThat(delivery.has("next_try")).isFalse();
  }

  @Test
  void a_task_that_fails_is_an_error_and_one_that_is_canceled_is_canceled() {
    var task = work.taskOn(agent, Map.of("callback_url", receiver.url()));
    var failed = ended(task, Map.of(), new Outcome.ExitedWith(3), Map.of());
    var canceled = work.post(task, Map.of("hold", true));
    assertThat(supervisor.put("/acme/job/" + canceled + "/cancel").status()).isEqualTo(200);

    assertThat(deliveryIn(failed, "succeeded").at("/event").asString()).isEqualTo("error");
    assertThat(deliveryIn(canceled, "succeeded").at("/event").asString()).isEqualTo("canceled");
    var statuses =
        receiver.seen().stream()
            .map(it -> MessageJson.mapper().readTree(it.body()).at("/status").asString());
    assertThat(statuses).containsExactlyInAnyOrder("error", "canceled");
  }

  @Test
  void a_run_goes_before_its_task_and_that_before_the_profiles() {
    var ann = TestPerson.loggedIn(supervisor, Role.ADMIN);
    supervisor.put("/acme/callback/settings", Map.of("callback_url", receiver.origin() + "/org"));
    var plain = work.taskOn(agent, Map.of());
    var told = work.taskOn(agent, Map.of("callback_url", receiver.origin() + "/task"));

    var targets = new ArrayList<String>();
    targets.add(heldBy(ann, told, Map.of("callback_url", receiver.origin() + "/run")));
    targets.add(heldBy(ann, told, Map.of()));
    targets.add(heldBy(ann, plain, Map.of()));
    ann.send("PUT", "/acme/callback/profile", Map.of("callback_url", receiver.origin() + "/ann"));
    targets.add(heldBy(ann, plain, Map.of()));
    ann.send("PUT", "/acme/callback/profile", Map.of());
    targets.add(heldBy(ann, plain, Map.of()));

    assertThat(targets.stream().map(it -> it.replace(receiver.origin(), "")))
        .containsExactly("/run", "/task", "/org", "/ann", "/org");
    supervisor.put("/acme/callback/settings", Map.of());
    assertThat(heldBy(ann, plain, Map.of())).isEmpty();
  }

  private static String heldBy(TestPerson person, String task, Map<String, ?> more) {
    var run = new HashMap<String, Object>(more);
    run.put("hold", true);
    return person.send("POST", "/acme/task/" + task + "/job", run).text("/callback_url");
  }

  @Test
  void never_more_than_21_posts_the_last_within_a_day_and_one_id_for_all() {
    receiver.answers(new Reply(500, Map.of(), "down"));
    var begun = clock.instant();
    var job = ended();
    await().until(() -> delivery(job).at("/tries").size() == 1);

    for (var posts = 1; delivery(job).has("next_try"); posts++) {
      assertThat(receiver.seen()).hasSize(posts);
      assertThat(callbackSucceeded(job)).isEmpty();
      var next = Instant.parse(delivery(job).at("/next_try").asString());
      assertThat(next).isBefore(begun.plus(Duration.ofHours(24)));
      clock.jump(Duration.between(clock.instant(), next).plusMillis(1));
      look();
      var tries = posts + 1;
      await().until(() -> delivery(job).at("/tries").size() == tries);
    }

    assertThat(receiver.seen()).hasSize(21);
    assertThat(receiver.seen().stream().map(it -> it.header("webhook-id")).distinct()).hasSize(1);
    assertThat(receiver.seen().stream().map(Receiver.Seen::body).distinct()).hasSize(1);
    var delivery = delivery(job);
    assertThat(delivery.at("/state").asString()).isEqualTo("failed");
    assertThat(delivery.at("/tries").size()).isEqualTo(21);
    assertThat(delivery.at("/tries/20/status").asInt()).isEqualTo(500);
    assertThat(delivery.at("/tries/20/answer").asString()).isEqualTo("down");
    clock.jump(Duration.ofDays(3));
    look();
    assertThat(receiver.seen()).hasSize(21);
    assertThat(callbackSucceeded(job)).isEqualTo("false");
  }

  /** What is shown of it; empty: nothing. */
  private static String callbackSucceeded(String job) {
    var context = supervisor.context();
    var found = context.getBean(Jobs.class).find("acme", job).orElseThrow();
    var deliveries = context.getBean(Deliveries.class).of(job);
    return context
        .getBean(TaskObject.class)
        .of(found, deliveries)
        .at("/callback_succeeded")
        .asString();
  }

  @Test
  void a_receiver_may_ask_for_time_and_may_be_gone() {
    receiver.answers(new Reply(503, Map.of("Retry-After", "3600"), ""));
    var job = ended();
    await().until(() -> delivery(job).at("/tries").size() == 1);
    assertThat(Instant.parse(delivery(job).at("/next_try").asString()))
        .isAfter(clock.instant().plus(Duration.ofMinutes(59)));

    receiver.answers(410);
    clock.jump(Duration.ofMinutes(61));
    look();

    assertThat(deliveryIn(job, "failed").at("/tries").size()).isEqualTo(2);
  }

  @Test
  void a_redirect_is_not_followed() {
    receiver.answers(new Reply(302, Map.of("Location", receiver.origin() + "/elsewhere"), ""));
    var job = ended();

    await().until(() -> delivery(job).at("/tries").size() == 1);

    assertThat(delivery(job).at("/tries/0/status").asInt()).isEqualTo(302);
    assertThat(receiver.seen()).hasSize(1);
  }

  @Test
  void a_failed_delivery_is_replayed_with_what_was_sent_first() {
    receiver.answers(410);
    var job = ended();
    var failed = deliveryIn(job, "failed");
    var id = failed.at("/id").asString();
    assertThat(supervisor.get("/acme/callback?state=failed").body().findValuesAsString("id"))
        .contains(id);
    receiver.answers(204);

    assertThat(supervisor.post("/acme/callback/" + id + "/replay", Map.of()).status())
        .isEqualTo(200);

    var delivered = deliveryIn(job, "succeeded");
    assertThat(delivered.at("/tries").size()).isEqualTo(2);
    assertThat(callbackSucceeded(job)).isEqualTo("true");
    assertThat(receiver.seen().get(1).body()).isEqualTo(receiver.seen().get(0).body());
    assertThat(receiver.seen().get(1).header("webhook-id")).isEqualTo(id);
    var whole = supervisor.get("/acme/callback/" + id).body();
    assertThat(whole.at("/payload"))
        .isEqualTo(MessageJson.mapper().readTree(receiver.seen().getFirst().body()));
    assertThat(supervisor.get("/acme/callback?state=failed").body().findValuesAsString("id"))
        .doesNotContain(id);
  }

  @Test
  void many_are_replayed_at_once() {
    receiver.answers(410);
    var ids =
        List.of(ended(), ended()).stream()
            .map(job -> deliveryIn(job, "failed").at("/id").asString())
            .toList();
    receiver.answers(200);

    var answer = supervisor.post("/acme/callback/replay", Map.of("ids", ids));

    assertThat(answer.body().at("/replayed").asInt()).isEqualTo(2);
    await().until(() -> receiver.seen().size() == 4);
  }

  @Test
  void the_signature_is_the_one_of_standard_webhooks_and_survives_a_rotation() throws Exception {
    var first = key("signing");
    var second = key("signing");
    var job = ended();
    deliveryIn(job, "succeeded");

    var post = receiver.seen().getFirst();
    var signed =
        post.header("webhook-id") + "." + post.header("webhook-timestamp") + "." + post.body();
    assertThat(post.header("webhook-signature").split(" "))
        .contains("v1," + mac(first, signed), "v1," + mac(second, signed));
    clock.jump(Duration.ofDays(2));
    var later = ended();
    deliveryIn(later, "succeeded");
    var next = receiver.seen().get(1);
    signed = next.header("webhook-id") + "." + next.header("webhook-timestamp") + "." + next.body();
    assertThat(next.header("webhook-signature")).isEqualTo("v1," + mac(second, signed));
  }

  private static String key(String use) {
    var made = supervisor.post("/acme/callback/key", Map.of("use", use));
    assertThat(made.status()).isEqualTo(200);
    assertThat(supervisor.get("/acme/callback/key").raw().body()).doesNotContain(made.text("/key"));
    return made.text("/key");
  }

  private static String mac(String key, String text) throws Exception {
    var mac = Mac.getInstance("HmacSHA256");
    var bytes = Base64.getDecoder().decode(key.substring("whsec_".length()));
    mac.init(new SecretKeySpec(bytes, "HmacSHA256"));
    return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void the_static_key_goes_to_registered_origins_only() {
    var live = key("live");
    deliveryIn(ended(), "succeeded");
    assertThat(receiver.seen().getFirst().headers().keySet())
        .noneMatch(name -> name.contains("callback-auth"));

    supervisor.put("/acme/callback/settings", Map.of("origins", List.of(receiver.origin())));
    deliveryIn(ended(), "succeeded");

    var headers = receiver.seen().get(1);
    for (var name :
        List.of("refonte-ai--callback-auth", "refonte.ai-callback-auth", "scale-callback-auth")) {
      assertThat(headers.header(name)).isEqualTo(live);
    }
    // A new one takes its place after the overlap.
    var next = supervisor.post("/acme/callback/key", Map.of("use", "live", "overlap", 60));
    deliveryIn(ended(), "succeeded");
    clock.jump(Duration.ofSeconds(61));
    deliveryIn(ended(), "succeeded");
    assertThat(receiver.seen().get(2).header("scale-callback-auth")).isEqualTo(live);
    assertThat(receiver.seen().get(3).header("scale-callback-auth")).isEqualTo(next.text("/key"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ftp://example.org/",
        "//example.org",
        "example.org",
        "https://",
        "https://user:password@example.org/",
        "https://example.org/#part",
        "nobody@example.org",
        "a@b@example.org",
        "https://exa mple.org/"
      })
  void what_is_no_target_is_refused(String target) {
    var task = work.taskOn(agent, Map.of());
    var answer = supervisor.post("/acme/task/" + task + "/job", Map.of("callback_url", target));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo("/callback_url");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://10.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0/",
        "https://2130706434/",
        "https://0x0a000001/",
        "http://192.0.2.1/"
      })
  void forbidden_addresses_are_not_called(String target) {
    var task = work.taskOn(agent, Map.of("callback_url", target));
    var job = ended(task, Map.of(), new Outcome.Succeeded(), Map.of());
    await().until(() -> delivery(job).at("/tries").size() > 0);
    assertThat(delivery(job).at("/tries/0/failure").asString()).isNotEmpty();
    assertThat(delivery(job).at("/tries/0").has("status")).isFalse();
  }

  @Test
  void plain_http_is_for_allowed_networks_only() {
    var task = work.taskOn(agent, Map.of("callback_url", "http://93.184.215.14/"));
    var job = ended(task, Map.of(), new Outcome.Succeeded(), Map.of());
    assertThat(deliveryIn(job, "failed").at("/tries/0/failure").asString())
        .contains("https://", "allowed-networks");
  }

  @Test
  void what_follows_from_an_end_is_done_by_another_supervisor() {
    var id = work.post(work.taskOn(agent, Map.of("callback_url", receiver.url())));
    var order = agent.claimHeard(id);
    agent.started(order);
    var held = supervisor.context().getBean(Jobs.class).find(id).orElseThrow();
    // Only the move, as it stands in the store when its supervisor dies at once.
    DyingSupervisor.jobs(supervisor.context(), clock)
        .end(held, "test", Ending.of(new Outcome.Succeeded()));

    clock.jump(Duration.ofSeconds(10));
    DyingSupervisor.sweepFollowUps(other.context());
    DyingSupervisor.sweepFollowUps(supervisor.context());
    deliveryIn(id, "succeeded");

    assertThat(receiver.seen()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_try_whose_supervisor_died_is_followed_by_another_under_the_same_id(boolean hasCalled)
      throws InterruptedException {
    var id = "a-job-" + System.nanoTime();
    var deliveries = supervisor.context().getBean(Deliveries.class);
    var inAnHour = clock.instant().plus(Duration.ofHours(1));
    deliveries.add(waiting(id, inAnHour));
    // Only its own clock is past that time, so that nobody else takes the try.
    var dying =
        new Deliveries(
            supervisor.context().getBean(MongoOperations.class),
            supervisor.context().getBean(CompareAndSet.class),
            () -> inAnHour);
    var claimed = dying.claim(id).orElseThrow();
    assertThat(dying.claim(id)).isEmpty();
    if (hasCalled) {
      supervisor.context().getBean(Courier.class).deliver(claimed);
    }

    clock.jump(Duration.ofHours(1).plus(Deliveries.CLAIMED).plusSeconds(1));
    other.context().getBean(Sender.class).look();
    look();
    await()
        .until(() -> deliveries.find("acme", id).orElseThrow().course().state(), SUCCEEDED::equals);

    assertThat(receiver.seen()).hasSize(hasCalled ? 2 : 1);
    assertThat(receiver.seen()).allMatch(it -> it.header("webhook-id").equals(id));
    assertThat(deliveries.find("acme", id).orElseThrow().course().number()).isEqualTo(2);
    // Whoever only slept cannot open it again.
    dying.failed(claimed, null, Optional.of(inAnHour));
    assertThat(deliveries.find("acme", id).orElseThrow().course().state()).isEqualTo(SUCCEEDED);
  }

  private Delivery waiting(String id, Instant due) {
    return new Delivery(
        id,
        "acme",
        id,
        Event.COMPLETED,
        receiver.url(),
        Receivers.of(receiver.url()),
        false,
        "{}",
        clock.instant(),
        new Course(State.OPEN, 0, due, due.plus(RetryDelays.LIFE), null, null, null),
        List.of());
  }

  @Test
  void an_open_delivery_outlives_its_job() {
    receiver.answers(500);
    var id = ended();
    var deliveries = supervisor.context().getBean(Deliveries.class);
    await().until(() -> deliveries.of(id).stream().anyMatch(it -> !it.tries().isEmpty()));
    var job = supervisor.context().getBean(Jobs.class).find(id).orElseThrow();

    deliveries.removeFor(job);

    assertThat(deliveries.of(id)).hasSize(1);
    receiver.answers(200);
    clock.jump(Duration.ofSeconds(10));
    look();
    await().until(() -> deliveries.of(id).isEmpty());
    assertThat(receiver.seen()).hasSize(2);
  }

  @Test
  void another_tenants_deliveries_are_not_there() {
    deliveryIn(ended(), "succeeded");
    var viewer = TestPerson.loggedIn(supervisor, Role.VIEWER);
    assertThat(viewer.get("/acme/callback").status()).isEqualTo(403);
    assertThat(supervisor.get("/other/callback").status()).isEqualTo(404);
    assertThat(supervisor.get("/acme/callback/576c41bf13e36b0600b02b34-end").status())
        .isEqualTo(404);
  }
}
