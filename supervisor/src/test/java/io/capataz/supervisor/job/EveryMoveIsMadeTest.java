package io.capataz.supervisor.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.People;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.job.Job.Decision;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.job.JobMove.By;
import io.capataz.supervisor.task.Approve.Lapse;
import io.capataz.supervisor.task.AskInput;
import io.capataz.supervisor.task.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.data.mongodb.core.MongoOperations;

/**
 * Each arrow of the table is made by a call of production code, in the name of everyone whom the
 * table names. An arrow that nobody makes does not belong in the table.
 */
class EveryMoveIsMadeTest {

  private static final String PERSON = "somebody";
  private static final Caller.Person SOMEBODY =
      new Caller.Person("acme", "ann", "ann@example.org", "Ann", Role.VIEWER, List.of(), null);
  private static final String AGENT = "agent:agent-1";

  /** The store's clock is the real one in this test, so this is always to come. */
  private static final Instant FUTURE = Instant.parse("2200-01-01T00:00:00Z");

  private final MongoOperations mongo =
      TestSupervisor.shared().context().getBean(MongoOperations.class);
  private final Jobs jobs = TestSupervisor.shared().context().getBean(Jobs.class);
  private final Decisions decisions = TestSupervisor.shared().context().getBean(Decisions.class);
  private final Cancellations cancellations =
      TestSupervisor.shared().context().getBean(Cancellations.class);

  static Stream<Arguments> arrows() {
    return Stream.of(JobMove.values())
        .flatMap(
            move ->
                move.from().stream()
                    .flatMap(from -> move.by().stream().map(by -> Arguments.of(from, move, by))));
  }

  @ParameterizedTest
  @MethodSource("arrows")
  void an_arrow_is_made_by_whom_the_table_names(JobState from, JobMove move, By by) {
    var job = mongo.insert(ready(new AJob().that(from).thatMay(move), move, by).made());

    assertThat(make(job, move, by)).isPresent();

    var last = jobs.find(job.id()).orElseThrow().past().history().getLast();
    assertThat(last.move()).isEqualTo(move);
    assertThat(last.by())
        .isEqualTo(
            switch (by) {
              case PERSON -> move.endsUnclaimed() ? "user:ann@example.org" : PERSON;
              case AGENT -> AGENT;
              case SUPERVISOR -> "supervisor";
            });
  }

  /** What must be true of a job for the move to come about. */
  private static AJob ready(AJob job, JobMove move, By by) {
    return switch (move) {
      case POSTPONE -> job.due(FUTURE);
      case RETRY -> job.triedAgain();
      case SUCCEED_LATE -> job.lost();
      case STOP -> by == By.SUPERVISOR ? job.askedToStop() : job;
      case HOLD,
          RELEASE,
          COME_DUE,
          ASSIGN,
          START,
          GIVE_BACK,
          LOSE_TOUCH,
          REGAIN_CLAIM,
          REGAIN_RUN,
          SUCCEED,
          FAIL,
          CANCEL,
          FORCE,
          EXPIRE,
          SUPPLY,
          ELAPSE ->
          job;
      case APPROVE -> by == By.SUPERVISOR ? job.thatLapsesAs(Lapse.APPROVED) : job;
      case REJECT -> by == By.SUPERVISOR ? job.thatLapsesAs(Lapse.REJECTED) : job;
    };
  }

  private Optional<?> make(Job job, JobMove move, By by) {
    return switch (move) {
      case HOLD -> jobs.hold(job, PERSON);
      case RELEASE, POSTPONE -> jobs.release(job, PERSON);
      case COME_DUE -> jobs.comeDue(job);
      case ASSIGN -> assign(job);
      case START -> jobs.started(job.fence(), AGENT, 4711L);
      case GIVE_BACK -> jobs.giveBack(job, AGENT, "no room");
      case LOSE_TOUCH -> jobs.markSilent(job);
      case REGAIN_CLAIM -> jobs.reconnect(job.fence(), AGENT, false);
      case REGAIN_RUN -> jobs.reconnect(job.fence(), AGENT, true);
      case SUCCEED, SUCCEED_LATE -> jobs.end(job, AGENT, Ending.of(new Outcome.Succeeded()));
      case FAIL, RETRY ->
          by == By.AGENT
              ? jobs.end(job, AGENT, Ending.of(new Outcome.ExitedWith(1)))
              : jobs.lose(job, "nothing was heard");
      case STOP ->
          by == By.AGENT
              ? jobs.end(job, AGENT, Ending.of(new Outcome.Canceled()))
              : jobs.lose(job, "nothing was heard");
      case CANCEL -> cancellations.cancel(job, PERSON);
      case FORCE -> cancellations.force(job, PERSON);
      case EXPIRE -> decisions.lapse(job);
      case APPROVE, REJECT ->
          by == By.PERSON
              ? decisions.decide(job, SOMEBODY, decision(move == JobMove.APPROVE))
              : decisions.lapse(job);
      case SUPPLY -> decisions.supply(job, SOMEBODY, task(), List.of("y"));
      case ELAPSE -> decisions.elapse(job);
    };
  }

  private static Decision decision(boolean approved) {
    return new Decision(
        new User("ann", "ann@example.org", "Ann"), approved, null, List.of(), AJob.NOW);
  }

  private static Task task() {
    return new Task(
        "a task",
        "acme",
        "a task",
        new Task.About(null, List.of(), null, null),
        Task.Target.NONE,
        List.of(),
        new AskInput(People.NOBODY, true, null),
        new Task.Start(true, List.of(), List.of(), Duration.ZERO),
        new Task.Policy(
            Duration.ofSeconds(5),
            Duration.ZERO,
            0,
            new Task.Concurrency(0, null, 1),
            new Task.Retry(1, Task.OnLost.FAIL, Duration.ZERO),
            null,
            null,
            null),
        Acl.ADMINISTRATORS,
        new Task.Revision(1, AJob.NOW, AJob.NOW, "test"));
  }

  private Optional<Job> assign(Job job) {
    var lease = new Lease("a host", "agent-1", 2, "another claim", AJob.NOW, Claim.Heard.SYNC);
    return jobs.assign(
        job.id(), job.organization(), List.of(QueueName.ofHost("a host")), null, lease);
  }
}
