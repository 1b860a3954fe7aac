package io.capataz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Running a task: its arguments, its output, and the exit code. */
class RunTest {

  private static final String RUN = "POST /acme/task/t1/job";
  private static final String JOB = "GET /acme/job/j1";
  private static final String EVENTS = JOB + "/events";
  private static final String OUTPUT = JOB + "/output";

  @TempDir Path folder;

  private FakeSupervisor supervisor;

  @BeforeEach
  void start() throws IOException {
    supervisor = new FakeSupervisor();
    supervisor.on(
        "GET /acme/task?name=backup&limit=20",
        """
        [{"id": "t1", "name": "backup", "task_arguments": [
          {"type": "fixed", "order": 0, "value": "--now"},
          {"type": "input", "order": 1, "label": "Day"},
          {"type": "input", "order": 2, "label": "Password", "masked": true},
          {"type": "select", "order": 3, "label": "Disks", "multiple": true},
          {"type": "file", "order": 4, "label": "Table"}]}]
        """);
    supervisor.on(RUN, "{\"id\": \"j1\", \"name\": \"backup\", \"status\": \"ready\"}");
    supervisor.on(JOB, "{\"id\": \"j1\", \"status\": \"succeeded\"}");
    supervisor.events(EVENTS, "event: end", "id: end", "data: {}");
  }

  @AfterEach
  void stop() {
    supervisor.close();
  }

  private String sent() {
    return supervisor.asked(RUN).getFirst().json().path("task_arguments").toString();
  }

  @Test
  void arguments_have_the_labels_of_parameters() throws IOException {
    Path table = Files.writeString(folder.resolve("my table.csv"), "a,b\n");

    var ended =
        Typed.at(supervisor)
            .with("PASSWORD", "s3cret")
            .input("tuesday\n")
            .run(
                "task",
                "run",
                "backup",
                "--arg-file",
                "day=-",
                "--arg-env",
                "Password=PASSWORD",
                "--arg",
                "Disks=a",
                "--arg",
                "3=b",
                "--arg-file",
                "Table=" + table,
                "-o",
                "name");

    assertThat(ended.err()).isEmpty();
    assertThat(ended.out()).isEqualTo("j1\n");
    assertThat(sent())
        .isEqualTo(
            "[{\"order\":3,\"value\":[\"a\",\"b\"]},{\"order\":2,\"value\":\"s3cret\"},"
                + "{\"order\":1,\"value\":\"tuesday\"},{\"order\":4,\"value\":"
                + "\"data:application/octet-stream;name=my_table.csv;base64,YSxiCg==\"}]");
  }

  @Test
  void arguments_may_be_given_in_order() {
    var ended = Typed.at(supervisor).run("task", "run", "backup", "monday", "pw");

    assertThat(ended.code()).isZero();
    assertThat(sent()).isEqualTo("[\"monday\",\"pw\"]");
    assertThat(ended.out()).contains("j1", "backup", "ready");
  }

  @Test
  void a_wrong_argument_is_named_and_never_its_value() {
    var unknown = Typed.at(supervisor).run("task", "run", "backup", "--arg", "Dya=s3cret");
    assertThat(unknown.err())
        .isEqualTo("There is no parameter 'Dya'. Labels: Day, Password, Disks, Table.\n");
    var bare = Typed.at(supervisor).run("task", "run", "backup", "--arg", "s3cret");
    assertThat(bare.err()).startsWith("An argument must be LABEL=VALUE.").doesNotContain("s3cret");
    var twice =
        Typed.at(supervisor).run("task", "run", "backup", "--arg", "Day=s3cret", "--arg", "day=x");
    assertThat(twice.err()).isEqualTo("'day' is given twice.\n");
    assertThat(twice.code()).isEqualTo(2);
    assertThat(supervisor.asked(RUN)).isEmpty();
  }

