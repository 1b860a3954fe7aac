package io.capataz.supervisor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.Claim;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.job.Job.Lease;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Update;

/** The store makes exactly the moves that the table allows: each move tried from each state. */
class JobMovesInTheStoreTest {

  private static final Instant NOW = AJob.NOW;
  private static final List<String> QUEUES = List.of(QueueName.ofHost("a host"));
  private static final String CLAIM = AJob.CLAIM;

  private final MongoOperations mongo =
      TestSupervisor.shared().context().getBean(MongoOperations.class);
  private final Jobs jobs = TestSupervisor.shared().context().getBean(Jobs.class);
  private final JobMoves moves = TestSupervisor.shared().context().getBean(JobMoves.class);

  private final List<Job> made = new ArrayList<>();

  static Stream<Arguments> everyMoveFromEveryState() {
    return Stream.of(JobMove.values())
        .flatMap(move -> Stream.of(JobState.values()).map(state -> Arguments.of(move, state)));
  }

  @ParameterizedTest
  @MethodSource("everyMoveFromEveryState")
  void a_move_is_made_exactly_where_the_table_says_so(JobMove move, JobState state) {
    var job = aJobThatIs(state, move);

    var moved = make(move, job, job.fence());

    if (move.from().contains(state)) {
      assertThat(moved).hasValueSatisfying(m -> assertThat(m.state()).isEqualTo(move.to()));
      assertThat(stored(job).rev()).isEqualTo(job.rev() + 1);
      assertThat(stored(job).past().history()).extracting(Job.Moved::move).containsExactly(move);
      assertThat(stored(job).past().ended() != null).isEqualTo(move.to().isFinal());
    } else {
      assertThat(moved).isEmpty();
      assertThat(stored(job)).isEqualTo(job);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_fenced_move_is_not_made_for_another_attempt_or_claim(JobMove move) {
    if (!move.fenced()) {
      return;
    }
    for (var state : move.from()) {
      var job = aJobThatIs(state);

      assertThat(make(move, job, Fence.of(job.id(), 1, CLAIM))).isEmpty();
      assertThat(make(move, job, Fence.of(job.id(), 3, CLAIM))).isEmpty();
      assertThat(make(move, job, Fence.of(job.id(), 2, "the claim of attempt one"))).isEmpty();
      assertThat(stored(job)).isEqualTo(job);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_fenced_move_cannot_be_asked_for_without_a_fence(JobMove move) {
    if (move.fenced()) {
      var job = aJobThatIs(JobState.RUNNING);
      assertThatThrownBy(
              () ->
                  moves.make(move, job, mover(move, null), UnaryOperator.identity(), new Update()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must name an attempt");
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_move_is_refused_to_whom_the_table_does_not_name(JobMove move) {
    var job = aJobThatIs(move.from().iterator().next(), move);
    for (var by : JobMove.By.values()) {
      if (!move.by().contains(by)) {
        var mover = mover(by, move.fenced() ? job.fence() : null);
        assertThatThrownBy(
                () -> moves.make(move, job, mover, UnaryOperator.identity(), new Update()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("is not made by");
        assertThat(stored(job)).isEqualTo(job);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_move_is_refused_to_a_job_of_another_kind(JobMove move) {
    for (var other : JobMove.values()) {
      var job = aJobThatIs(move.from().iterator().next(), other);
      if (!move.jobs().contains(job.doneBy())) {
        assertThatThrownBy(() -> make(move, job, job.fence()))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("is not a move of what is done by");
        assertThat(stored(job)).isEqualTo(job);
      }
    }
  }

  @Test
  void a_claim_raises_the_attempt_and_is_refused_to_another_host() {
    var job = aJobThatIs(JobState.READY);
    var lease = new Lease("a host", "agent-2", 7, "a new claim, sixteen+", NOW, Claim.Heard.SYNC);

    assertThat(jobs.assign(job.id(), "acme", List.of(QueueName.ofHost("other")), null, lease))
        .isEmpty();
    assertThat(jobs.assign(job.id(), "another organization", QUEUES, null, lease)).isEmpty();
    assertThat(jobs.assign(job.id(), "acme", QUEUES, 8, lease)).describedAs("generation").isEmpty();
    assertThat(jobs.assign(job.id(), "acme", QUEUES, 9, lease))
        .hasValueSatisfying(
            claimed -> {
              assertThat(claimed.attempt()).isEqualTo(3);
              assertThat(claimed.lease()).isEqualTo(lease);
            });
  }

  @Test
  void of_many_who_claim_one_job_one_gets_it() throws Exception {
    var job = aJobThatIs(JobState.READY);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var claims =
          Stream.iterate(0, n -> n + 1)
              .limit(32)
              .<Callable<Optional<Job>>>map(
                  n ->
                      () ->
                          jobs.assign(
                              job.id(),
                              "acme",
                              QUEUES,
                              null,
                              new Lease(
                                  "a host", "agent-" + n, 1, "claim-" + n, NOW, Claim.Heard.SYNC)))
              .toList();

      var granted = 0;
      for (var claim : threads.invokeAll(claims)) {
        granted += claim.get().isPresent() ? 1 : 0;
      }

      assertThat(granted).isOne();
      assertThat(stored(job).attempt()).isEqualTo(3);
    }
  }

  private Optional<Job> make(JobMove move, Job job, Fence fence) {
    return moves.make(
        move,
        job,
        mover(move, move.fenced() ? fence : null),
        UnaryOperator.identity(),
        new Update());
  }

  private static Mover mover(JobMove move, @Nullable Fence fence) {
    return mover(move.by().iterator().next(), fence);
  }

  private static Mover mover(JobMove.By by, @Nullable Fence fence) {
    return switch (by) {
      case PERSON -> new Mover.Person("test", fence);
      case AGENT -> new Mover.Agent("test", fence);
      case SUPERVISOR -> new Mover.Supervisor(fence);
    };
  }

  private Job stored(Job job) {
    return jobs.find("acme", job.id()).orElseThrow();
  }

  private Job aJobThatIs(JobState state) {
    return inserted(new AJob().that(state).made());
  }

  private Job aJobThatIs(JobState state, JobMove move) {
    return inserted(new AJob().that(state).thatMay(move).made());
  }

  private Job inserted(Job job) {
    made.add(job);
    return mongo.insert(job);
  }

  /** Some are in states in which no job of their kind can be; sweeps must not find those. */
  @AfterEach
  void remove() {
    made.forEach(mongo::remove);
  }
}
