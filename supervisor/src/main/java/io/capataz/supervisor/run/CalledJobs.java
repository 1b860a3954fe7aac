package io.capataz.supervisor.run;

import io.capataz.supervisor.job.Cancellations;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.FollowUp;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.JobMade;
import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.job.OriginKind;
import io.capataz.supervisor.web.ApiProblem;
import java.util.List;
import java.util.Objects;
import org.bson.Document;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Jobs that were started by running jobs. None outlives the attempt that started it, and an attempt
 * has a timeout; so whatever calls itself comes to an end.
 */
@Component
class CalledJobs implements FollowUp, OriginKind {

  /** How many events and calls may lead from one to the next. */
  static final int DEEPEST = 20;

  /** How many of the jobs that one job has started may be open at the same time. */
  static final int WIDEST = 100;

  private static final String KIND = "end-called";

  private final Jobs jobs;
  private final JobQueries queries;
  private final Cancellations cancellations;

  CalledJobs(Jobs jobs, JobQueries queries, Cancellations cancellations) {
    this.jobs = jobs;
    this.queries = queries;
    this.cancellations = cancellations;
  }

  @Override
  public String word() {
    return Origin.CALL;
  }

  /**
   * Refuses what would go too deep or too wide.
   *
   * @throws ApiProblem 409
   */
  void check(Cause cause) {
    var origin = cause.origin();
    if (!isCall(origin)) {
      return;
    }
    if (origin.events() > DEEPEST) {
      throw ApiProblem.conflict(
          "too_deep",
          "More than %d jobs and events led from one to the next. Does a function call itself?"
              .formatted(DEEPEST));
    }
    if (queries.countOpenCalled(callerIn(origin), WIDEST) >= WIDEST) {
      throw ApiProblem.conflict(
          "too_many_calls",
          "%d jobs that this job has started have not ended. Wait for some of them first."
              .formatted(WIDEST));
    }
  }

  private static boolean isCall(Origin origin) {
    return origin.word().equals(Origin.CALL);
  }

  private static String callerIn(Origin origin) {
    return Objects.requireNonNull(origin.reference());
  }

  /** The caller may have ended between the check of its token and the creation of the job. */
  @EventListener
  void on(JobMade made) {
    var origin = made.job().provenance().origin();
    if (isCall(origin)
        && jobs.find(made.job().organization(), callerIn(origin))
            .filter(caller -> caller.state().isUnderWay())
            .isEmpty()) {
      end(made.job(), callerIn(origin));
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public List<Effect> after(Job job, JobMove move) {
    var calls = job.spec().action().runScript().filter(run -> !run.calls().isEmpty()).isPresent();
    return calls && move.endsAttempt()
        ? List.of(new Effect(KIND + "/" + job.attempt(), KIND, new Document()))
        : List.of();
  }

  @Override
  public void perform(Job job, Effect effect) {
    // Another attempt may run by now; what it has started goes on.
    var since = job.state().isUnderWay() ? job.granted().granted() : null;
    queries.openCalled(job.id(), 2 * WIDEST).stream()
        .filter(called -> since == null || called.provenance().created().isBefore(since))
        .forEach(called -> end(called, job.id()));
  }

  private void end(Job called, String caller) {
    var _ = cancellations.cancel(called, "job:" + caller);
  }
}