  @Test
  void a_run_whose_answer_is_lost_is_asked_for_again_under_the_same_key() throws IOException {
    try (var lossy = new FakeSupervisor()) {
      lossy.on("GET /acme/task?name=backup&limit=20", "[{\"id\": \"t1\"}]");
      lossy.breaks(RUN).on(RUN, "{\"id\": \"j1\"}");

      var ended = Typed.at(lossy).run("task", "run", "backup", "-o", "name");

      assertThat(ended.out()).isEqualTo("j1\n");
      assertThat(lossy.asked(RUN)).hasSizeGreaterThan(1);
      assertThat(lossy.asked(RUN).stream().map(it -> it.header("Idempotency-key")).distinct())
          .singleElement()
          .asString()
          .isNotBlank();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0   | {'status': 'succeeded', 'outcome': {'type': 'succeeded'}, 'exit_code': 0} |",
        "3   | {'status': 'failed', 'outcome': {'type': 'exited_with', 'code': 3}, 'exit_code': 3}"
            + " | failed with exit code 3.",
        "124 | {'status': 'failed', 'outcome': {'type': 'timed_out'}, 'exit_code': 143, 'duration':"
            + " 1.21} | timed out after 1.2 s.",
        "137 | {'status': 'failed', 'outcome': {'type': 'killed', 'signal': 'SIGKILL'}} | was"
            + " killed by SIGKILL.",
        "143 | {'status': 'canceled', 'outcome': {'type': 'canceled'}, 'exit_code': 143} | was"
            + " canceled.",
        "143 | {'status': 'canceled', 'outcome': {'type': 'canceled'}, 'signals': [{'signal':"
            + " 'SIGTERM'}]} | was canceled.",
        "137 | {'status': 'canceled', 'signals': [{'signal': 'SIGTERM'}, {'signal': 'SIGKILL'}]} |"
            + " canceled.",
        "125 | {'status': 'canceled'} | canceled.",
        "125 | {'status': 'expired'} | expired.",
        "125 | {'status': 'failed', 'outcome': {'type': 'refused', 'reason': 'No root.'}} | was"
            + " refused by its host (No root.).",
        "125 | {'status': 'failed', 'outcome': {'type': 'exited_with', 'code': 0}, 'exit_code': 0}"
            + " | failed with exit code 0.",
        "125 | {'status': 'failed', 'outcome': {'type': 'lost'}} | was lost with its host.",
      })
  void the_exit_code_is_the_script_s(int code, String job, String said) throws IOException {
    try (var other = new FakeSupervisor()) {
      other.on("GET /acme/task?name=backup&limit=20", "[{\"id\": \"t1\"}]");
      other.on(RUN, "{\"id\": \"j1\"}");
      other.events(EVENTS, "event: end", "id: end", "data: {}");
      other.on(JOB, job.replace('\'', '"').replaceFirst("\\{", "{\"id\": \"j1\", "));

      var ended = Typed.at(other).run("task", "run", "backup", "--wait", "-o", "json");

      assertThat(ended.code()).isEqualTo(code);
      assertThat(ended.out()).startsWith("{").contains("\"j1\"");
      if (said != null) {
        assertThat(ended.err()).endsWith("Job j1 " + said + "\n");
      }
    }
  }

  @Test
  void output_is_printed_as_it_comes_each_stream_to_its_own() {
    supervisor.events(
        OUTPUT,
        "event: state",
        "id: 1-0-0",
        "data: {\"status\": \"running\"}",
        "",
        "event: output",
        "id: 1-3-0",
        "data: {\"attempt\": 1, \"stream\": \"stdout\", \"text\": \"eñe\\n\"}",
        "",
        "event: output",
        "id: 1-3-4",
        "data: {\"attempt\": 1, \"stream\": \"stderr\", \"text\": \"oops\"}",
        "",
        "event: end",
        "id: end",
        "data: {}");

    var ended = Typed.at(supervisor).run("task", "run", "backup", "--follow");

    assertThat(ended.out()).isEqualTo("eñe\n");
    assertThat(ended.err()).isEqualTo("oops");
    assertThat(Typed.at(supervisor).run("job", "logs", "-f", "j1").out()).isEqualTo("eñe\noops");
  }

  @Test
  void a_broken_stream_goes_on_after_its_last_event() {
    supervisor.brokenEvents(
        OUTPUT,
        "event: output",
        "id: 1-2-0",
        "data: {\"attempt\": 1, \"stream\": \"stdout\", \"text\": \"a\\n\"}",
        "");
    supervisor.breaks(OUTPUT);
    supervisor.problem(OUTPUT, 503, "The store does not answer.", "");
    supervisor.events(
        OUTPUT,
        "event: output",
        "id: 2-2-0",
        "data: {\"attempt\": 2, \"stream\": \"stdout\", \"text\": \"b\\n\"}",
        "",
        "event: end",
        "id: end",
        "data: {}");

    var ended = Typed.at(supervisor).run("job", "logs", "--follow", "j1");

    assertThat(ended.out()).isEqualTo("a\nb\n");
    assertThat(ended.err())
        .isEqualTo("The connection was lost; trying again.\nConnected again.\nAttempt 2:\n");
    var positions = supervisor.asked(OUTPUT).stream().map(it -> it.header("Last-event-id"));
    assertThat(positions.distinct()).containsExactly("", "1-2-0");
  }

  @Test
  void a_stream_that_is_refused_is_not_asked_for_again() {
    supervisor.problem(OUTPUT, 403, "This requires the scope job:read.", "");

    var ended = Typed.at(supervisor).run("job", "logs", "-f", "j1");

    assertThat(ended.err()).isEqualTo("This requires the scope job:read.\n");
    assertThat(ended.code()).isEqualTo(3);
    assertThat(supervisor.asked(OUTPUT)).hasSize(1);
  }

  @Test
  void progress_is_for_terminals() {
    String progress = "data: {\"percent\": 40, \"message\": \"copying\"}";
    supervisor.events(EVENTS, "event: progress", "id: 1", progress, "", "event: end", "data: {}");

    // The answer of the set-up comes first, once.
    assertThat(Typed.at(supervisor).run("job", "wait", "j1").err()).isEmpty();
    assertThat(Typed.at(supervisor).run("job", "wait", "j1").err()).isEmpty();
    assertThat(Typed.at(supervisor).terminals("2").run("job", "wait", "j1").err())
        .contains("\r\u001b[KJob j1: running 40% copying");
  }
}
