package io.capataz.supervisor.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.job.DyingSupervisor;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.JobFields;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.LimitKeys;
import io.capataz.supervisor.job.QueueName;
import io.capataz.supervisor.queue.JobQueues.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * ConcurrencyPermits and effects when a supervisor dies between two steps; the other steps are the
 * real ones.
 */
class PermitsAfterCrashesTest {

  private static final Duration NOT_YOUNG = Duration.ofSeconds(11);

  private static final TestClock clock = TestSupervisor.clock();
  private static final TestSupervisor supervisor = TestSupervisor.clocked();
  private static final TestWork work = new TestWork(supervisor);

  private final MongoOperations mongo = bean(MongoOperations.class);
  private final Jobs jobs = bean(Jobs.class);
  private final JobQueues queues = bean(JobQueues.class);
  private final Limits limits = bean(Limits.class);
  private final ConcurrencyPermits permits = bean(ConcurrencyPermits.class);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = work.taskOn(agent, Map.of("multitasking", false));
  private final String key = LimitKeys.keyOf(task);
  private final List<String> itsQueues = List.of(QueueName.ofHost(agent.host()));
  private final Limit limit = new Limit(key, 1, null);

  @Test
  void a_seat_whose_grant_never_came_is_freed_and_the_grant_can_come_no_more() {
    var id = work.post(task);
    var waiting = waiting(id);
    assertThat(limits.admit(waiting, "the claim that died")).isTrue();

    limits.freeLostPermits();
    assertThat(permits.of(key)).describedAs("it is too young to be called lost").isPresent();
    clock.jump(NOT_YOUNG);
    limits.freeLostPermits();

    assertThat(permits.of(key)).isEmpty();
    assertThat(stored(id).pending().outbox().seq())
        .describedAs("whoever heard of it has died, so it is announced again")
        .isEqualTo(2);
    assertThat(assign(waiting, "the claim that died"))
        .describedAs("a supervisor that only slept must not go on")
        .isEmpty();
    assertThat(agent.claimOne().job()).isEqualTo(id);
  }

  @Test
  void a_grant_that_came_in_time_keeps_its_seat() {
    var waiting = waiting(work.post(task));
    limits.admit(waiting, "the claim");
    assertThat(assign(waiting, "the claim")).isPresent();
    clock.jump(NOT_YOUNG);

    limits.freeLostPermits();

    assertThat(permits.of(key)).hasValueSatisfying(t -> assertThat(t.count()).isOne());
    assertThat(jobs.raiseGeneration(waiting.id(), waiting.generation(), "the claim")).isFalse();
  }

  @Test
  void two_who_grant_the_same_job_do_not_take_each_others_seat_away() {
    var waiting = waiting(work.post(task));
    assertThat(limits.admit(waiting, "claim one")).isTrue();
    assertThat(limits.admit(waiting, "claim two")).isFalse();

    limits.dismiss(waiting, "claim two");

    assertThat(permits.of(key)).isPresent();
    assertThat(assign(waiting, "claim one")).isPresent();
  }

  @Test
  void a_seat_is_not_freed_twice() {
    var first = waiting(work.post(task));
    limits.admit(first, "claim one");
    limits.dismiss(first, "claim one");
    limits.admit(first, "claim two");

    limits.dismiss(first, "claim one");

    assertThat(permits.of(key)).hasValueSatisfying(t -> assertThat(t.count()).isOne());
  }

  @Test
  void a_claim_that_two_supervisors_serve_at_once_keeps_the_seat_of_what_it_was_granted() {
    var waiting = waiting(work.post(task));
    limits.admit(waiting, "the claim");
    // The agent has asked again, and another supervisor serves that.
    var alsoAdmitted = limits.admit(waiting, "the claim");
    assertThat(assign(waiting, "the claim")).isPresent();

    if (alsoAdmitted) {
      assertThat(assign(waiting, "the claim")).isEmpty();
      limits.dismiss(waiting, "the claim");
    }

    assertThat(permits.of(key)).hasValueSatisfying(t -> assertThat(t.count()).isOne());
  }

  @Test
  void a_supervisor_that_slept_does_not_take_away_what_its_claim_was_granted_meanwhile() {
    var before = waiting(work.post(task));
    limits.admit(before, "the claim");
    clock.jump(NOT_YOUNG);
    limits.freeLostPermits();
    var after = waiting(before.id());
    limits.admit(after, "the claim");
    assertThat(assign(after, "the claim")).isPresent();

    assertThat(assign(before, "the claim")).isEmpty();
    limits.dismiss(before, "the claim");

    assertThat(permits.of(key)).hasValueSatisfying(t -> assertThat(t.count()).isOne());
  }

  @Test
  void what_the_one_who_ended_an_attempt_could_not_do_another_one_does() {
    var first = waiting(work.post(task));
    var second = work.post(task);
    limits.admit(first, "claim one");
    var held = assign(first, "claim one").orElseThrow();
    limits.admit(waiting(second), "claim two");
    assertThat(stored(second).placement().queue()).isEqualTo(QueueName.ofLimit(key));

    // Only the move, as it stands in the store when its supervisor dies at once.
    var silent = DyingSupervisor.jobs(supervisor.context(), clock);
    silent.end(held, "test", Ending.of(new Outcome.Succeeded()));
    assertThat(stored(first.id()).pending().effects()).hasSize(1);
    clock.jump(NOT_YOUNG);
    try (var other = supervisor.another(clock)) {
      DyingSupervisor.sweepFollowUps(other.context());
      DyingSupervisor.sweepFollowUps(other.context());
    }

    assertThat(stored(first.id()).pending().effects()).isEmpty();
    assertThat(stored(first.id()).pending().effectsDue()).isNull();
    assertThat(permits.of(key)).isEmpty();
    assertThat(stored(second).placement().queue()).isEqualTo(itsQueues.getFirst());
    assertThat(agent.claimOne().job()).isEqualTo(second);
  }

  @Test
  void who_was_put_aside_when_nobody_held_a_seat_is_found() {
    var id = work.post(task);
    // As if the supervisor had died between putting it aside and looking again.
    mongo.updateFirst(
        Query.query(Criteria.where("_id").is(id)),
        new Update().set(JobFields.QUEUE, QueueName.ofLimit(key)),
        Job.class);
    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();

    limits.openAll();

    assertThat(agent.claimOne().job()).isEqualTo(id);
  }

  @Test
  void who_has_waited_for_longer_is_not_overtaken() {
    var first = work.post(task);
    var second = work.post(task);
    queues.block(waiting(first), limit);

    assertThat(limits.admit(waiting(second), "a claim")).isFalse();

    assertThat(stored(first).placement().queue()).isEqualTo(itsQueues.getFirst());
    assertThat(stored(second).placement().queue()).isEqualTo(QueueName.ofLimit(key));
  }

  private java.util.Optional<Job> assign(Waiting job, String claim) {
    return jobs.assign(
        job.id(),
        "acme",
        itsQueues,
        job.generation(),
        new Lease(agent.host(), "agent", 1, claim, clock.instant(), Claim.Heard.SYNC));
  }

  private Waiting waiting(String id) {
    return queues
        .named(List.of(id), List.of(itsQueues.getFirst(), QueueName.ofLimit(key)))
        .getFirst();
  }

  private Job stored(String id) {
    return jobs.find(id).orElseThrow();
  }

  private static <T> T bean(Class<T> type) {
    return supervisor.context().getBean(type);
  }
}
