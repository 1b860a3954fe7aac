package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Origin.Position;
import io.capataz.supervisor.workflowrun.WorkflowRun.Refused;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a visit of a step was: a job, a run, or nothing that could be made. A step with a list has
 * one for each item.
 *
 * @param id of the job or the run
 * @param job null: none
 * @param run null: none
 * @param refused null: it was made
 * @param end null: it has not ended
 * @param at when it ended, or was made
 */
record Unit(
    String id,
    Position position,
    @Nullable Job job,
    @Nullable WorkflowRun run,
    @Nullable Refused refused,
    @Nullable End end,
    Instant at) {

  static Optional<Unit> of(Job job) {
    var position = job.provenance().origin().position();
    if (position == null) {
      return Optional.empty();
    }
    var ended = job.past().ended();
    return Optional.of(
        new Unit(
            job.id(),
            position,
            job,
            null,
            null,
            job.state().isFinal() ? Ends.of(job, position) : null,
            ended == null ? job.provenance().created() : ended));
  }

  static Unit of(Refused refused) {
    return new Unit(
        refused.unit(),
        new Position(
            refused.step(), refused.visit(), refused.cause(), refused.number(), refused.item()),
        null,
        null,
        refused,
        Ends.of(refused),
        refused.at());
  }

  static Optional<Unit> of(WorkflowRun run, @Nullable End end) {
    var parent = run.parent();
    if (parent == null) {
      return Optional.empty();
    }
    var closed = run.course().closed();
    return Optional.of(
        new Unit(
            run.id(),
            new Position(
                parent.step(), parent.visit(), parent.cause(), parent.number(), parent.item()),
            null,
            run,
            null,
            end,
            closed == null ? run.asked().created() : closed));
  }

  boolean isGood() {
    return end != null && end.good();
  }
}
