package io.capataz.supervisor.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An organization may have so much and no more, and is told what it has and what it can do. */
class QuotaTest {

  private static final String MEBIBYTE = "x".repeat(1024 * 1024);

  private final TestSupervisor supervisor =
      TestSupervisor.with(
          "--capataz.rate-limit.enabled=false",
          "--capataz.quota.jobs=5",
          "--capataz.quota.waiting-jobs=3",
          "--capataz.quota.job-megabytes=1",
          "--capataz.quota.script-megabytes=2",
          "--capataz.quota.task-versions=3");
  private final UsageCounts counts = supervisor.context().getBean(UsageCounts.class);
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);

  @AfterEach
  void end() {
    supervisor.close();
  }

  @Test
  void jobs_that_wait_are_limited_until_some_have_started() {
    var task = work.taskOn(agent, Map.of());
    IntStream.range(0, 3).forEach(_ -> work.post(task));

    assertWaits(run(task), "has 3 jobs that have not started and may have 3");
    counts.countNow();
    assertWaits(run(task), "capataz.quota.waiting-jobs");

    agent.claimOne();
    assertThat(run(task).status()).isEqualTo(200);
  }

  @Test
  void jobs_that_are_kept_are_limited_until_some_are_deleted() {
    var task = work.taskOn(agent, Map.of());
    for (var i = 0; i < 5; i++) {
      work.post(task);
      agent.end(started(), new Outcome.Succeeded());
    }

    assertRefused(run(task), "has 5 jobs, waiting, running and ended and may have 5");
    counts.countNow();
    assertRefused(run(task), "capataz.quota.jobs.");

    assertThat(
            supervisor
                .ask("DELETE", "/acme/task/" + task + "/job?lifecycle=finished", null)
                .status())
        .isEqualTo(200);
    assertThat(run(task).status()).isEqualTo(200);
  }

  @Test
  void a_batch_for_which_there_is_no_room_makes_no_job_at_all() {
    var task = work.taskOn(agent, Map.of());
    var four = List.of(Map.of(), Map.of(), Map.of(), Map.of());

    assertWaits(
        supervisor.post("/acme/task/" + task + "/batch", Map.of("runs", four)),
        "has 0 jobs that have not started");

    assertThat(supervisor.get("/acme/job").body().size()).isZero();
  }

  @Test
  void the_bytes_of_jobs_are_counted_with_their_output() {
    var task = work.taskOn(agent, Map.of());
    work.post(task);
    var order = started();
    agent.print(order, Stream.STDOUT, 0, MEBIBYTE);
    agent.say(
        "jobs/%s/attempts/%d/end".formatted(order.job(), order.attempt()),
        new AttemptEnd(
            order.claim(),
            new Outcome.Succeeded(),
            0,
            Duration.ofMillis(1),
            List.of(),
            List.of(),
            null,
            MEBIBYTE.length(),
            0,
            0L,
            null,
            null));

    assertRefused(run(task), "has 1 MiB of arguments, files, results and output of jobs and may");
    counts.countNow();
    assertRefused(run(task), "capataz.quota.job-megabytes");
  }

  @Test
  void the_bytes_of_scripts_are_limited() {
    assertThat(upload("a").status()).isIn(200, 201);

    assertRefused(upload("b"), "capataz.quota.script-megabytes");
    counts.countNow();
    assertRefused(upload("b"), "has 2 MiB of scripts and may have 2");
  }

  private Answer upload(String name) {
    return supervisor.post(
        "/acme/task",
        Map.of(
            "name",
            name,
            "host_id",
            agent.host(),
            "script",
            Map.of("filename", "x.sh", "content", "#!/bin/sh\n" + MEBIBYTE)));
  }

  @Test
  void versions_of_tasks_are_limited() {
    var task = work.taskOn(agent, Map.of());
    assertThat(describe(task, "one").status()).isEqualTo(200);
    assertThat(describe(task, "two").status()).isEqualTo(200);

    assertRefused(describe(task, "three"), "has 3 versions of tasks and may have 3");
    assertThat(describe(task, "two").status()).describedAs("changes nothing").isEqualTo(200);
    counts.countNow();
    assertRefused(describe(task, "three"), "capataz.quota.task-versions");
    assertThat(work.post(task)).describedAs("it still runs").isNotEmpty();
  }

  private Answer describe(String task, String text) {
    return supervisor.ask("PATCH", "/acme/task/" + task, Map.of("description", text));
  }

  private io.capataz.common.protocol.WorkOrder started() {
    var order = agent.claimOne();
    agent.started(order);
    return order;
  }

  private Answer run(String task) {
    return supervisor.post("/acme/task/" + task + "/job", Map.of());
  }

  private static void assertRefused(Answer answer, String told) {
    assertTold(answer, 403, told);
  }

  private static void assertWaits(Answer answer, String told) {
    assertTold(answer, 429, told);
    assertThat(answer.raw().headers().firstValue("Retry-After")).contains("60");
  }

  private static void assertTold(Answer answer, int status, String told) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(status);
    assertThat(answer.text("/code")).isEqualTo("quota_exceeded");
    assertThat(answer.text("/detail")).contains(told).contains("acme");
  }
}
