package io.capataz.supervisor.event;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.WireState;
import io.capataz.supervisor.progress.Progress;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The data of events. */
final class EventViews {

  private EventViews() {}

  /** The workflow run that a job is part of; null: none. */
  static @Nullable String runOf(Job job) {
    var origin = job.provenance().origin();
    return origin.position() == null ? null : origin.reference();
  }

  /** When a job moved last, or was made. */
  static Instant movedAt(Job job) {
    var history = job.past().history();
    return history.isEmpty() ? job.provenance().created() : history.getLast().at();
  }

  /**
   * A job as it stands, in short. The words are those of a job in a response.
   *
   * @param id the job's
   * @param rev grows with every change of the job
   * @param workflowRun the id of the run that it is part of
   * @param progress how far its script says it has come; only in a snapshot
   * @param timestamp when it moved last
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record FollowedJob(
      String id,
      long rev,
      String taskId,
      String name,
      @JsonUnwrapped FollowedState standing,
      int attempt,
      @Nullable String hostId,
      @Nullable String workflowRun,
      @Nullable FollowedEnd end,
      @Nullable FollowedProgress progress,
      Instant timestamp) {

    static FollowedJob of(Job job) {
      return of(job, null);
    }

    static FollowedJob of(Job job, @Nullable Progress progress) {
      var state = WireState.of(job);
      return new FollowedJob(
          job.id(),
          job.rev(),
          job.task(),
          job.spec().taskName(),
          new FollowedState(state.statusWord(), state.lifecycle(), state.state()),
          job.shownAttempt(),
          job.host().orElse(null),
          runOf(job),
          job.state().isFinal() ? FollowedEnd.of(job) : null,
          progress == null ? null : FollowedProgress.of(progress),
          movedAt(job));
    }
  }

  /** The state of a job in its three words. */
  record FollowedState(String status, String lifecycle, String state) {}

  /** How a job has ended. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record FollowedEnd(@Nullable Outcome outcome, @Nullable Integer exitCode) {
    static FollowedEnd of(Job job) {
      var ending = job.ending();
      return new FollowedEnd(
          ending == null ? null : ending.outcome(), ending == null ? null : ending.exitCode());
    }
  }

  /**
   * How far a script says it has come.
   *
   * @param id the job's
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record FollowedProgress(
      String id,
      int attempt,
      @Nullable Integer percent,
      @Nullable String message,
      Instant timestamp) {
    static FollowedProgress of(Progress progress) {
      return new FollowedProgress(
          progress.attempt().job(),
          progress.attempt().number(),
          progress.percent(),
          progress.message(),
          progress.since());
    }
  }

  /**
   * All jobs that a client follows, as they stand.
   *
   * @param jobs newest first
   * @param complete false: there are more, which are not listed but followed
   */
  record Present(List<FollowedJob> jobs, boolean complete) {
    Present {
      jobs = List.copyOf(jobs);
    }
  }
}
