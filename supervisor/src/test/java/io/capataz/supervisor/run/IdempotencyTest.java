package io.capataz.supervisor.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.job.Job;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/** A request that is made again, because nobody knows whether it arrived, makes no second job. */
class IdempotencyTest {

  private static final TestSupervisor supervisor = TestSupervisor.shared();
  private static final TestWork work = new TestWork(supervisor);

  private final String task =
      work.taskOn(
          TestAgent.enrolled(supervisor),
          Map.of(
              "task_arguments",
              List.of(Map.of("type", "input", "label", "who", "required", false))));
  private final String key = UUID.randomUUID().toString();

  @Test
  void the_same_request_under_the_same_key_is_the_same_job() {
    var first = post(key, "you");
    var again = post(key, "you");

    assertThat(first.raw().headers().firstValue("Idempotency-Replayed")).isEmpty();
    assertThat(again.raw().headers().firstValue("Idempotency-Replayed")).hasValue("true");
    assertThat(again.text("/id")).isEqualTo(first.text("/id"));
    assertThat(jobsOfTheTask()).isOne();
  }

  @Test
  void another_request_under_the_same_key_is_refused() {
    post(key, "you");

    var other = post(key, "somebody else");

    assertThat(other.status()).isEqualTo(422);
    assertThat(other.text("/code")).isEqualTo("idempotency_key_reused");
    assertThat(jobsOfTheTask()).isOne();
  }

  @Test
  void without_a_key_or_with_another_each_request_is_a_job() {
    post(key, "you");
    post(key + "2", "you");
    work.post(task, Map.of("task_arguments", List.of("you")));

    assertThat(jobsOfTheTask()).isEqualTo(3);
  }

  @Test
  void a_key_is_the_tasks_own() {
    var other = work.taskOn(TestAgent.enrolled(supervisor), Map.of());
    post(key, "you");

    var answer = post(other, key, Map.of());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.text("/task_id")).isEqualTo(other);
  }

  @Test
  void of_many_at_once_one_makes_the_job() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls =
          Stream.generate(() -> (Callable<Answer>) () -> post(key, "you")).limit(16).toList();
      var ids = new HashSet<String>();
      for (var call : threads.invokeAll(calls)) {
        assertThat(call.get().status()).isEqualTo(200);
        ids.add(call.get().text("/id"));
      }
      assertThat(ids).hasSize(1);
      assertThat(jobsOfTheTask()).isOne();
    }
  }

  @Test
  void who_comes_again_makes_the_job_that_the_first_one_died_before() {
    var first = post(key, "you");
    // As if the supervisor had died between the two: the key is bound, the job is not there.
    supervisor
        .context()
        .getBean(MongoOperations.class)
        .remove(Query.query(Criteria.where("_id").is(first.text("/id"))), Job.class);

    var again = post(key, "you");

    assertThat(again.text("/id")).isEqualTo(first.text("/id"));
    assertThat(work.status(first.text("/id"))).isEqualTo("ready");
  }

  @Test
  void a_key_is_not_of_any_length() {
    assertThat(post("k".repeat(256), "you").text("/code")).isEqualTo("invalid_idempotency_key");
    assertThat(post(" ", "you").status()).isEqualTo(400);
  }

  private Answer post(String key, String who) {
    return post(task, key, Map.of("task_arguments", List.of(who)));
  }

  private static Answer post(String task, String key, Map<String, ?> body) {
    return supervisor.send(
        supervisor
            .request("/acme/task/" + task + "/job")
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key)
            .POST(BodyPublishers.ofByteArray(MessageJson.write(body))));
  }

  private int jobsOfTheTask() {
    return supervisor.get("/acme/job?task=" + task).body().size();
  }
}
