package io.capataz.supervisor.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.job.Job;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/** One task is run many times by one request: all of them or none. */
class BatchTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task =
      work.taskOn(agent, Map.of("task_arguments", List.of(Map.of("type", "input", "label", "n"))));
  private final String key = UUID.randomUUID().toString();

  @Test
  void each_run_is_a_job_and_they_are_claimed_in_the_order_of_the_batch() {
    var posted = post(null, runs(50));

    assertThat(posted.status()).describedAs(posted.raw().body()).isEqualTo(200);
    assertThat(posted.body().size()).isEqualTo(50);
    assertThat(posted.body().valueStream().map(j -> j.at("/task_arguments_values/0").asString()))
        .isEqualTo(IntStream.range(0, 50).mapToObj(Integer::toString).toList());
    var claimed = agent.claim(TestAgent.newClaimId(), 50);
    assertThat(claimed.stream().map(WorkOrder::job).toList()).isEqualTo(ids(posted));
  }

  @Test
  void a_run_of_a_batch_may_say_what_any_run_may() {
    var posted =
        post(
            null,
            List.of(
                Map.of("task_arguments", List.of("a"), "priority", 7),
                Map.of("task_arguments", List.of("b"), "hold", true),
                Map.of("task_arguments", List.of("c"), "not_before", "2999-01-01T00:00:00Z")));

    assertThat(posted.body().findValuesAsString("status"))
        .containsExactly("ready", "held", "scheduled");
    assertThat(posted.body().get(0).get("priority").asInt()).isEqualTo(7);
  }

  @Test
  void everything_that_is_wrong_in_any_run_is_named_and_no_job_is_made() {
    var answer =
        post(
            null,
            List.of(
                Map.of("task_arguments", List.of("fine")),
                Map.of("task_arguments", List.of(), "priority", 101),
                "no object",
                Map.of("task_arguments", List.of("x"), "surprise", 1),
                Map.of("task_arguments", List.of("\0"))));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().get("errors").findValuesAsString("pointer"))
        .containsExactly(
            "/runs/1/task_arguments",
            "/runs/1/priority",
            "/runs/2",
            "/runs/3/surprise",
            "/runs/4/task_arguments/0");
    var late =
        post(
            null,
            List.of(
                Map.of("task_arguments", List.of("x")),
                Map.of("task_arguments", List.of("x"), "start_by", "2001-01-01T00:00:00Z")));
    assertThat(late.text("/errors/0/pointer")).isEqualTo("/runs/1/start_by");
    assertThat(jobsOfTheTask()).isZero();
  }

  @Test
  void a_batch_has_1_to_1000_runs_and_nothing_else() {
    assertThat(post(null, List.of()).text("/errors/0/pointer")).isEqualTo("/runs");
    assertThat(post(null, Collections.nCopies(1_001, Map.of())).status()).isEqualTo(400);
    assertThat(send(null, Map.of()).text("/errors/0/pointer")).isEqualTo("/runs");
    assertThat(send(null, Map.of("runs", runs(1), "priority", 1)).text("/errors/0/pointer"))
        .isEqualTo("/priority");
    assertThat(jobsOfTheTask()).isZero();
  }

  @Test
  void the_same_batch_under_the_same_key_is_the_same_jobs_and_another_one_is_refused() {
    var first = post(key, runs(5));
    var again = post(key, runs(5));

    assertThat(ids(again)).isEqualTo(ids(first));
    assertThat(again.raw().headers().firstValue("Idempotency-Replayed")).hasValue("true");
    assertThat(post(key, runs(6)).status()).isEqualTo(422);
    assertThat(jobsOfTheTask()).isEqualTo(5);
  }

  @Test
  void a_batch_that_was_made_by_half_is_completed_by_posting_it_again() {
    var first = post(key, runs(6));
    // As if the supervisor had died in the midst of it.
    supervisor
        .context()
        .getBean(MongoOperations.class)
        .remove(Query.query(Criteria.where("_id").in(ids(first).subList(3, 6))), Job.class);

    var again = post(key, runs(6));

    assertThat(ids(again)).isEqualTo(ids(first));
    assertThat(jobsOfTheTask()).isEqualTo(6);
  }

  @Test
  void who_may_not_see_the_task_cannot_run_it() {
    var answer =
        supervisor.postAs(
            supervisor.tokenWith(Role.USER),
            "/acme/task/" + task + "/batch",
            Map.of("runs", runs(1)));

    assertThat(answer.status()).isEqualTo(404);
  }

  private static List<Map<String, Object>> runs(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> Map.<String, Object>of("task_arguments", List.of(Integer.toString(i))))
        .toList();
  }

  private Answer post(@Nullable String once, List<?> runs) {
    return send(once, Map.of("runs", runs));
  }

  private Answer send(@Nullable String once, Map<String, ?> body) {
    var request =
        supervisor
            .request("/acme/task/" + task + "/batch")
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofByteArray(MessageJson.write(body)));
    if (once != null) {
      request.header("Idempotency-Key", once);
    }
    return supervisor.send(request);
  }

  private static List<String> ids(Answer answer) {
    return answer.body().valueStream().map(job -> job.get("id").asString()).toList();
  }

  private int jobsOfTheTask() {
    return supervisor.get("/acme/job?limit=1000&task=" + task).body().size();
  }
}
