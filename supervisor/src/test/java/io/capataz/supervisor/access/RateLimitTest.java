package io.capataz.supervisor.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Who asks too much is told to wait, and nobody else has to. */
class RateLimitTest {

  private static final TestSupervisor supervisor =
      TestSupervisor.with(
          "--capataz.rate-limit.token-burst=20",
          "--capataz.rate-limit.token-per-minute=1",
          "--capataz.rate-limit.address-burst=8",
          "--capataz.rate-limit.address-per-minute=1",
          "--capataz.rate-limit.key-burst=3",
          "--capataz.rate-limit.key-per-minute=1",
          "--capataz.rate-limit.account-burst=2",
          "--capataz.rate-limit.account-per-minute=1",
          "--capataz.proxy.trusted=1");

  @AfterAll
  static void end() {
    supervisor.close();
  }

  @Test
  void a_token_that_asks_too_much_waits_and_another_does_not() {
    var busy = supervisor.tokenWith(Role.ADMIN);

    var first = supervisor.getAs(busy, "/acme/task");
    assertThat(header(first, "RateLimit-Policy")).isEqualTo("\"token\";q=20;w=1200");
    assertThat(header(first, "RateLimit")).matches("\"token\";r=19;t=\\d+");
    for (var i = 1; i < 20; i++) {
      assertThat(supervisor.getAs(busy, "/acme/task").status()).isEqualTo(200);
    }
    var refused = supervisor.getAs(busy, "/acme/task");

    assertTooMany(refused);
    assertThat(header(refused, "RateLimit")).startsWith("\"token\";r=0;t=");
    assertThat(supervisor.getAs(supervisor.tokenWith(Role.ADMIN), "/acme/task").status())
        .isEqualTo(200);
  }

  @Test
  void an_address_that_is_not_known_waits_and_one_that_shows_a_token_does_not() {
    for (var i = 0; i < 8; i++) {
      assertThat(from("203.0.113.1", "/acme/task").status()).isEqualTo(401);
    }
    assertTooMany(from("203.0.113.1", "/acme/task"));
    // What the client writes into the header itself is not believed: the last entry is the proxy's.
    assertTooMany(from("198.51.100.7, 203.0.113.1", "/acme/task"));
    assertThat(from("203.0.113.2", "/acme/task").status()).isEqualTo(401);
    assertThat(
            supervisor
                .send(
                    supervisor
                        .request("/acme/task")
                        .header("X-Forwarded-For", "203.0.113.1")
                        .header("Authorization", "Bearer " + supervisor.tokenWith(Role.VIEWER))
                        .GET())
                .status())
        .isEqualTo(200);
    // Requests that lead nowhere are counted, too.
    assertTooMany(from("203.0.113.1", "/no/such/route"));
    // Probes and agents are not counted.
    assertThat(from("203.0.113.1", "/readyz").status()).isEqualTo(200);
    assertThat(header(from("203.0.113.1", "/readyz"), "RateLimit")).isEmpty();
  }

  @Test
  void what_browsers_ask_before_a_page_does_is_counted() {
    for (var i = 0; i < 8; i++) {
      assertThat(preflight("203.0.113.50").status()).isEqualTo(403);
    }
    assertTooMany(preflight("203.0.113.50"));
    assertThat(preflight("203.0.113.51").status()).isEqualTo(403);
  }

  private static Answer preflight(String address) {
    return supervisor.send(
        supervisor
            .request("/acme/task")
            .header("X-Forwarded-For", address)
            .header("Origin", "https://elsewhere.example.org")
            .header("Access-Control-Request-Method", "GET")
            .method("OPTIONS", java.net.http.HttpRequest.BodyPublishers.noBody()));
  }

  @Test
  void a_secret_key_that_is_used_too_much_waits() {
    var agent = TestAgent.enrolled(supervisor);
    var task =
        supervisor.post(
            "/acme/task",
            Map.of(
                "name",
                "any",
                "host_id",
                agent.host(),
                "script",
                Map.of("filename", "x.sh", "content", "exit 0")));
    var path = "/acme/task/" + task.text("/id") + "/secret/" + task.text("/secret") + "/job";

    for (var i = 0; i < 3; i++) {
      assertThat(post("203.0.113.10" + i, path, Map.of()).status()).isEqualTo(200);
    }
    assertTooMany(post("203.0.113.109", path, Map.of()));
  }

  @Test
  void who_guesses_passwords_has_to_wait_and_keeps_nobody_else_out() {
    var person = TestPerson.loggedIn(supervisor, Role.VIEWER);
    // With and without the organization it is the same account.
    assertThat(login("203.0.113.200", person.email(), "a wrong guess").status()).isEqualTo(401);
    assertThat(
            post(
                    "203.0.113.200",
                    "/login",
                    Map.of("email", person.email(), "password", "a wrong guess"))
                .status())
        .isEqualTo(401);

    assertTooMany(login("203.0.113.200", person.email(), "a wrong guess"));
    assertTooMany(login("203.0.113.200", person.email(), person.password()));
    // Knowing an account must not be enough to lock its owner out.
    assertThat(login("203.0.113.201", person.email(), person.password()).status()).isEqualTo(200);
    // An account that does not exist behaves the same.
    for (var i = 0; i < 2; i++) {
      assertThat(login("203.0.113.210", "nobody@example.org", "a wrong guess").status())
          .isEqualTo(401);
    }
    assertTooMany(login("203.0.113.210", "nobody@example.org", "a wrong guess"));
    // Who is in already stays in.
    assertThat(person.get("/session").status()).isEqualTo(200);
  }

  private static Answer login(String address, String email, String password) {
    return post(
        address, "/login", Map.of("email", email, "password", password, "customer", "acme"));
  }

  private static Answer from(String address, String path) {
    return supervisor.send(supervisor.request(path).header("X-Forwarded-For", address).GET());
  }

  private static Answer post(String address, String path, Map<String, ?> body) {
    return supervisor.send(
        supervisor
            .request(path)
            .header("X-Forwarded-For", address)
            .header("Content-Type", "application/json")
            .POST(
                java.net.http.HttpRequest.BodyPublishers.ofByteArray(
                    io.capataz.common.protocol.MessageJson.write(body))));
  }

  private static String header(Answer answer, String name) {
    return answer.raw().headers().firstValue(name).orElse("");
  }

  private static void assertTooMany(Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(429);
    assertThat(header(answer, "Content-Type")).startsWith("application/problem+json");
    assertThat(answer.text("/code")).isEqualTo("too_many_requests");
    assertThat(Integer.parseInt(header(answer, "Retry-After"))).isBetween(1, 60);
  }
}
