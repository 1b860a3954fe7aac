package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Job.User;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * One request to run a workflow. It says what was asked; where the run stands follows from its
 * jobs, and is not stored.
 *
 * @param id 24 hexadecimal digits
 * @param organization whose it is
 * @param workflow the workflow's id
 * @param version the version of the workflow by which it goes on
 * @param name the workflow's name
 * @param acl who may see it and its jobs, besides administrators
 * @param asked who asked for it
 * @param arguments what it was given, as JSON, sealed
 * @param parent the step of another run that it is; null: none
 * @param course what was decided about it since
 */
@Document("workflow_runs")
record WorkflowRun(
    @Id String id,
    String organization,
    String workflow,
    int version,
    String name,
    Acl acl,
    Asked asked,
    String arguments,
    @Nullable Parent parent,
    Course course) {

  /**
   * Who asked for a run, and how.
   *
   * @param word the kind of caller
   * @param by a name for the history
   * @param user who it was; null: not known
   * @param reference what asked, if it is not a person; see {@link
   *     io.capataz.supervisor.job.Origin}
   * @param depth how many events led to it; null: none
   */
  record Asked(
      String word,
      String by,
      @Nullable User user,
      @Nullable String reference,
      @Nullable Integer depth,
      Instant created) {

    static Asked of(Cause cause, Instant created) {
      var origin = cause.origin();
      return new Asked(
          origin.word(), cause.by(), cause.user(), origin.reference(), origin.depth(), created);
    }
  }

  /**
   * The step of another run that a run is.
   *
   * @param depth how many runs it is inside of
   */
  record Parent(
      String run,
      String step,
      String visit,
      int number,
      String cause,
      @Nullable Integer item,
      int depth) {}

  /**
   * What was decided about a run.
   *
   * @param started whether its first jobs have been made
   * @param cancel that it is to end; null: it goes on
   * @param deadline when it is ended; null: never
   * @param checkAt when a sweep looks at it; null: it is closed
   * @param closed when nothing was left to follow from its jobs; null: it is open
   * @param refused the steps for which no job could be made
   */
  record Course(
      boolean started,
      @Nullable Mark cancel,
      @Nullable Instant deadline,
      @Nullable Instant checkAt,
      @Nullable Instant closed,
      List<Refused> refused) {
    Course {
      refused = List.copyOf(refused);
    }
  }

  /**
   * That a run is to end.
   *
   * @param timedOut whether its time was up
   */
  record Mark(Instant at, String by, boolean timedOut) {}

  /**
   * A step for which no job could be made: it has failed.
   *
   * @param unit the id that its job would have had
   * @param item of a list; null: the step has none
   * @param reason for people
   */
  record Refused(
      String unit,
      String step,
      String visit,
      int number,
      String cause,
      @Nullable Integer item,
      String reason,
      Instant at) {}

  int depth() {
    return parent == null ? 0 : parent.depth();
  }

  boolean isClosed() {
    return course.closed() != null;
  }
}
