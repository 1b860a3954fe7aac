package io.capataz.supervisor.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.WorkOrder.Handling;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What a task says about how its runs are stopped, what they may use, and as whom they run. */
class HandlingTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  @Test
  void what_a_task_says_is_shown_and_reaches_the_agent() {
    var task =
        work.taskOn(
            agent,
            Map.of(
                "kill_signal",
                "INT",
                "kill_mode",
                "main_first",
                "output_limit",
                65_536,
                "memory_limit",
                1_048_576,
                "process_limit",
                1,
                "run_as",
                "deploy"));

    var shown = shown(task);
    assertThat(shown.at("/kill_signal").asString()).isEqualTo("SIGINT");
    assertThat(shown.at("/kill_mode").asString()).isEqualTo("main_first");
    assertThat(shown.at("/output_limit").asLong()).isEqualTo(65_536);
    assertThat(shown.at("/memory_limit").asLong()).isEqualTo(1_048_576);
    assertThat(shown.at("/process_limit").asLong()).isEqualTo(1);
    assertThat(shown.at("/run_as").asString()).isEqualTo("deploy");
    work.post(task);
    var order = agent.claimOne();
    assertThat(order.handling()).isEqualTo(new Handling("SIGINT", true, 65_536, 1_048_576L, 1));
    assertThat(order.runAs()).isEqualTo("deploy");
  }

  @Test
  void where_a_task_says_nothing_all_is_as_usual() {
    var task = work.taskOn(agent, Map.of());

    var shown = shown(task);
    assertThat(shown.at("/kill_signal").asString()).isEqualTo("SIGTERM");
    assertThat(shown.at("/kill_mode").asString()).isEqualTo("all");
    assertThat(shown.at("/output_limit").asLong()).isEqualTo(16 * 1024 * 1024);
    assertThat(shown.has("memory_limit")).isFalse();
    assertThat(shown.has("process_limit")).isFalse();
    assertThat(shown.has("run_as")).isFalse();
    work.post(task);
    var order = agent.claimOne();
    assertThat(order.handling()).isEqualTo(Handling.USUAL);
    assertThat(order.runAs()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"})
  void a_signal_may_be_named_with_its_prefix_or_without(String signal) {
    for (var said : List.of(signal, signal.substring(3))) {
      var task = work.taskOn(agent, Map.of("kill_signal", said));

      assertThat(shown(task).at("/kill_signal").asString()).isEqualTo(signal);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "kill_signal, '\"SIGKILL\"'",
    "kill_signal, '\"SIGSIGTERM\"'",
    "kill_signal, '\"sigterm\"'",
    "kill_signal, '\"\"'",
    "kill_signal, 15",
    "kill_mode, '\"some\"'",
    "kill_mode, true",
    "output_limit, 65535",
    "output_limit, 1073741825",
    "output_limit, '\"1 MiB\"'",
    "memory_limit, 1048575",
    "memory_limit, 0",
    "memory_limit, 1e30",
    "memory_limit, 99999999999999999999",
    "process_limit, 0",
    "process_limit, 1000001",
    "process_limit, 1.5",
    "run_as, 7",
    "run_as, '[\"sudo\"]'"
  })
  void what_cannot_be_is_400_and_named(String field, String value) {
    var answer = post(Map.of(field, MessageJson.mapper().readTree(value)));

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo("/" + field);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "root",
        "_apt",
        "www-data",
        "svc.deploy",
        "HOST$",
        "a1234567890123456789012345678901",
        "%script%",
        "sudo -u deploy %script%",
        "sudo -u user -c \"%script%\"",
        "/usr/local/lib/nodejs/v4/bin/node %script%",
        "nice -n 5 --script=%script%"
      })
  void a_user_or_a_command_that_holds_the_script(String runAs) {
    for (var field : List.of("run_as", "script_runas")) {
      var task = work.taskOn(agent, Map.of(field, runAs));
      work.post(task);

      assertThat(shown(task).at("/run_as").asString()).isEqualTo(runAs);
      assertThat(agent.claimOne().runAs()).isEqualTo(runAs);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "-1, invalid_user",
    "#0, invalid_user",
    "0, invalid_user",
    "%script, invalid_user",
    "user:group, invalid_user",
    "ro$ot, invalid_user",
    "ñandu, invalid_user",
    "a12345678901234567890123456789012, invalid_user",
    "sudo -u root, invalid_template",
    "/bin/sh, invalid_template",
    "'root ', invalid_template",
    "a b, invalid_template",
    "%script% %script%, invalid_template",
    "%script%script%, invalid_template",
    "'sh -c %SCRIPT%', invalid_template"
  })
  void any_other_is_400_and_says_what_would_do(String runAs, String code) {
    for (var field : List.of("run_as", "script_runas")) {
      var answer = post(Map.of(field, runAs));

      assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
      assertThat(answer.text("/errors/0/pointer")).isEqualTo("/" + field);
      assertThat(answer.text("/errors/0/code")).isEqualTo(code);
      assertThat(answer.text("/errors/0/detail")).contains("%script%");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"root\n", "sudo\t%script%", "sudo %script%\u0000", "\u007f", "x \u0085 %script%"})
  void a_control_character_is_400(String runAs) {
    var answer = post(Map.of("run_as", runAs));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/errors/0/code")).isEqualTo("control_character");
  }

  @Test
  void a_text_that_is_too_long_is_400_and_one_that_is_empty_is_none() {
    assertThat(post(Map.of("run_as", "x".repeat(992) + " %script%")).status()).isEqualTo(400);
    assertThat(post(Map.of("run_as", "x".repeat(991) + " %script%")).status()).isEqualTo(200);

    var empty = post(Map.of("script_runas", ""));

    assertThat(empty.status()).isEqualTo(200);
    assertThat(empty.body().has("run_as")).isFalse();
  }

  @Test
  void both_names_of_the_field_at_once_are_400() {
    var answer = post(Map.of("run_as", "deploy", "script_runas", "deploy"));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo("/script_runas");
    assertThat(answer.text("/errors/0/code")).isEqualTo("conflict");
  }

  private Answer post(Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    body.put("name", "any");
    body.put("host_id", agent.host());
    body.put("script", Map.of("filename", "x.sh", "content", "exit 0"));
    return supervisor.post("/acme/task", body);
  }

  private JsonNode shown(String task) {
    return supervisor.get("/acme/task/" + task).body();
  }
}
