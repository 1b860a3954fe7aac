package io.capataz.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import tools.jackson.databind.JsonNode;

/** An administrator asks who did what. */
class AuditTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @Test
  void an_act_is_told_with_who_what_where_and_how_it_ended() {
    var admin = TestPerson.loggedIn(supervisor, Role.ADMIN);

    var made = admin.send("POST", "/acme/pool", Map.of("name", "pool-" + UUID.randomUUID()));
    var failed = admin.send("PUT", "/acme/pool/0123456789abcdef01234567", Map.of("hosts", 1));

    var acts = acts("actor=user:" + admin.email() + "&action=POST%20%2F%7Bcustomer%7D%2Fpool");
    assertThat(acts.size()).isEqualTo(1);
    var act = acts.get(0);
    assertThat(act.get("status").asInt()).isEqualTo(201);
    assertThat(act.get("address").asString()).isEqualTo("127.0.0.1");
    assertThat(act.get("path").get("customer").asString()).isEqualTo("acme");
    assertThat(act.get("request_id").asString())
        .isEqualTo(made.raw().headers().firstValue("X-Request-Id").orElseThrow());
    assertThat(act.get("ended").asString()).isGreaterThanOrEqualTo(act.get("at").asString());

    var other = acts("object=0123456789abcdef01234567&status=400&actor=user:" + admin.email());
    assertThat(failed.status()).isEqualTo(400);
    assertThat(other.get(0).get("action").asString()).isEqualTo("PUT /{customer}/pool/{id}");
  }

  @Test
  void logins_are_told_those_that_fail_too() {
    var person = TestPerson.loggedIn(supervisor, Role.VIEWER);
    var _ = TestPerson.login(supervisor, person.email(), "not the right one");
    var _ = person.send("POST", "/token", Map.of("name", "laptop"));
    var _ = person.send("POST", "/logout");

    var mine = acts("sort=at&actor=user:" + person.email());
    assertThat(mine.valueStream().map(act -> act.get("action").asString()))
        .containsExactly("POST /login", "POST /token", "POST /logout");
    var failed = acts("status=401&object=" + person.id());
    assertThat(failed.size()).isEqualTo(1);
    assertThat(failed.get(0).get("actor").asString()).isEqualTo("anonymous");
  }

  @Test
  void a_forced_cancel_is_told_and_what_users_do_all_day_is_not() {
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
    var job = supervisor.post("/acme/task/" + task.text("/id") + "/job", Map.of()).text("/id");

    supervisor.put("/acme/job/" + job + "/hold");
    supervisor.put("/acme/job/" + job + "/cancel?force=true");

    var acts = acts("object=" + job);
    assertThat(acts.valueStream().map(act -> act.get("action").asString()))
        .containsExactly("PUT /{customer}/job/{id}/cancel");
  }

  /** By effect, not by verb: seed 004 has routes that write by GET. */
  @Test
  void a_get_that_writes_is_told() {
    var refused =
        supervisor.send(
            supervisor
                .request("/acme/task/import")
                .header("Authorization", "Bearer " + supervisor.token())
                .GET());

    assertThat(refused.status()).isEqualTo(400);
    assertThat(
            supervisor
                .get("/acme/audit?action=GET%20/%7Bcustomer%7D/task/import&limit=1")
                .text("/0/action"))
        .isEqualTo("GET /{customer}/task/import");
  }

  @Test
  void what_the_guard_refuses_is_told_where_the_one_who_tried_belongs() {
    var user = TestPerson.loggedIn(supervisor, Role.USER);
    var agent = TestAgent.enrolled(supervisor);

    assertThat(user.send("DELETE", "/acme/task/0123456789abcdef01234567").status()).isEqualTo(403);
    assertThat(user.send("POST", "/elsewhere/pool", Map.of("name", "x")).status()).isEqualTo(404);
    assertThat(supervisor.postAs(agent.credential(), "/acme/pool", Map.of()).status())
        .isEqualTo(403);
    assertThat(user.send("GET", "/acme/member").status()).isEqualTo(403);

    var refused = acts("sort=at&action=DELETE%20%2F%7Bcustomer%7D%2Ftask%2F%7Bid%7D&status=403");
    assertThat(refused.valueStream().map(act -> act.get("actor").asString()))
        .contains("user:" + user.email());
    var mine = acts("sort=at&actor=user:" + user.email());
    assertThat(mine.valueStream().map(act -> act.get("status").asInt()))
        .containsExactly(200, 403, 404);
    assertThat(mine.get(1).has("ended")).isTrue();
    assertThat(
            acts("action=POST%20%2F%7Bcustomer%7D%2Fpool&status=403")
                .valueStream()
                .map(act -> act.get("actor").asString()))
        .anyMatch(actor -> actor.startsWith("agent:"));
  }

  @Test
  void no_key_is_written_down_wherever_it_was_put() {
    var made = supervisor.post("/acme/integration-token", Map.of("name", "x"));
    var token = made.text("/token");

    var _ =
        supervisor.sendAs(supervisor.token(), "DELETE", "/acme/integration-token/" + token, null);
    var _ =
        supervisor.send(
            supervisor
                .request("/acme/integration-token")
                .header("Authorization", "Bearer " + supervisor.token())
                .header("X-Request-Id", token)
                .POST(java.net.http.HttpRequest.BodyPublishers.noBody()));

    var all = supervisor.get("/acme/audit?limit=1000").raw().body();
    assertThat(all).contains("[key]").doesNotContain(token.substring(30));
  }

  @Test
  void it_is_for_administrators_and_is_asked_by_time() {
    var manager = supervisor.tokenWith(Role.MANAGER);
    assertThat(supervisor.getAs(manager, "/acme/audit").status()).isEqualTo(403);
    var person = TestPerson.loggedIn(supervisor, Role.VIEWER);
    var at = acts("actor=user:" + person.email()).get(0).get("at").asString();

    assertThat(acts("actor=user:" + person.email() + "&from=" + at).size()).isEqualTo(1);
    assertThat(acts("actor=user:" + person.email() + "&until=" + at).size()).isEqualTo(0);
    var wrong = supervisor.get("/acme/audit?from=yesterday&status=good");
    assertThat(wrong.status()).isEqualTo(400);
    assertThat(wrong.body().get("errors").size()).isEqualTo(2);
  }

  @Test
  void what_cannot_be_written_down_is_not_done_and_what_is_old_is_forgotten() {
    var clock = new TestClock();
    try (var own = TestSupervisor.withClock(clock)) {
      var before = own.post("/acme/pool", Map.of("name", "before"));
      assertThat(before.status()).isEqualTo(201);
      // From now on the store refuses a second act from the same address.
      var mongo = own.context().getBean(MongoOperations.class);
      var _ =
          mongo
              .indexOps(AuditEntry.class)
              .createIndex(new Index().on("address", Sort.Direction.ASC).unique());

      var refused = own.post("/acme/pool", Map.of("name", "after"));

      assertThat(refused.status()).isEqualTo(503);
      assertThat(own.get("/acme/pool").raw().body()).contains("before").doesNotContain("after");

      clock.jump(Duration.ofDays(399));
      own.context().getBean(AuditLog.class).forget();
      assertThat(own.get("/acme/audit").body().size()).isEqualTo(1);
      clock.jump(Duration.ofDays(2));
      own.context().getBean(AuditLog.class).forget();
      assertThat(own.get("/acme/audit").body().size()).isEqualTo(0);
    }
  }

  private JsonNode acts(String query) {
    var answer = supervisor.get("/acme/audit?" + query);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body();
  }
}
