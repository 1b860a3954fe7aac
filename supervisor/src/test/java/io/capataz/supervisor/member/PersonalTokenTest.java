package io.capataz.supervisor.member;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A person has tokens of their own for scripts and terminals. */
class PersonalTokenTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @Test
  void a_token_is_shown_once_works_and_ends() {
    var person = TestPerson.loggedIn(supervisor, Role.USER);

    var made = person.send("POST", "/token", Map.of("name", "laptop"));
    var token = made.text("/token");
    assertThat(supervisor.getAs(token, "/session").text("/principal/email"))
        .isEqualTo(person.email());

    var list = person.get("/token");
    assertThat(list.body().size()).isEqualTo(1);
    assertThat(list.text("/0/name")).isEqualTo("laptop");
    assertThat(list.text("/0/last_use")).isNotEmpty();
    assertThat(list.raw().body()).doesNotContain(token).doesNotContain("sha256:");

    assertThat(person.send("DELETE", "/token/" + made.text("/id")).status()).isEqualTo(200);
    assertThat(supervisor.getAs(token, "/session").status()).isEqualTo(401);
    assertThat(person.send("DELETE", "/token/" + made.text("/id")).status()).isEqualTo(404);
  }

  @Test
  void a_token_may_do_less_than_its_person_and_never_more() {
    var person = TestPerson.loggedIn(supervisor, Role.USER);

    var lesser = person.send("POST", "/token", Map.of("name", "dashboard", "role", "viewer"));
    assertThat(supervisor.getAs(lesser.text("/token"), "/session").text("/member/role"))
        .isEqualTo("viewer");
    assertThat(person.send("POST", "/token", Map.of("name", "x", "role", "admin")).status())
        .isEqualTo(403);

    // Whoever is lowered has no token left that may do more.
    var full = person.send("POST", "/token", Map.of("name", "full", "role", "user"));
    supervisor.sendAs(
        supervisor.token(), "PATCH", "/acme/member/" + person.id(), Map.of("role", "viewer"));
    assertThat(supervisor.getAs(full.text("/token"), "/session").text("/member/role"))
        .isEqualTo("viewer");
  }

  @Test
  void a_token_is_narrowed_to_scopes() {
    var person = TestPerson.loggedIn(supervisor, Role.USER);

    var made =
        person.send("POST", "/token", Map.of("name", "status page", "scopes", List.of("job:read")));
    var token = made.text("/token");

    assertThat(made.body().at("/scopes/0").asString()).isEqualTo("job:read");
    assertThat(supervisor.getAs(token, "/acme/job").status()).isEqualTo(200);
    assertThat(supervisor.getAs(token, "/acme/task").status()).isEqualTo(403);
    assertThat(supervisor.getAs(token, "/token").status()).isEqualTo(403);
    assertThat(person.get("/acme/task").status()).isEqualTo(200);
  }

  @Test
  void only_a_session_makes_tokens_and_nobody_ends_anothers() {
    var person = TestPerson.loggedIn(supervisor, Role.USER);
    var other = TestPerson.loggedIn(supervisor, Role.USER);
    var made = person.send("POST", "/token", Map.of("name", "one"));

    assertThat(supervisor.postAs(made.text("/token"), "/token", Map.of("name", "two")).status())
        .isEqualTo(403);
    assertThat(supervisor.post("/token", Map.of("name", "three")).status()).isEqualTo(403);
    assertThat(other.send("DELETE", "/token/" + made.text("/id")).status()).isEqualTo(404);
    assertThat(supervisor.getAs(made.text("/token"), "/session").status()).isEqualTo(200);
  }
}
