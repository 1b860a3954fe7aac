package io.capataz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logging in, and which supervisor and token a command uses. */
class ContextTest {

  private static final String SESSION =
      """
      {"principal": {"username": "ann@example.org"}, "organization": {"id": "acme"},
       "member": {"role": "user"}}
      """;

  @TempDir Path folder;

  private FakeSupervisor supervisor;

  @BeforeEach
  void start() throws IOException {
    supervisor = new FakeSupervisor();
    supervisor.on("GET /session", SESSION).on("GET /acme/webhook", "[]");
  }

  @AfterEach
  void stop() {
    supervisor.close();
  }

  private Typed typed() {
    return new Typed().with("XDG_CONFIG_HOME", folder.toString());
  }

  private Typed.Ended logIn(FakeSupervisor at, String name) {
    return typed()
        .input(FakeSupervisor.TOKEN + "\n")
        .run("login", "--url", at.url() + "/", "--context", name);
  }

  @Test
  void a_token_is_kept_where_only_its_owner_reads_it() throws IOException {
    var ended = logIn(supervisor, "work");

    assertThat(ended.err())
        .startsWith("Logged in to %s as ann@example.org, role user".formatted(supervisor.url()));
    assertThat(ended.out()).isEmpty();
    Path file = folder.resolve("capataz/contexts.json");
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(typed().run("webhook", "list").code()).isZero();
    assertThat(supervisor.asked("GET /acme/webhook").getFirst().header("Authorization"))
        .isEqualTo("Bearer " + FakeSupervisor.TOKEN);
    assertThat(typed().run("context", "list").out())
        .contains("*        work  " + supervisor.url())
        .doesNotContain(FakeSupervisor.TOKEN);
  }

  @Test
  void a_file_that_others_can_read_is_refused() throws IOException {
    var _ = logIn(supervisor, "work");
    Files.setPosixFilePermissions(
        folder.resolve("capataz/contexts.json"), PosixFilePermissions.fromString("rw-r--r--"));

    var ended = typed().run("webhook", "list");

    assertThat(ended.err()).contains("chmod 600");
    assertThat(ended.code()).isEqualTo(2);
  }

  @Test
  void a_token_that_is_refused_is_not_kept() throws IOException {
    try (var strict = new FakeSupervisor()) {
      strict.problem("GET /session", 401, "The token is unknown or no longer valid.", "");

      assertThat(logIn(strict, "work").code()).isEqualTo(3);
      assertThat(folder.resolve("capataz")).doesNotExist();
    }
  }

  @Test
  void a_token_is_sent_to_the_supervisor_it_was_given_for_only() throws IOException {
    var _ = logIn(supervisor, "work");
    try (var other = new FakeSupervisor()) {
      var ended = typed().run("webhook", "list", "--url", other.url());

      assertThat(ended.err()).startsWith("There is no token for " + other.url());
      assertThat(ended.code()).isEqualTo(3);
      assertThat(other.asked()).isEmpty();
    }
  }

  @Test
  void options_come_before_the_environment_and_that_before_contexts() throws IOException {
    var _ = logIn(supervisor, "one");
    try (var other = new FakeSupervisor()) {
      other.on("GET /session", SESSION).on("GET /acme/webhook", "[{\"name\": \"there\"}]");
      other.on("GET /else/webhook", "[{\"name\": \"else\"}]");
      var _ = logIn(other, "two");

      assertThat(typed().run("webhook", "list", "-o", "name").out()).isEqualTo("there\n");
      assertThat(typed().run("context", "use", "one").code()).isZero();
      assertThat(typed().run("webhook", "list", "-o", "name").out()).isEmpty();
      assertThat(typed().with("CAPATAZ_CONTEXT", "two").run("webhook", "list", "-o", "name").out())
          .isEqualTo("there\n");
      assertThat(
              typed()
                  .with("CAPATAZ_CONTEXT", "one")
                  .run("webhook", "list", "-o", "name", "--context=two", "--organization=else")
                  .out())
          .isEqualTo("else\n");
      assertThat(typed().run("context", "remove", "two").code()).isZero();
      assertThat(typed().run("webhook", "list", "--context", "two").err())
          .isEqualTo("There is no context 'two'. There are: one.\n");
    }
  }

  @Test
  void the_organization_is_the_token_s_if_none_is_named() {
    var ended =
        Typed.at(supervisor).without("CAPATAZ_ORGANIZATION").run("webhook", "list", "-o", "json");

    assertThat(ended.err()).isEmpty();
    assertThat(ended.out()).isEqualTo("[ ]\n");
  }

  @Test
  void a_token_may_be_in_a_file() throws IOException {
    Path file = Files.writeString(folder.resolve("token"), "another\n");

    var ended = Typed.at(supervisor).run("webhook", "list", "--token-file", file.toString());

    assertThat(ended.code()).isZero();
    assertThat(supervisor.asked().getFirst().header("Authorization")).isEqualTo("Bearer another");
  }
}
