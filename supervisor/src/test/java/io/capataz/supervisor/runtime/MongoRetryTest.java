package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.MongoSocketReadException;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteConcernException;
import com.mongodb.ServerAddress;
import com.mongodb.WriteConcernResult;
import com.mongodb.bulk.WriteConcernError;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DuplicateKeyException;

/** What is done about a call whose answer did not come. */
class MongoRetryTest {

  private @Nullable String stored;
  private int calls;

  @Test
  void what_may_be_repeated_is_repeated() {
    var answers = answers("lost", "lost", "done");

    assertThat(MongoRetry.idempotent(() -> call(answers))).isEqualTo("done");
    assertThat(calls).isEqualTo(3);
  }

  @Test
  void what_was_done_is_not_done_again() {
    var answers = answers("done and lost", "again");

    assertThat(verified(answers)).hasValue("done and lost");
    assertThat(calls).isOne();
  }

  @Test
  void what_was_not_done_is_done() {
    assertThat(verified(answers("lost", "done"))).hasValue("done");
    assertThat(calls).isEqualTo(2);
  }

  @Test
  void a_first_call_that_arrives_late_is_what_counts() {
    var answers = answers("lost", "guarded");

    var result =
        MongoRetry.verified(
            () -> {
              var answer = call(answers);
              // The first call gets there before the second one, whose guard then fails.
              stored = "the first";
              return answer.equals("guarded") ? Optional.<String>empty() : Optional.of(answer);
            },
            () -> Optional.ofNullable(stored));

    assertThat(result).hasValue("the first");
  }

  @Test
  void a_guard_that_fails_at_once_is_no_reason_to_look() {
    stored = "something of before";

    assertThat(MongoRetry.verified(Optional::empty, () -> Optional.ofNullable(stored))).isEmpty();
  }

  @Test
  void an_outage_is_told_and_not_waited_out() {
    assertThatThrownBy(() -> MongoRetry.idempotent(() -> call(answers("lost", "lost", "lost"))))
        .isInstanceOf(DataAccessResourceFailureException.class);
    calls = 0;
    assertThatThrownBy(() -> MongoRetry.idempotent(() -> call(answers("away", "done"))))
        .isInstanceOf(DataAccessResourceFailureException.class);
    assertThat(calls).isOne();
  }

  @Test
  void a_write_that_no_majority_confirms_in_time_is_looked_for_and_not_repeated() {
    assertThat(verified(answers("done and late", "again"))).hasValue("done and late");
    assertThat(calls).isOne();

    assertThatThrownBy(() -> verified(answers("late", "again")))
        .isInstanceOf(DataAccessResourceFailureException.class);
    assertThat(calls).isEqualTo(2);
  }

  @Test
  void an_insert_that_meets_its_own_first_try_is_done() {
    var looked = new AtomicInteger();

    var result =
        MongoRetry.verified(
            () -> Optional.of(call(answers(calls == 0 ? "done and lost" : "taken"))),
            // The first look comes too early to see it.
            () -> Optional.ofNullable(looked.incrementAndGet() == 1 ? null : stored));

    assertThat(result).hasValue("done and lost");
    assertThat(calls).isEqualTo(2);
  }

  @Test
  void an_id_that_is_taken_is_told_at_once() {
    stored = "something of before";

    assertThatThrownBy(() -> verified(answers("taken"))).isInstanceOf(DuplicateKeyException.class);
  }

  private Optional<String> verified(Deque<String> answers) {
    return MongoRetry.verified(() -> Optional.of(call(answers)), () -> Optional.ofNullable(stored));
  }

  private String call(Deque<String> answers) {
    calls++;
    var answer = answers.removeFirst();
    if (answer.equals("away")) {
      throw new DataAccessResourceFailureException("away", new MongoTimeoutException("away"));
    }
    if (answer.equals("taken")) {
      throw new DuplicateKeyException("taken");
    }
    if (answer.endsWith("late")) {
      stored = answer.startsWith("done") ? answer : null;
      throw new DataAccessResourceFailureException(
          "late",
          new MongoWriteConcernException(
              new WriteConcernError(64, "WriteConcernTimeout", "late", new BsonDocument()),
              WriteConcernResult.unacknowledged(),
              new ServerAddress(),
              Set.of()));
    }
    if (answer.endsWith("lost")) {
      stored = answer.startsWith("done") ? answer : null;
      throw new DataAccessResourceFailureException(
          "lost", new MongoSocketReadException("lost", new ServerAddress()));
    }
    return answer;
  }

  private static Deque<String> answers(String... answers) {
    return new ArrayDeque<>(List.of(answers));
  }
}
