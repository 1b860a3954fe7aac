package io.capataz.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A member of {@code acme}, of a random address, who has logged in.
 *
 * @param session the key of their session
 */
public record TestPerson(
    String id, String email, String password, String session, TestSupervisor supervisor) {

  /** Adds somebody with that role, and logs them in. */
  public static TestPerson loggedIn(TestSupervisor supervisor, Role role, String... tags) {
    var email = role.word() + "-" + UUID.randomUUID() + "@example.org";
    var password = "correct horse " + UUID.randomUUID();
    var added =
        supervisor.post(
            "/acme/member",
            Map.of(
                "email", email, "role", role.word(), "password", password, "tags", List.of(tags)));
    assertThat(added.status()).describedAs(added.raw().body()).isEqualTo(200);
    var login = login(supervisor, email, password);
    assertThat(login.status()).describedAs(login.raw().body()).isEqualTo(200);
    return new TestPerson(
        added.text("/id"), email, password, login.text("/access_token"), supervisor);
  }

  public static TestSupervisor.Answer login(
      TestSupervisor supervisor, String email, String password) {
    return supervisor.postAs(
        null, "/login", Map.of("email", email, "password", password, "customer", "acme"));
  }

  public TestSupervisor.Answer get(String path) {
    return supervisor.getAs(session, path);
  }

  public TestSupervisor.Answer send(String method, String path, Object body) {
    return supervisor.sendAs(session, method, path, body);
  }

  public TestSupervisor.Answer send(String method, String path) {
    return supervisor.sendAs(session, method, path, null);
  }
}
