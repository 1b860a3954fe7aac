package io.capataz.supervisor.fleet;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.job.Origin;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * One run of a task over many hosts. How far each host has come is in its {@link FleetHost}.
 *
 * @param id 24 hexadecimal digits
 * @param organization whose it is
 * @param task the task's id
 * @param taskName the task's name
 * @param acl who may see it, besides administrators
 * @param asked who asked for it
 * @param arguments what each job is given, as JSON, sealed
 * @param choice how its hosts were chosen
 * @param wish how it is to go, as it was asked
 * @param plan what that means for these hosts
 * @param course how far it has come
 */
@Document("fleet_runs")
record FleetRun(
    @Id String id,
    String organization,
    String task,
    String taskName,
    Acl acl,
    Asked asked,
    String arguments,
    Choice choice,
    Wish wish,
    Plan plan,
    Course course) {

  /** The word of the {@link Origin}s of its jobs. */
  static final String FLEET = "fleet";

  /** Who decides what follows from the plan. */
  static final String SUPERVISOR = "supervisor";

  /**
   * Who asked for it.
   *
   * @param by a name for the history
   * @param user who it was; null: not known
   * @param reference what asked, if it is not a person, such as a schedule
   * @param depth how many events led to it; null: none
   * @param created when
   * @param repeats the run that it repeats; null: none
   * @param repeated when it was last repeated; null: never
   */
  record Asked(
      String word,
      String by,
      @Nullable User user,
      @Nullable String reference,
      @Nullable Integer depth,
      Instant created,
      @Nullable String repeats,
      @Nullable Instant repeated) {
    static Asked of(Cause cause, Instant created, @Nullable String repeats) {
      var origin = cause.origin();
      return new Asked(
          origin.word(),
          cause.by(),
          cause.user(),
          origin.reference(),
          origin.depth(),
          created,
          repeats,
          null);
    }
  }

  /** The ways to choose hosts. */
  enum By {
    /** They were listed. */
    HOSTS,
    /** All of a pool. */
    POOL,
    /** All whose labels an expression selects. */
    LABELS,
    /** Where the task runs otherwise. */
    TASK
  }

  /**
   * How the hosts were chosen.
   *
   * @param said the pool's id, or the expression; empty: nothing more to say
   */
  record Choice(By by, String said) {}

  /** Before which waves somebody has to approve. */
  enum Approval {
    NONE,
    LAST,
    EVERY
  }

  /** What is done about hosts that are off when it is their turn. */
  enum Off {
    WAIT,
    SKIP,
    FAIL
  }

  /**
   * How a run is to go.
   *
   * @param waves sizes of waves: numbers, percentages, {@code rest}
   * @param atOnce how many hosts may run at once
   * @param budget a number or a percentage: when so many hosts have failed, it pauses; null: never
   * @param between seconds between two waves
   * @param offUntil until when hosts that are off are waited for; null: for some time
   * @param offFor seconds for which they are waited for; null: until an instant
   */
  record Wish(
      List<String> waves,
      int atOnce,
      @Nullable String budget,
      int between,
      Approval approval,
      Off off,
      @Nullable Instant offUntil,
      @Nullable Integer offFor) {
    Wish {
      waves = List.copyOf(waves);
    }
  }

  /**
   * What a wish means for the hosts of a run.
   *
   * @param total how many hosts it has
   * @param ends for each wave, the place behind its last host
   * @param budget at how many failures it pauses; null: never
   * @param offUntil until when hosts that are off are waited for; null: they are not
   */
  record Plan(int total, List<Integer> ends, @Nullable Integer budget, @Nullable Instant offUntil) {
    Plan {
      ends = List.copyOf(ends);
    }

    int waves() {
      return ends.size();
    }

    /** The wave of the host at a place. */
    int waveOf(int place) {
      var wave = 0;
      while (place >= ends.get(wave)) {
        wave++;
      }
      return wave;
    }
  }

  /**
   * How far a run has come.
   *
   * @param frozen whether all its hosts are stored; before that, it has not begun
   * @param rev grows with every decision; whoever decides has read the one before
   * @param wave the current one, from 0
   * @param next when the next wave begins; null: nobody waits for that
   * @param gate whether the next wave waits for an approval
   * @param granted what was decided about the next hosts and may not be done yet
   * @param pause that no host is begun; null: it goes on
   * @param cancel that it is to end; null: it goes on
   * @param checkAt when a sweep looks at it; null: it has ended
   * @param closed when it had ended; null: it has not
   * @param notes what happened to it, oldest first, the last 100
   */
  record Course(
      boolean frozen,
      long rev,
      int wave,
      @Nullable Instant next,
      boolean gate,
      List<Grant> granted,
      @Nullable Mark pause,
      @Nullable Mark cancel,
      @Nullable Instant checkAt,
      @Nullable Instant closed,
      List<Note> notes) {
    Course {
      granted = granted == null ? List.of() : List.copyOf(granted);
      notes = List.copyOf(notes);
    }

    static Course beginning(Instant checkAt) {
      return new Course(false, 0, 0, null, false, List.of(), null, null, checkAt, null, List.of());
    }
  }

  /**
   * What was decided about a host.
   *
   * @param member the id of the {@link FleetHost}
   * @param number of the attempt for which it holds
   * @param stage what it becomes: BEGUN if its job is made
   * @param reason for people; null: there is none
   */
  record Grant(String member, int number, Stage stage, @Nullable String reason) {}

  /**
   * That somebody has paused or canceled a run.
   *
   * @param note why; null: nobody said
   */
  record Mark(Instant at, String by, @Nullable String note) {}

  /**
   * Something that happened to a run.
   *
   * @param what a word: {@code began}, {@code wave}, {@code paused} …
   */
  record Note(Instant at, String what, String by, @Nullable String detail) {}

  boolean isClosed() {
    return course.closed() != null;
  }

  /** The place behind the last host that may begin by now. */
  int end() {
    return plan.ends().get(course.wave());
  }

  boolean isInLastWave() {
    return course.wave() == plan.waves() - 1;
  }

  /** Whether somebody has to approve the next wave. */
  boolean needsApproval() {
    return switch (wish.approval()) {
      case NONE -> false;
      case EVERY -> true;
      case LAST -> course.wave() == plan.waves() - 2;
    };
  }

  /** What its jobs refer to. */
  Cause cause() {
    return new Cause(new Origin(FLEET, id, null, asked.depth()), asked.by(), asked.user(), null);
  }
}
