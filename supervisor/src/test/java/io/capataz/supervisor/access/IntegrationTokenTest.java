package io.capataz.supervisor.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.organization.Organizations;
import io.capataz.supervisor.runtime.CapatazSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.DefaultApplicationArguments;
import tools.jackson.databind.JsonNode;

/** An administrator gives programs their keys, and takes them away again. */
class IntegrationTokenTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  @Test
  void a_token_is_shown_once_is_listed_and_opens_the_api() {
    var name = "ci-" + UUID.randomUUID();

    var made = supervisor.post("/acme/integration-token", Map.of("name", name));
    var token = made.text("/token");
    assertThat(made.text("/role")).isEqualTo("integration");
    assertThat(supervisor.getAs(token, "/acme/task").status()).isEqualTo(200);

    var list = supervisor.get("/acme/integration-token?name=" + name);
    assertThat(list.body().size()).isEqualTo(1);
    assertThat(list.text("/0/last_use")).isNotEmpty();
    assertThat(list.text("/0/made_by")).startsWith("token:");
    assertThat(list.raw().body()).doesNotContain(token).doesNotContain("sha256:");
    assertThat(supervisor.get("/api/token?name=" + name).body()).isEqualTo(list.body());
  }

  @Test
  void a_revoked_token_is_refused_here_at_once_and_there_within_a_second() {
    var clock = new TestClock();
    try (var other = supervisor.another(clock)) {
      var made = supervisor.post("/api/token", Map.of("name", "short-lived"));
      var token = made.text("/token");
      assertThat(other.getAs(token, "/acme/task").status()).isEqualTo(200);

      var path = "/acme/integration-token/" + made.text("/id");
      assertThat(supervisor.sendAs(supervisor.token(), "DELETE", path, null).status())
          .isEqualTo(200);

      assertThat(supervisor.getAs(token, "/acme/task").status()).isEqualTo(401);
      await().until(() -> other.getAs(token, "/acme/task").status() == 401);
      assertThat(supervisor.sendAs(supervisor.token(), "DELETE", path, null).status())
          .isEqualTo(404);
      assertThat(supervisor.get("/acme/integration-token").raw().body())
          .doesNotContain(made.text("/id"));

      // And one that expires does so by itself; a session too, after its day.
      var day =
          other.post(
              "/acme/integration-token",
              Map.of("name", "a day", "expires", clock.instant().plus(Duration.ofDays(1))));
      var person = TestPerson.loggedIn(other, Role.VIEWER);
      assertThat(other.getAs(day.text("/token"), "/acme/task").status()).isEqualTo(200);
      clock.jump(Duration.ofHours(25));
      assertThat(other.getAs(day.text("/token"), "/acme/task").status()).isEqualTo(401);
      assertThat(person.get("/session").status()).isEqualTo(401);
    }
  }

  @Test
  void nobody_makes_or_takes_a_token_above_their_own_role() {
    var admin = TestPerson.loggedIn(supervisor, Role.ADMIN);

    var made = admin.send("POST", "/acme/integration-token", Map.of("name", "ci"));
    assertThat(made.text("/role")).isEqualTo("admin");
    assertThat(
            admin
                .send("POST", "/acme/integration-token", Map.of("name", "ci", "role", "owner"))
                .status())
        .isEqualTo(403);
    var owners = supervisor.post("/acme/integration-token", Map.of("name", "x", "role", "owner"));
    assertThat(admin.send("DELETE", "/acme/integration-token/" + owners.text("/id")).status())
        .isEqualTo(403);
    assertThat(supervisor.getAs(owners.text("/token"), "/acme/task").status()).isEqualTo(200);
    assertThat(
            supervisor
                .postAs(
                    supervisor.tokenWith(Role.MANAGER),
                    "/acme/integration-token",
                    Map.of("name", "x"))
                .status())
        .isEqualTo(403);
  }

  @Test
  void a_token_narrowed_to_scopes_does_what_they_say_and_no_more() {
    var made =
        supervisor.post(
            "/acme/integration-token",
            Map.of("name", "deploys", "scopes", List.of("task:run", "job:read")));
    var task = work.taskOn(agent, Map.of());
    var token = made.text("/token");

    var job = supervisor.postAs(token, "/acme/task/" + task + "/job", Map.of());
    assertThat(job.status()).isEqualTo(200);
    assertThat(supervisor.getAs(token, "/acme/job/" + job.text("/id")).status()).isEqualTo(200);
    var cancel = supervisor.sendAs(token, "PUT", "/acme/job/" + job.text("/id") + "/cancel", null);
    assertThat(cancel.status()).isEqualTo(403);
    assertThat(cancel.text("/detail")).contains("job:write");
    assertThat(supervisor.getAs(token, "/acme/task").status()).isEqualTo(403);
    assertThat(
            supervisor.postAs(token, "/acme/integration-token", Map.of("name", "wider")).status())
        .isEqualTo(403);
    assertThat(
            supervisor
                .get("/acme/integration-token?name=deploys")
                .body()
                .at("/0/scopes")
                .valueStream()
                .map(JsonNode::asString))
        .containsExactly("task:run", "job:read");
  }

  @Test
  void a_token_with_tags_sees_what_names_one_of_them_and_nothing_else() {
    var team = "team:" + UUID.randomUUID();
    var made =
        supervisor.post(
            "/acme/integration-token",
            Map.of("name", "one team's", "role", "user", "tags", List.of(team)));
    var theirs = work.taskOn(agent, Map.of("acls", List.of(team)));
    var everyUsers = work.taskOn(agent, Map.of("acls", List.of("user")));
    var token = made.text("/token");

    assertThat(
            supervisor
                .getAs(token, "/acme/task")
                .body()
                .valueStream()
                .map(task -> task.get("id").asString()))
        .containsExactly(theirs);
    assertThat(supervisor.postAs(token, "/acme/task/" + theirs + "/job", Map.of()).status())
        .isEqualTo(200);
    assertThat(supervisor.postAs(token, "/acme/task/" + everyUsers + "/job", Map.of()).status())
        .isEqualTo(404);
    assertThat(supervisor.getAs(token, "/session").body().at("/member/tags/0").asString())
        .isEqualTo(team);
  }

  @Test
  void the_first_token_that_was_revoked_does_not_come_back_with_the_next_start() {
    var tokens = supervisor.context().getBean(IntegrationTokens.class);
    var first = AccessKey.issue(AccessKey.Kind.IT).key();
    var organization = "begun-" + UUID.randomUUID();
    tokens.keep(first, organization, "first start", Role.OWNER);
    assertThat(tokens.callerOf(first)).isPresent();

    assertThat(tokens.revoke(organization, first.id())).isTrue();

    // This is what the next start asks, and what it would do with the file it finds.
    assertThat(tokens.anyFor(organization)).isTrue();
    tokens.keep(first, organization, "first start", Role.OWNER);
    assertThat(tokens.callerOf(first)).isEmpty();
  }

  @Test
  void who_may_start_a_supervisor_gets_back_into_an_organization_for_an_hour(@TempDir Path data)
      throws IOException {
    var clock = new TestClock();
    try (var own = TestSupervisor.withClock(clock)) {
      var rescue =
          new BreakGlassToken(
              new CapatazSettings("mongodb://not-asked", "", data, "acme", null, 1, null),
              own.context().getBean(Organizations.class),
              own.context().getBean(IntegrationTokens.class),
              clock);

      rescue.run(new DefaultApplicationArguments());

      var file = data.resolve("rescue.token");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      var token = Files.readString(file).strip();
      assertThat(own.getAs(token, "/session").text("/member/role")).isEqualTo("owner");
      clock.jump(BreakGlassToken.LIFE);
      assertThat(own.getAs(token, "/session").status()).isEqualTo(401);
      assertThat(own.context().getBeansOfType(BreakGlassToken.class)).isEmpty();
    }
  }

  @Test
  void what_cannot_be_a_token_is_400() {
    var answer =
        supervisor.post(
            "/acme/integration-token",
            Map.of(
                "role",
                "emperor",
                "expires",
                Instant.EPOCH,
                "colour",
                "red",
                "scopes",
                List.of("task:read", "task"),
                "tags",
                List.of("billing")));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().get("errors").valueStream().map(e -> e.get("pointer").asString()))
        .containsExactlyInAnyOrder(
            "/name", "/role", "/expires", "/colour", "/scopes/1", "/tags/0", "/tags");
    for (var scopes : List.of(List.of(), "task:read", List.of(7))) {
      assertThat(
              supervisor
                  .post("/acme/integration-token", Map.of("name", "x", "scopes", scopes))
                  .status())
          .describedAs("%s", scopes)
          .isEqualTo(400);
    }
  }
}
