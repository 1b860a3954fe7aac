package io.capataz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What went wrong is said in words on standard error, with an exit code that a script can use. */
class ProblemTest {

  private static final String JOBS = "GET /acme/job?sort=-creation_date";

  private FakeSupervisor supervisor;

  @BeforeEach
  void start() throws IOException {
    supervisor = new FakeSupervisor();
  }

  @AfterEach
  void stop() {
    supervisor.close();
  }

  @ParameterizedTest
  @CsvSource({
    "400, 2, It is wrong.",
    "401, 3, It is wrong. Log in again: capataz login --url ",
    "403, 3, It is wrong.",
    "404, 4, It is wrong.",
    "409, 5, It is wrong.",
    "410, 4, It is wrong.",
    "412, 5, It is wrong. Run the command again to apply it to what is there now.",
    "413, 2, It is wrong.",
    "422, 2, It is wrong.",
    "429, 1, It is wrong. Try again in 9 s.",
    "500, 1, The supervisor had a fault. Its log has the reason under the request id request-7.",
    "503, 6, It is wrong."
  })
  void a_status_is_an_exit_code_and_a_sentence(int status, int code, String sentence) {
    supervisor.problem(JOBS, status, "It is wrong.", "");

    var ended = Typed.at(supervisor).run("job", "list");

    assertThat(ended.err()).startsWith(sentence).endsWith("\n").doesNotContain("Exception");
    assertThat(ended.out()).isEmpty();
    assertThat(ended.code()).isEqualTo(code);
  }

  @Test
  void each_wrong_field_is_a_line() {
    supervisor.problem(
        JOBS,
        400,
        "Two fields are wrong.",
        ", \"errors\": [{\"pointer\": \"/task_arguments/1\", \"detail\": \"'Rows' must be from 1 to"
            + " 5000.\"}, {\"detail\": \"must not be both.\"}]");

    assertThat(Typed.at(supervisor).run("job", "list").err())
        .isEqualTo(
            """
            Two fields are wrong.
              task_arguments/1: 'Rows' must be from 1 to 5000.
              must not be both.
            """);
  }

  @Test
  void another_service_is_not_taken_for_a_supervisor() {
    supervisor.text(JOBS, 502, "text/html", "<html>Bad Gateway</html>");
    supervisor.text(JOBS, 200, "text/html", "<html>Welcome</html>");

    var gateway = Typed.at(supervisor).run("job", "list");
    assertThat(gateway.err()).contains("answered with status 502, but not as Capataz does");
    assertThat(gateway.code()).isEqualTo(6);
    var welcome = Typed.at(supervisor).run("job", "list");
    assertThat(welcome.err()).contains("did not answer in JSON");
    assertThat(welcome.code()).isEqualTo(1);
  }

  @Test
  void a_supervisor_that_is_not_there_is_one_sentence() {
    String url = supervisor.url();
    supervisor.close();

    var ended = Typed.at(supervisor).run("job", "list");

    assertThat(ended.err())
        .isEqualTo(
            "Cannot reach %s: nothing listens there. Is the supervisor running?%n".formatted(url));
    assertThat(ended.code()).isEqualTo(6);
  }

  @Test
  void a_token_is_never_printed() {
    supervisor.problem(JOBS, 401, "The token is unknown or no longer valid.", "");
    supervisor.breaks(JOBS);
    supervisor.text(JOBS, 200, "text/html", "<html>");
    for (int i = 0; i < 3; i++) {
      var ended = Typed.at(supervisor).run("job", "list");
      assertThat(ended.out() + ended.err()).isNotBlank().doesNotContain(FakeSupervisor.TOKEN);
    }
    var wrong = Typed.at(supervisor).with("CAPATAZ_TOKEN", "two words").run("job", "list");
    assertThat(wrong.err()).contains("That is not a token").doesNotContain("two words");
    var url = Typed.at(supervisor).run("job", "list", "--url", "https://me:pass@example.org");
    assertThat(url.err()).contains("without user, password").doesNotContain("pass@");
    assertThat(url.code()).isEqualTo(2);
  }

  @Test
  void a_name_that_is_not_there_or_ambiguous_is_said_so() {
    supervisor.on("GET /acme/task?name=backup&limit=20", "[]");
    var none = Typed.at(supervisor).run("task", "show", "backup");
    assertThat(none.err()).startsWith("There is no task 'backup' that you may see.");
    assertThat(none.code()).isEqualTo(4);

    supervisor.on("GET /acme/task?name=twice&limit=20", "[{\"id\": \"a\"}, {\"id\": \"b\"}]");
    var two = Typed.at(supervisor).run("task", "show", "twice");
    assertThat(two.err()).contains("2 objects of the kind task are called 'twice'", "a, b");
    assertThat(two.code()).isEqualTo(5);
  }

  @Test
  void what_is_not_understood_is_answered_with_what_there_is() {
    assertThat(new Typed().run("jbo").err())
        .isEqualTo("Unknown command: 'jbo'. Did you mean 'job'? See 'capataz --help'.\n");
    assertThat(new Typed().run("job", "lst").err())
        .isEqualTo(
            "Unknown command: 'job lst'. Did you mean 'job list'? See 'capataz job --help'.\n");
    var option = Typed.at(supervisor).run("job", "list", "--tokn=secret-word");
    assertThat(option.err()).startsWith("Unknown option: '--tokn'.").doesNotContain("secret-word");
    assertThat(option.code()).isEqualTo(2);
    assertThat(Typed.at(supervisor).run("job", "list", "--limit", "many").err())
        .isEqualTo("Invalid --limit 'many': must be a number from 1 to 100000.\n");
    assertThat(Typed.at(supervisor).run("job", "list", "-o", "xml").err())
        .isEqualTo("Invalid --output 'xml': must be table, json, yaml or name.\n");
  }
}
