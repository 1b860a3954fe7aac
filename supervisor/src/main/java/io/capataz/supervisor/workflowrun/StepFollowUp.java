package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.EffectDone;
import io.capataz.supervisor.job.FollowUp;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.OriginKind;
import java.util.List;
import org.bson.Document;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** The next steps of a run follow from the end of a job. */
@Component
class StepFollowUp implements FollowUp, OriginKind {

  private static final String KIND = "workflow";

  private final WorkflowRuns runs;
  private final NextSteps nextSteps;
  private final Closings closings;

  StepFollowUp(WorkflowRuns runs, NextSteps nextSteps, Closings closings) {
    this.runs = runs;
    this.nextSteps = nextSteps;
    this.closings = closings;
  }

  @Override
  public String word() {
    return StepStarts.WORKFLOW;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public List<Effect> after(Job job, JobMove move) {
    return move.to().isFinal() && job.provenance().origin().position() != null
        ? List.of(new Effect(KIND, KIND, new Document()))
        : List.of();
  }

  @Override
  public void perform(Job job, Effect effect) {
    var origin = job.provenance().origin();
    var position = origin.position();
    if (position != null && origin.reference() != null && job.state().isFinal()) {
      runs.find(origin.reference()).ifPresent(run -> nextSteps.ended(run, job, position));
    }
  }

  @EventListener
  void on(EffectDone done) {
    var origin = done.job().provenance().origin();
    if (origin.position() != null && origin.reference() != null) {
      closings.check(origin.reference());
    }
  }
}
