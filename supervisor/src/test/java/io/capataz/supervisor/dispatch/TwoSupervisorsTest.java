package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Jobs;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What one supervisor remembers of a job, a task or a key while another one changes it. */
class TwoSupervisorsTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor one = TestSupervisor.withClock(clock);
  private static final TestSupervisor other = one.another(clock);

  private final TestWork work = new TestWork(one);
  private final TestAgent agent = TestAgent.enrolled(one);

  @AfterAll
  static void stop() {
    other.close();
    one.close();
  }

  @Test
  void an_end_is_taken_although_another_supervisor_has_written_to_the_job_since() {
    var job = work.post(work.taskOn(agent, Map.of("max_attempts", 3)));
    var order = agent.claimOne();
    assertThat(other.put("/acme/job/" + job + "/cancel").status()).isEqualTo(200);

    assertThat(agent.end(order, new Outcome.ExitedWith(1)).status()).isEqualTo(204);

    // A job that somebody wants to end is not tried again.
    assertThat(work.status(job)).isEqualTo("failed");
  }

  @Test
  void an_attempt_that_another_supervisor_has_given_up_is_not_ended() {
    work.post(work.taskOn(agent, Map.of()));
    var order = agent.claimOne();
    var jobs = other.context().getBean(Jobs.class);
    jobs.end(jobs.find(order.job()).orElseThrow(), Ending.of(new Outcome.Lost("gone")));

    assertThat(agent.end(order, new Outcome.ExitedWith(1)).status()).isEqualTo(409);
    assertThat(work.status(order.job())).isEqualTo("failed");
  }

  @Test
  void output_of_an_attempt_that_has_ended_there_is_refused_here_after_a_moment() {
    work.post(work.taskOn(agent, Map.of()));
    var order = agent.claimOne();
    assertThat(agent.print(order, Stream.STDOUT, 0, "x").status()).isEqualTo(200);
    var jobs = other.context().getBean(Jobs.class);
    jobs.end(jobs.find(order.job()).orElseThrow(), Ending.of(new Outcome.Canceled()));

    // Always new output: what is kept may be sent again for ever.
    var end = new AtomicInteger(1);
    await()
        .until(() -> agent.print(order, Stream.STDOUT, end.getAndIncrement(), "x").status() == 409);
  }

  @Test
  void a_caller_that_waits_there_gets_an_end_reported_here() {
    var task = work.taskOn(agent, Map.of());
    var answer =
        CompletableFuture.supplyAsync(
            () ->
                other.send(
                    other
                        .request("/acme/task/" + task + "/job")
                        .header("Authorization", "Bearer " + other.token())
                        .header("Prefer", "wait=30")
                        .POST(BodyPublishers.noBody())));
    var orders = new ArrayList<WorkOrder>();
    await().until(() -> orders.addAll(agent.claim(TestAgent.newClaimId(), 1)) || answer.isDone());

    agent.end(orders.getFirst(), new Outcome.Succeeded());

    assertThat(answer.join().text("/status")).isEqualTo("succeeded");
  }

  @Test
  void a_key_that_was_revoked_there_opens_nothing_here_after_a_moment() {
    var task = work.taskOn(agent, Map.of());
    var keys = "/acme/task/" + task + "/secret";
    var key = one.post(keys, Map.of("overlap", 60)).text("/secret");
    var run = "/task/" + task + "/secret/" + key + "/job";
    assertThat(one.postAs(null, run, Map.of()).status()).isEqualTo(200);

    other.post(keys, Map.of("overlap", 0));

    await().until(() -> one.postAs(null, run, Map.of()).status() == 404);
  }

  @Test
  void a_task_that_was_disabled_there_is_not_run_here_after_a_moment() {
    var task = work.taskOn(agent, Map.of());
    work.post(task);

    other.ask("PATCH", "/acme/task/" + task, Map.of("enable", false));

    await().until(() -> one.post("/acme/task/" + task + "/job", Map.of()).status() == 409);
  }
}
