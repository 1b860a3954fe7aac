package io.capataz.supervisor.workflowrun;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.supervisor.job.WireState;
import io.capataz.supervisor.workflow.Plan;
import io.capataz.supervisor.workflow.Plan.Step;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a step of a run was.
 *
 * @param step the id of the node
 * @param visit the same for all that belongs to one visit of the step
 * @param item which item of a list, from 0
 * @param jobId the job that it was
 * @param runId the run that it was
 * @param state as of jobs; {@code failure} if no job could be made
 * @param event the event by which the run went on
 * @param reason why no job could be made
 * @param restartedFrom the job that it tries again
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TimelineView(
    String step,
    String name,
    String visit,
    @Nullable Integer item,
    @Nullable String jobId,
    @Nullable String runId,
    @JsonUnwrapped Times times,
    String state,
    @Nullable String event,
    @Nullable String reason,
    @Nullable String restartedFrom) {

  /**
   * When.
   *
   * @param attempt of the job
   * @param created when it was made
   * @param started when its script was reported to run
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Times(int attempt, Instant created, @Nullable Instant started, @Nullable Instant ended) {
    static Times of(Unit unit) {
      var job = unit.job();
      var run = unit.run();
      if (job != null) {
        return new Times(
            job.attempt(), job.provenance().created(), job.holding().started(), job.past().ended());
      }
      return run != null
          ? new Times(1, run.asked().created(), run.asked().created(), run.course().closed())
          : new Times(0, unit.at(), null, unit.at());
    }
  }

  static TimelineView of(Plan plan, Unit unit) {
    var position = unit.position();
    var job = unit.job();
    var end = unit.end();
    return new TimelineView(
        position.step(),
        plan.step(position.step()).map(Step::name).orElse(position.step()),
        position.visit(),
        position.item(),
        job == null ? null : job.id(),
        unit.run() == null ? null : unit.id(),
        Times.of(unit),
        job != null ? WireState.of(job).state() : end == null ? "in_progress" : end.event(),
        end == null ? null : end.event(),
        unit.refused() == null ? null : unit.refused().reason(),
        job == null ? null : job.provenance().restartedFrom());
  }
}
