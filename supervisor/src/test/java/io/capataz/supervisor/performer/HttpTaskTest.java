package io.capataz.supervisor.performer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.QueueName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** HTTP tasks, against a server on loopback, which this supervisor is allowed to call. */
class HttpTaskTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor supervisor =
      TestSupervisor.withClock(
          clock,
          "--capataz.outbound.allowed-networks=127.0.0.1/32",
          "--capataz.rate-limit.enabled=false");
  private static final TestWork work = new TestWork(supervisor);

  /** What the server was sent. */
  private record Seen(String method, String path, Map<String, String> headers, String body) {}

  private final ConcurrentLinkedQueue<Seen> seen = new ConcurrentLinkedQueue<>();
  private final CountDownLatch open = new CountDownLatch(1);
  private HttpServer server;
  private String address = "";

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
    address = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void end() {
    open.countDown();
    server.stop(0);
  }

  @AfterAll
  static void stop() {
    supervisor.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    var headers = new HashMap<String, String>();
    exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, values.getFirst()));
    var path = exchange.getRequestURI().toString();
    var body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    seen.add(new Seen(exchange.getRequestMethod(), path, headers, body));
    try (exchange) {
      if (path.startsWith("/slow")) {
        open.await();
      }
      if (path.startsWith("/hop")) {
        var location =
            path.equals("/hop1") ? address.replace("127.0.0.1", "localhost") + "/end" : "/hop1";
        exchange.getResponseHeaders().add("Location", location);
        exchange.sendResponseHeaders(302, -1);
      } else if (path.startsWith("/loop")) {
        exchange.getResponseHeaders().add("Location", "/loop");
        exchange.sendResponseHeaders(302, -1);
      } else if (path.startsWith("/endless")) {
        exchange.sendResponseHeaders(200, 0);
        endless(exchange);
      } else {
        var status = path.startsWith("/500") ? 500 : path.startsWith("/404") ? 404 : 200;
        var echo =
            ("echo " + headers.getOrDefault("Authorization", "") + body)
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("X-Seen", headers.getOrDefault("Authorization", "-"));
        exchange.sendResponseHeaders(status, echo.length);
        exchange.getResponseBody().write(echo);
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  private static void endless(HttpExchange exchange) {
    try {
      while (true) {
        exchange.getResponseBody().write(new byte[8192]);
      }
    } catch (IOException closed) {
      // As wanted.
      assertThat(closed).isNotNull();
    }
  }

  @Test
  void a_call_succeeds_with_body_headers_and_status_as_its_output() {
    var secret = "hush-" + System.nanoTime();
    var task =
        task(
            Map.of(
                "method",
                "POST",
                "url",
                address + "/deploy/{{what}}?to={{what}}",
                "headers",
                Map.of("Authorization", "Bearer " + secret, "X-What", "v{{count}}"),
                "masked_headers",
                List.of("Authorization"),
                "body",
                "{\"what\": \"{{what}}\", \"n\": {{count}}}",
                "task_arguments",
                List.of(
                    Map.of("type", "input", "label", "what"),
                    Map.of("type", "input", "label", "count"))));

    var job = ended(task, Map.of("task_arguments", List.of("a \"b\"/c", "7")));

    assertThat(job.at("/status").asString()).describedAs(job.toString()).isEqualTo("succeeded");
    var sent = seen.remove();
    assertThat(sent.method()).isEqualTo("POST");
    assertThat(sent.path()).isEqualTo("/deploy/a%20%22b%22%2Fc?to=a%20%22b%22%2Fc");
    assertThat(sent.body()).isEqualTo("{\"what\": \"a \\\"b\\\"/c\", \"n\": 7}");
    assertThat(sent.headers())
        .containsEntry("Authorization", "Bearer " + secret)
        .containsEntry("X-what", "v7")
        .containsEntry("Content-type", "application/json")
        .containsEntry("Idempotency-key", job.at("/id").asString());
    assertThat(job.at("/_type").asString()).isEqualTo("ScraperJob");
    assertThat(job.at("/output/2").asString()).isEqualTo("200");
    assertThat(job.at("/output/0").asString()).startsWith("echo ********{");
    assertThat(job.at("/result/response/status_code").asInt()).isEqualTo(200);
    assertThat(job.at("/result/response/headers/x-seen").asString()).isEqualTo("********");
    assertThat(job.has("host_id")).isFalse();
    assertThat(job.at("/history").valueStream().map(step -> step.at("/move").asString()))
        .containsExactly("assign", "start", "succeed");
    assertThat(job.toString()).doesNotContain(secret);
    assertThat(supervisor.get("/acme/task/" + task).raw().body())
        .doesNotContain(secret)
        .contains("********");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/500 | {} | failed | The status was 500, not 200 to 299.",
        "/404 | {'status_code': '4..'} | succeeded |",
        "/x | {'status_code': 201} | failed | The status was 200, not one that matches 201.",
        "/x | {'parser': 'pattern', 'pattern': '^echo'} | succeeded |",
        "/x | {'pattern': 'nothing'} | failed | The body does not match the pattern nothing.",
        "/hop2 | {} | failed | The status was 302, not 200 to 299.",
        "/loop | {'max_redirects': 3} | failed | It was redirected more than 3 times.",
        "/endless | {} | succeeded |",
        "/x y | {} | refused by the task |"
      })
  void what_is_answered_decides(String path, String more, String status, String reason) {
    var body = new HashMap<String, Object>(Map.of("url", address + path, "timeout", 20));
    var given = MessageJson.mapper().readTree(more.replace('\'', '"'));
    given.properties().forEach(field -> body.put(field.getKey(), field.getValue()));
    if (status.startsWith("refused")) {
      assertThat(made(body).status()).isEqualTo(400);
      return;
    }

    var job = ended(task(body), Map.of());

    assertThat(job.at("/status").asString()).describedAs(job.toString()).isEqualTo(status);
    assertThat(job.at("/outcome/reason").asString("")).isEqualTo(reason == null ? "" : reason);
  }

  @Test
  void secrets_do_not_follow_a_redirect_to_another_server() {
    // localhost may be ::1, which is not allowed here, so the call need not arrive.
    var task =
        task(
            Map.of(
                "url",
                address + "/hop2",
                "headers",
                Map.of("Authorization", "Bearer x", "Accept", "text/plain"),
                "max_redirects",
                5));

    ended(task, Map.of());

    assertThat(seen).extracting(Seen::path).startsWith("/hop2", "/hop1");
    assertThat(seen.remove().headers()).containsKey("Authorization");
    assertThat(seen.remove().headers()).containsKey("Authorization");
    assertThat(seen).allMatch(hop -> !hop.headers().containsKey("Authorization"));
  }

  @Test
  void an_address_that_is_not_public_is_refused_and_not_tried_again() {
    var job = ended(task(Map.of("url", "http://127.0.0.2:9/", "max_attempts", 3)), Map.of());

    assertThat(job.at("/outcome/type").asString()).isEqualTo("refused");
    assertThat(job.at("/outcome/reason").asString()).contains("127.0.0.2").contains("not public");
    assertThat(job.at("/attempt").asInt()).isOne();
  }

  @Test
  void a_call_that_takes_too_long_times_out() {
    var job = ended(task(Map.of("url", address + "/slow", "timeout", 1)), Map.of());

    assertThat(job.at("/outcome/type").asString()).isEqualTo("timed_out");
    assertThat(job.at("/lifecycle").asString()).isEqualTo("terminated");
  }

  @Test
  void a_call_is_stopped_on_request() {
    var job = work.post(task(Map.of("url", address + "/slow", "timeout", 300)));
    await().until(() -> work.status(job).equals("running"));

    assertThat(supervisor.put("/acme/job/" + job + "/cancel").text("/cancel"))
        .isEqualTo("stopping");

    await().until(() -> work.status(job).equals("canceled"));
  }

  @Test
  void limits_hold_for_calls_too() {
    var task = task(Map.of("url", address + "/slow", "multitasking", false));
    var jobs = Stream.generate(() -> work.post(task)).limit(3).toList();
    await().until(() -> jobs.stream().anyMatch(job -> work.status(job).equals("running")));

    assertThat(jobs.stream().filter(job -> work.status(job).equals("running"))).hasSize(1);
    assertThat(jobs).anyMatch(job -> work.why(job).equals("max_parallel"));
    open.countDown();

    await()
        .untilAsserted(
            () -> assertThat(jobs).allMatch(job -> work.status(job).equals("succeeded")));
    assertThat(seen).hasSize(3);
  }

  @Test
  void a_failed_call_is_tried_again_and_an_attempt_of_a_dead_supervisor_is_given_up() {
    var task =
        task(
            Map.of(
                "url",
                address + "/x",
                "timeout",
                60,
                "max_attempts",
                2,
                "retry_delay",
                0,
                "on_lost",
                "retry"));
    var jobs = supervisor.context().getBean(Jobs.class);
    assertThat(taken(jobs, task)).isNotEmpty();
    var job = taken.getLast();

    clock.jump(Duration.ofSeconds(60));
    assertThat(work.status(job)).isEqualTo("assigned");
    clock.jump(Duration.ofSeconds(31));

    await().until(() -> work.status(job).equals("succeeded"));
    var shown = work.job(job);
    assertThat(shown.at("/attempt").asInt()).isEqualTo(2);
    assertThat(shown.at("/attempts/0/outcome/type").asString()).isEqualTo("lost");
  }

  private final ArrayList<String> taken = new ArrayList<>();

  /** A job that a supervisor claims and then dies: claimed here before this one comes to it. */
  private List<String> taken(Jobs jobs, String task) {
    while (taken.isEmpty()) {
      var job = work.post(task, Map.of("not_before", "" + clock.instant().plusSeconds(3600)));
      var lease =
          new Lease(
              Performer.NAME,
              "supervisor:dead",
              1,
              "claim-of-the-dead-" + job,
              clock.instant(),
              Claim.Heard.SYNC);
      var waiting = jobs.find(job).orElseThrow();
      jobs.comeDue(waiting);
      if (jobs.assign(job, "acme", List.of(QueueName.SUPERVISORS), null, lease).isPresent()) {
        taken.add(job);
      }
    }
    return taken;
  }

  private static String task(Map<String, ?> more) {
    var made = made(more);
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    return made.text("/id");
  }

  private static TestSupervisor.Answer made(Map<String, ?> more) {
    var body = new HashMap<String, Object>(Map.of("name", "any", "type", "http"));
    body.putAll(more);
    return supervisor.post("/acme/task", body);
  }

  private static JsonNode ended(String task, Map<String, ?> run) {
    var job = work.post(task, run);
    await().until(() -> List.of("succeeded", "failed", "canceled").contains(work.status(job)));
    return work.job(job);
  }
}
