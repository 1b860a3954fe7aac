package io.capataz.supervisor.schedule;

import io.capataz.common.protocol.Bytes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * What starts a task or a workflow at certain times.
 *
 * @param id 24 hexadecimal digits
 * @param description for people; null: none
 * @param arguments what each start is given, as a JSON list, sealed
 * @param course where it stands
 */
@Document("schedules")
record Schedule(
    @Id String id,
    String organization,
    Target target,
    @Nullable String description,
    Timing timing,
    String arguments,
    Policy policy,
    Course course,
    Revision revision) {

  /** How many of the last instants are kept with what came of them. */
  static final int REMEMBERED = 100;

  /**
   * What it starts.
   *
   * @param kind {@code task} or {@code workflow}
   */
  record Target(String kind, String id) {}

  /** What becomes of an instant at which an earlier start has not ended. */
  enum Overlap {
    /** It is passed over. */
    SKIP,
    /** It is started all the same; its jobs wait as any others do. */
    QUEUE,
    /** What is open is canceled first. */
    CANCEL
  }

  /** What becomes of instants that passed while no supervisor ran. */
  enum Missed {
    /** They are passed over. */
    SKIP,
    /** The last of them is started, unless the next one is due as well. */
    ONCE,
    /** They are started one after the other, the newest up to a limit. */
    ALL
  }

  /**
   * How it deals with instants that cannot be as they should.
   *
   * @param limit how many missed ones are started at most
   * @param horizon how late one may be to be started at all
   */
  record Policy(Overlap overlap, Missed missed, int limit, Duration horizon) {}

  /**
   * Where it stands.
   *
   * @param next the next instant; null: there is none
   * @param due when a supervisor has to look at it; null: never
   * @param pause that it is paused; null: it is not
   * @param skips instants that somebody wants passed over
   * @param last the last instant that was started; null: none was
   * @param recent the last instants with what came of them, oldest first
   */
  record Course(
      @Nullable Instant next,
      @Nullable Instant due,
      @Nullable Pause pause,
      List<Instant> skips,
      @Nullable Instant last,
      List<Tick> recent) {
    Course {
      skips = List.copyOf(skips);
      recent = List.copyOf(recent);
    }
  }

  /**
   * That it is paused.
   *
   * @param until when it goes on by itself; null: when somebody resumes it
   */
  record Pause(String by, Instant since, @Nullable Instant until, @Nullable String note) {}

  /** What came of an instant. */
  enum Came {
    /** It was started. */
    STARTED,
    /** An earlier start had not ended, or somebody wanted it passed over. */
    SKIPPED,
    /** No supervisor ran at that time, and the policy says to pass it over. */
    MISSED,
    /** It could not be started. */
    FAILED
  }

  /**
   * An instant and what came of it.
   *
   * @param start the id of the job or the run; null: none was started
   * @param reason why none was; null: one was
   * @param noted when this was decided
   */
  record Tick(
      Instant at, Came came, @Nullable String start, @Nullable String reason, Instant noted) {}

  /**
   * A version of it.
   *
   * @param version counts the changes of its definition, from 1
   * @param by who made it
   */
  record Revision(int version, Instant created, Instant updated, String by) {}

  /** The same, paused as another one is. */
  Schedule paused(Schedule other) {
    var paused =
        new Course(
            course.next(),
            course.due(),
            other.course().pause(),
            course.skips(),
            course.last(),
            course.recent());
    return new Schedule(
        id, organization, target, description, timing, arguments, policy, paused, revision);
  }

  /**
   * The id of what is started at an instant: whoever starts it, it is started once. Like every id,
   * it begins with its time.
   */
  String startAt(Instant instant) {
    var digest = Bytes.utf8("schedule\n" + id + "\n" + instant).sha256();
    return "%08x".formatted(instant.getEpochSecond()) + digest.substring(digest.length() - 16);
  }
}
