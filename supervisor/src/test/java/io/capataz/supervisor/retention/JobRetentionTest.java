package io.capataz.supervisor.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.job.JobFiles.Kept;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bson.types.Binary;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;

/** Old jobs go with all that belongs to them, and nothing that has not ended does. */
class JobRetentionTest {

  private static final String FILE =
      "data:text/plain;name=a.txt;base64," + Base64.getEncoder().encodeToString(new byte[] {65});

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final MongoOperations mongo = supervisor.context().getBean(MongoOperations.class);
  private final JobRetention retention = supervisor.context().getBean(JobRetention.class);
  private final InstantSource clock = supervisor.context().getBean(InstantSource.class);
  private final String task =
      work.taskOn(
          agent,
          Map.of(
              "keep_jobs",
              2,
              "keep_days",
              30,
              "task_arguments",
              List.of(Map.of("type", "file", "label", "f", "required", false))));

  @Test
  void of_each_task_the_newest_are_kept() {
    var jobs = ended(5);
    var held = work.post(task, Map.of("task_arguments", List.of(""), "hold", true));

    sweep(Duration.ZERO);
    assertThat(left()).describedAs("who waits for an end must be able to read it").hasSize(6);

    sweep(Duration.ofHours(1));
    assertThat(left()).containsExactlyInAnyOrder(jobs.get(3), jobs.get(4), held);
  }

  @Test
  void what_is_old_goes_and_what_has_not_ended_stays_however_old_it_is() {
    ended(2);
    var held = work.post(task, Map.of("task_arguments", List.of(""), "hold", true));
    work.post(task, Map.of("task_arguments", List.of("")));
    var running = agent.claimOne();

    sweep(Duration.ofDays(31));

    assertThat(left()).containsExactlyInAnyOrder(held, running.job());
  }

  @Test
  void nothing_of_a_removed_job_is_left_but_the_memory_of_its_key() {
    var once = UUID.randomUUID().toString();
    var job = post(once).text("/id");
    var order = agent.claimOne();
    agent.started(order);
    agent.print(order, Stream.STDOUT, 0, "printed");
    agent.end(order, new Outcome.Succeeded());
    assertThat(parts("job_files", job)).isOne();
    assertThat(parts("job_output", job)).isOne();

    sweep(Duration.ofDays(31));

    assertThat(left()).isEmpty();
    assertThat(parts("job_files", job)).isZero();
    assertThat(parts("job_output", job)).isZero();
    var again = post(once);
    assertThat(again.status()).isEqualTo(410);
    assertThat(again.text("/code")).isEqualTo("job_removed");
    assertThat(left()).describedAs("a repeated request runs nothing twice").isEmpty();
  }

  @Test
  void a_removal_that_was_cut_short_is_completed() {
    var job = ended(1).getFirst();
    // As if the supervisor had died after the parts and before the job.
    mongo.remove(Query.query(Criteria.where("_id").gte(job + "/").lt(job + "0")), "job_files");

    sweep(Duration.ofDays(31));

    assertThat(left()).isEmpty();
  }

  @Test
  void files_of_jobs_that_were_never_made_go_when_nobody_can_complete_them() {
    var orphan = UUID.randomUUID().toString().replace("-", "").substring(0, 16);
    var id = "%08x%s".formatted(clock.instant().getEpochSecond(), orphan);
    mongo.insert(new Kept(id + "/000", new Binary(new byte[] {1}), null));
    var alive = ended(1).getFirst();

    retention.sweepFiles(clock.instant());
    assertThat(parts("job_files", id)).isOne();

    retention.sweepFiles(clock.instant().plus(Duration.ofDays(3)));
    assertThat(parts("job_files", id)).isZero();
    assertThat(parts("job_files", alive)).isOne();
  }

  private void sweep(Duration later) {
    retention.sweep("acme", task, clock.instant().plus(later));
  }

  private List<String> ended(int count) {
    var jobs = new ArrayList<String>();
    for (var i = 0; i < count; i++) {
      jobs.add(work.post(task, Map.of("task_arguments", List.of(FILE))));
      var order = agent.claimOne();
      agent.started(order);
      agent.end(order, new Outcome.Succeeded());
    }
    return jobs;
  }

  private Answer post(String once) {
    return supervisor.send(
        supervisor
            .request("/acme/task/" + task + "/job")
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", once)
            .POST(
                BodyPublishers.ofByteArray(
                    MessageJson.write(Map.of("task_arguments", List.of(FILE))))));
  }

  private List<String> left() {
    return supervisor
        .get("/acme/job?task=" + task)
        .body()
        .valueStream()
        .map(job -> job.get("id").asString())
        .toList();
  }

  private long parts(String collection, String job) {
    return mongo.count(Query.query(Criteria.where("_id").gte(job + "/").lt(job + "0")), collection);
  }
}
