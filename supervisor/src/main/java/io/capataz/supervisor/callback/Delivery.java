package io.capataz.supervisor.callback;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * One callback of one job, and every try to deliver it. All tries send the same id and the same
 * payload.
 *
 * @param id follows from the job and the event, so that the same end makes no second one
 * @param event what it tells
 * @param target the URL or the e-mail address
 * @param receiver whom the target belongs to; see {@link Receivers#of}
 * @param test whether it is about a task that was made with a test key
 * @param payload as it was when the job ended
 * @param course where it stands
 * @param tries those that are remembered, oldest first
 */
@Document("callback_deliveries")
record Delivery(
    @Id String id,
    String organization,
    String job,
    Event event,
    String target,
    String receiver,
    boolean test,
    String payload,
    Instant created,
    Course course,
    List<Try> tries) {

  public Delivery {
    tries = tries == null ? List.of() : List.copyOf(tries);
  }

  /** What a callback tells. */
  public enum Event {
    /** The job succeeded. */
    COMPLETED,
    /** The job failed or expired. */
    ERROR,
    /** Somebody canceled the job. */
    CANCELED
  }

  /** Where a delivery stands. */
  public enum State {
    /** More tries will follow. */
    OPEN,
    /** The receiver has taken it. */
    SUCCEEDED,
    /** The receiver has not taken it, and no more tries follow. */
    FAILED
  }

  /**
   * Where a delivery stands.
   *
   * @param number how many tries were begun since it was opened
   * @param due when the next try may begin, or the current one is given up; null: it is closed
   * @param deadline after which no second try begins
   * @param claim the try that is under way; null: none
   * @param succeeded when a receiver took it for the first time; null: none has
   * @param orphan that its job was removed, and it is to be removed when it is closed; null: no
   */
  public record Course(
      State state,
      int number,
      @Nullable Instant due,
      Instant deadline,
      @Nullable String claim,
      @Nullable Instant succeeded,
      @Nullable Boolean orphan) {

    static Course opened(Instant now) {
      return new Course(State.OPEN, 0, now, now.plus(RetryDelays.LIFE), null, null, null);
    }
  }

  /**
   * A try.
   *
   * @param at when it began
   * @param millis how long it took
   * @param status what the receiver answered; null: nothing, or it is an e-mail
   * @param answer the beginning of the answer's body
   * @param failure why it counts as failed; null: it does not
   */
  public record Try(
      Instant at,
      long millis,
      @Nullable Integer status,
      @Nullable String answer,
      @Nullable String failure) {}
}
