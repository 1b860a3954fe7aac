package io.capataz.supervisor.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is masked reaches the script and the agent that hides it, and is shown to nobody. */
class MaskedTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  /** This test's own: the others show theirs. */
  private final String secret = UUID.randomUUID().toString();

  private final Map<String, Object> secretive =
      Map.of(
          "task_arguments",
          List.of(
              Map.of("type", "input", "label", "who"),
              Map.of("type", "input", "label", "password", "masked", true),
              Map.of("type", "fixed", "label", "key", "value", "fixed-" + secret, "masked", true),
              Map.of("type", "fixed", "label", "region", "value", "east")),
          "env",
          Map.of("TOKEN", "env-" + secret, "EMPTY", "", "PLAIN", "plain"),
          "masked_env",
          List.of("TOKEN", "EMPTY", "TOKEN"));

  @Test
  void a_masked_value_is_in_no_answer() {
    var task = work.taskOn(agent, secretive);
    var body = new HashMap<>(secretive);
    body.putAll(
        Map.of(
            "name", "any",
            "host_id", agent.host(),
            "script", Map.of("filename", "x.sh", "content", "exit 0")));
    var made = supervisor.post("/acme/task", body);
    var posted =
        supervisor.post(
            "/acme/task/" + task + "/job",
            Map.of("task_arguments", List.of("world", "input-" + secret)));
    var job = posted.text("/id");

    assertThat(posted.status()).isEqualTo(200);
    for (var answer :
        List.of(
            made,
            supervisor.get("/acme/task"),
            supervisor.get("/acme/task/" + task),
            posted,
            supervisor.get("/acme/job"),
            supervisor.get("/acme/job/" + job),
            supervisor.get("/acme/job/" + job + "/why"),
            supervisor.put("/acme/job/" + job + "/hold"),
            supervisor.put("/acme/job/" + job + "/cancel"))) {
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.raw().body()).doesNotContain(secret);
    }
    var shown = supervisor.get("/acme/task/" + task);
    assertThat(shown.body().at("/env/TOKEN").asString()).isEqualTo("********");
    assertThat(shown.body().at("/env/EMPTY").asString()).isEqualTo("********");
    assertThat(shown.body().at("/env/PLAIN").asString()).isEqualTo("plain");
    assertThat(shown.body().at("/masked_env").valueStream().map(n -> n.asString()))
        .containsExactly("TOKEN", "EMPTY");
    assertThat(shown.body().at("/task_arguments").findValuesAsString("masked"))
        .containsExactly("false", "true", "true", "false");
    assertThat(shown.body().at("/task_arguments/1").has("value")).isFalse();
    assertThat(shown.body().at("/task_arguments/2/value").asString()).isEqualTo("********");
    assertThat(posted.body().at("/task_arguments_values").valueStream().map(n -> n.asString()))
        .containsExactly("world", "********", "********", "east");
  }

  @Test
  void the_agent_is_told_the_values_and_which_of_them_are_secrets() {
    var task = work.taskOn(agent, secretive);
    work.post(task, Map.of("task_arguments", List.of("world", "input-" + secret)));

    var order = agent.claimOne();

    assertThat(order.arguments())
        .containsExactly("world", "input-" + secret, "fixed-" + secret, "east");
    assertThat(order.environment())
        .containsEntry("TOKEN", "env-" + secret)
        .containsEntry("EMPTY", "");
    assertThat(order.secrets())
        .containsExactlyInAnyOrder("input-" + secret, "fixed-" + secret, "env-" + secret);
  }

  @Test
  void nothing_is_a_secret_where_the_task_does_not_say_so() {
    var task =
        work.taskOn(
            agent,
            Map.of("task_arguments", List.of(Map.of("type", "input")), "env", Map.of("A", "b")));
    var job = work.post(task, Map.of("task_arguments", List.of("c")));

    assertThat(agent.claimOne().secrets()).isEmpty();
    assertThat(work.job(job).at("/task_arguments_values/0").asString()).isEqualTo("c");
  }

  @ParameterizedTest
  @CsvSource({
    "'{\"masked_env\": [\"A\", \"B\"]}', /masked_env/1",
    "'{\"masked_env\": [\"\"]}', /masked_env/0",
    "'{\"masked_env\": [null]}', /masked_env/0",
    "'{\"masked_env\": [7]}', /masked_env/0",
    "'{\"masked_env\": \"A\"}', /masked_env",
    "'{\"masked_env\": {\"A\": true}}', /masked_env",
    "'{\"task_arguments\": [{\"type\": \"input\", \"masked\": \"yes\"}]}', /task_arguments/0/masked"
  })
  void what_cannot_be_masked_is_400_and_named(String more, String pointer) {
    var body =
        MessageJson.mapper().createObjectNode().put("name", "any").put("host_id", agent.host());
    body.putObject("script").put("filename", "x.sh").put("content", "exit 0");
    body.putObject("env").put("A", "b");
    MessageJson.mapper()
        .readTree(more)
        .properties()
        .forEach(field -> body.set(field.getKey(), field.getValue()));

    var answer = supervisor.post("/acme/task", body);

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo(pointer);
  }
}
