package io.capataz.supervisor.draft;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.draft.Draft.Rejection;
import io.capataz.supervisor.draft.Draft.Running;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import org.bson.types.ObjectId;
import org.springframework.stereotype.Component;

/** What members do with drafts, besides having them written and approving them. */
@Component
class DraftChanges {

  private final Drafts drafts;
  private final Rail rail;
  private final Jobs jobs;
  private final InstantSource clock;

  DraftChanges(Drafts drafts, Rail rail, Jobs jobs, InstantSource clock) {
    this.drafts = drafts;
    this.rail = rail;
    this.jobs = jobs;
    this.clock = clock;
  }

  /**
   * Finds a draft that the member may know of.
   *
   * @throws ApiProblem 404
   */
  Draft found(Caller.Member caller, String id) {
    return drafts
        .find(caller.organization(), id)
        .filter(draft -> draft.isFor(caller))
        .orElseThrow(() -> ApiProblem.notFound("The draft"));
  }

  /**
   * Starts a check or a trial.
   *
   * @throws ApiProblem 400 if it cannot run there, 409 if it is not its turn
   */
  Draft start(Caller.Member caller, Draft draft, Step step, Rail.Place place) {
    checkState(step.passed(), draft);
    var running = draft.running();
    if (running != null && jobs.find(running.job()).isPresent()) {
      throw ApiProblem.conflict(
          "already_running",
          "Job %s does the %s of this draft. Wait for its end, or cancel it."
              .formatted(running.job(), running.step().word()));
    }
    var ready = rail.prepare(caller, draft, step, place);
    var next =
        new Running(step, ObjectId.get().toHexString(), draft.current().number(), clock.instant());
    var started = draft.running(next);
    // Noted before the job is there: what it finds is for whoever is noted.
    if (!drafts.note(started)) {
      throw changedMeanwhile();
    }
    var _ = rail.submit(caller, started, next, ready);
    return started;
  }

  /**
   * Rejects a draft.
   *
   * @throws ApiProblem 409 if it is approved or rejected
   */
  Draft reject(Caller.Member caller, Draft draft, String reason) {
    checkState(DraftMove.REJECT, draft);
    var rejected = draft.rejected(new Rejection(caller.name(), clock.instant(), reason));
    if (!drafts.make(DraftMove.REJECT, rejected)) {
      throw changedMeanwhile();
    }
    return rejected;
  }

  /** Removes a draft with its files; an API task that it has become stays. */
  void remove(Draft draft) {
    drafts.remove(draft);
  }

  static void checkState(DraftMove move, Draft draft) {
    if (!move.leaves(draft.state())) {
      throw ApiProblem.conflict(
          "wrong_state",
          "The draft is %s. For this it must be %s."
              .formatted(draft.state().word(), move.fromWords()));
    }
  }

  static ApiProblem changedMeanwhile() {
    return ApiProblem.conflict(
        "changed_meanwhile", "The draft was changed at the same time. Look at it again.");
  }
}
