package io.capataz.supervisor.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A person logs in, works, and logs out. */
class LoginTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @Test
  void a_session_says_who_it_is_and_ends_with_the_logout() {
    var person = TestPerson.loggedIn(supervisor, Role.USER, "team:billing");

    var who = person.get("/session");
    assertThat(who.status()).isEqualTo(200);
    assertThat(who.text("/principal/email")).isEqualTo(person.email());
    assertThat(who.text("/organization/name")).isEqualTo("acme");
    assertThat(who.text("/member/credential")).isEqualTo("user");
    assertThat(who.text("/member/tags/0")).isEqualTo("team:billing");
    assertThat(person.get("/api/session/profile").body()).isEqualTo(who.body());
    assertThat(person.get("/acme/task").status()).isEqualTo(200);
    assertThat(person.send("POST", "/acme/pool", Map.of("name", "x")).status()).isEqualTo(403);

    assertThat(person.send("POST", "/logout").status()).isEqualTo(200);
    assertThat(person.get("/session").status()).isEqualTo(401);
  }

  @Test
  void the_originals_clients_log_in_with_http_basic() {
    var person = TestPerson.loggedIn(supervisor, Role.VIEWER);
    var shown = person.email() + ":" + person.password();

    var login =
        supervisor.send(
            supervisor
                .request("/api/auth/login?customer=acme")
                .header(
                    "Authorization",
                    "Basic "
                        + Base64.getEncoder()
                            .encodeToString(shown.getBytes(StandardCharsets.UTF_8)))
                .POST(BodyPublishers.noBody()));

    assertThat(login.status()).isEqualTo(200);
    assertThat(login.body().get("expires_in").asLong()).isEqualTo(86_400);
    assertThat(supervisor.getAs(login.text("/access_token"), "/acme/task").status()).isEqualTo(200);
  }

  @Test
  void whatever_is_wrong_the_answer_is_the_same() {
    var person = TestPerson.loggedIn(supervisor, Role.VIEWER);
    var without = supervisor.post("/acme/member", Map.of("email", "a-" + person.email()));
    assertThat(without.status()).isEqualTo(200);
    var disabled = TestPerson.loggedIn(supervisor, Role.VIEWER);
    supervisor.sendAs(
        supervisor.token(), "PATCH", "/acme/member/" + disabled.id(), Map.of("enabled", false));

    var wrong = TestPerson.login(supervisor, person.email(), "not the right one");
    var unknown = TestPerson.login(supervisor, "nobody@example.org", "not the right one");
    var noPassword = TestPerson.login(supervisor, "a-" + person.email(), "not the right one");
    var isDisabled = TestPerson.login(supervisor, disabled.email(), disabled.password());
    var elsewhere =
        supervisor.postAs(
            null,
            "/login",
            Map.of(
                "email", person.email(), "password", person.password(), "customer", "elsewhere"));

    assertThat(wrong.status()).isEqualTo(401);
    assertThat(unknown.body()).isEqualTo(wrong.body());
    assertThat(noPassword.body()).isEqualTo(wrong.body());
    assertThat(isDisabled.body()).isEqualTo(wrong.body());
    assertThat(elsewhere.body()).isEqualTo(wrong.body());
  }

  @Test
  void who_is_in_one_organization_only_need_not_name_it() {
    var person = TestPerson.loggedIn(supervisor, Role.VIEWER);

    var login =
        supervisor.postAs(
            null, "/login", Map.of("username", person.email(), "password", person.password()));

    assertThat(login.text("/customer")).isEqualTo("acme");
  }

  @Test
  void a_new_password_ends_every_key_there_was() {
    var person = TestPerson.loggedIn(supervisor, Role.USER);
    var token = person.send("POST", "/token", Map.of("name", "laptop")).text("/token");
    assertThat(supervisor.getAs(token, "/session").status()).isEqualTo(200);

    var refused =
        person.send(
            "PUT",
            "/session/password",
            Map.of("old_password", "something else", "password", "another long one"));
    assertThat(refused.status()).isEqualTo(401);
    assertThat(person.get("/session").status()).isEqualTo(200);
    var changed =
        person.send(
            "PUT",
            "/session/password",
            Map.of("old_password", person.password(), "password", "another long one"));

    assertThat(changed.status()).isEqualTo(200);
    assertThat(person.get("/session").status()).isEqualTo(401);
    assertThat(supervisor.getAs(token, "/session").status()).isEqualTo(401);
    assertThat(supervisor.getAs(changed.text("/access_token"), "/session").status()).isEqualTo(200);
    assertThat(TestPerson.login(supervisor, person.email(), person.password()).status())
        .isEqualTo(401);
    assertThat(TestPerson.login(supervisor, person.email(), "another long one").status())
        .isEqualTo(200);
  }

  @Test
  void an_owner_sets_a_password_and_an_administrator_does_not() {
    var person = TestPerson.loggedIn(supervisor, Role.USER);
    var path = "/acme/member/" + person.id() + "/password";
    var other = Map.of("password", "given by an owner");

    assertThat(supervisor.sendAs(supervisor.tokenWith(Role.ADMIN), "PUT", path, other).status())
        .isEqualTo(403);
    assertThat(supervisor.put(path, Map.of("password", "too short")).text("/errors/0/pointer"))
        .isEqualTo("/password");
    assertThat(supervisor.put(path, other).status()).isEqualTo(200);

    assertThat(person.get("/session").status()).isEqualTo(401);
    assertThat(TestPerson.login(supervisor, person.email(), "given by an owner").status())
        .isEqualTo(200);
  }

  @Test
  void a_token_that_is_no_session_cannot_be_logged_out() {
    var answer = supervisor.post("/logout", Map.of());

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/code")).isEqualTo("not_a_session");
  }

  @Test
  void what_is_no_login_is_400_and_says_why() {
    var answer = supervisor.postAs(null, "/login", Map.of("email", 1, "colour", "red"));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().get("errors").valueStream().map(e -> e.get("pointer").asString()))
        .containsExactlyInAnyOrder("/email", "/password", "/colour");
  }
}
