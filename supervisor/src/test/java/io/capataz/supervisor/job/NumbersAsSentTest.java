package io.capataz.supervisor.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptEnd.ResultError;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Numbers go to scripts and come back from them as they were written. */
class NumbersAsSentTest {

  private static final String NUMBERS =
      "{\"a\":1e2,\"b\":-0,\"c\":1e-7,\"d\":1e400,\"e\":0.10,\"f\":12345678901234567890123.5,"
          + "\"g\":[1E+2,-0.0,18446744073709551616],\"h\":7}";

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final TestWork work = new TestWork(supervisor);

  @Test
  void arguments() {
    var parameter = Map.of("type", "json", "label", "j");
    var task =
        work.taskOn(agent, Map.of("task_arguments", List.of(parameter, parameter, parameter)));

    var posted =
        post("/acme/task/" + task + "/job", "{\"task_arguments\": [1e2, -0, " + NUMBERS + "]}");

    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    assertThat(posted.body().get("task_arguments_values").valueStream().map(v -> v.asString()))
        .containsExactly("1e2", "-0", NUMBERS);
    assertThat(claimed().arguments()).containsExactly("1e2", "-0", NUMBERS);
  }

  @Test
  void results() {
    var job = work.post(work.taskOn(agent, Map.of()));
    var order = claimed();

    agent.returned(order, new Outcome.Succeeded(), MessageJson.mapper().readTree(NUMBERS));

    assertThat(supervisor.get("/acme/job/" + job).raw().body())
        .contains("\"result\":" + NUMBERS)
        .contains("\"output\":[" + MessageJson.mapper().writeValueAsString(NUMBERS) + "]");
    assertThat(supervisor.get("/acme/job/" + job + "/result?parse=0").raw().body())
        .isEqualTo(NUMBERS);
  }

  @Test
  void a_result_that_cannot_be_kept_is_told() {
    var job = work.post(work.taskOn(agent, Map.of()));
    var order = claimed();
    var error =
        new ResultError("too_large", "The last line has 70,000 bytes; a result may have 65,536.");

    var end =
        new AttemptEnd(
            order.claim(),
            new Outcome.Succeeded(),
            0,
            Duration.ofMillis(5),
            List.of(),
            List.of(),
            null,
            error,
            0,
            0,
            0L,
            "session",
            null);
    var route = "jobs/" + order.job() + "/attempts/" + order.attempt() + "/end";
    assertThat(agent.say(route, end).status()).isEqualTo(204);
    assertThat(agent.say(route, end).status()).describedAs("repeated").isEqualTo(204);

    var shown = work.job(job);
    assertThat(shown.at("/status").asString()).isEqualTo("succeeded");
    assertThat(shown.at("/result").isMissingNode()).isTrue();
    assertThat(shown.at("/result_error/code").asString()).isEqualTo("too_large");
    assertThat(shown.at("/result_error/detail").asString()).isEqualTo(error.detail());
    var result = supervisor.get("/acme/job/" + job + "/result");
    assertThat(result.status()).isEqualTo(422);
    assertThat(result.text("/detail")).contains(error.detail());
  }

  private WorkOrder claimed() {
    return agent.claim(TestAgent.newClaimId(), 1).getFirst();
  }

  private Answer post(String path, String body) {
    return supervisor.send(
        supervisor
            .request(path)
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }
}
