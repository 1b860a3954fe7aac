package io.capataz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Data goes to standard output in the form that was asked for, and nothing else goes there. */
class FormatTest {

  private static final String JOBS = "GET /acme/job?sort=-creation_date";

  private FakeSupervisor supervisor;

  @BeforeEach
  void start() throws IOException {
    supervisor = new FakeSupervisor();
    supervisor.on(
        JOBS,
        """
        [{"id": "j1", "name": "backup", "status": "failed", "exit_code": 3,
          "host": {"hostname": "web-1"}, "creation_date": "2026-01-31T12:00:00Z", "cost": 1e2},
         {"id": "j22", "name": "a\\u001b[2Jb", "status": "ready", "creation_date": "x"}]
        """);
  }

  @AfterEach
  void stop() {
    supervisor.close();
  }

  private String out(String... words) {
    var ended = Typed.at(supervisor).run(words);
    assertThat(ended.err()).isEmpty();
    assertThat(ended.code()).isZero();
    return ended.out();
  }

  @Test
  void a_table_has_columns_and_no_control_characters() {
    assertThat(out("job", "list"))
        .isEqualTo(
            """
            ID   TASK    STATUS  EXIT  HOST   CREATED
            j1   backup  failed  3     web-1  2026-01-31T12:00:00Z
            j22  a?[2Jb  ready                x
            """);
  }

  @Test
  void json_is_what_the_api_said() {
    assertThat(out("job", "list", "-o", "json")).startsWith("[").contains("\"cost\" : 1e2");
  }

  @Test
  void yaml_quotes_what_would_be_something_else() {
    supervisor.on(
        "GET /acme/job/j1",
        "{\"id\": \"j1\", \"env\": {\"A\": \"yes\", \"B\": \"12\", \"C\": \"x: y\"}, \"text\":"
            + " \"a\\n"
            + "b\\n"
            + "\"}");

    assertThat(out("job", "show", "j1"))
        .isEqualTo(
            """
            id: j1
            env:
              A: "yes"
              B: "12"
              C: "x: y"
            text: |
              a
              b
            """);
  }

  @Test
  void names_are_for_other_commands() {
    assertThat(out("job", "list", "-o", "name")).isEqualTo("j1\nj22\n");
  }

  @Test
  void colors_are_for_terminals_whose_owner_wants_them() {
    var colored = Typed.at(supervisor).terminals("12").run("job", "list");
    assertThat(colored.out()).contains("\u001b[31mfailed\u001b[0m");
    var asked = Typed.at(supervisor).terminals("12").with("NO_COLOR", "1").run("job", "list");
    assertThat(asked.out()).doesNotContain("\u001b");
    assertThat(Typed.at(supervisor).terminals("2").run("job", "list").out())
        .doesNotContain("\u001b");
  }

  @Test
  void long_lists_are_read_to_their_end_or_limit() {
    supervisor.page("GET /acme/webhook", "[{\"name\": \"a\"}]", "c/1");
    supervisor.on("GET /acme/webhook?cursor=c%2F1", "[{\"name\": \"b\"}]");

    assertThat(out("webhook", "list", "-o", "name")).isEqualTo("a\nb\n");
  }

  @Test
  void a_new_token_is_printed_alone() {
    supervisor.on("POST /acme/integration-token", "{\"id\": \"t\", \"token\": \"cpz_it_new\"}");

    var ended =
        Typed.at(supervisor).run("token", "create", "ci", "--role", "user", "--scope", "task:run");

    assertThat(ended.out()).isEqualTo("cpz_it_new\n");
    assertThat(supervisor.asked().getFirst().json().toString())
        .isEqualTo("{\"name\":\"ci\",\"role\":\"user\",\"scopes\":[\"task:run\"]}");
  }
}
