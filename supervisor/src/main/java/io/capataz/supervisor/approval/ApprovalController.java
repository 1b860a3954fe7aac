package io.capataz.supervisor.approval;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.job.Decisions;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Decision;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.task.Approve;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Decides about approvals over HTTP, with the checks of seed 004's system in its order. */
@RestController
class ApprovalController {

  private static final int LONGEST_COMMENT = 2_000;

  private final Jobs jobs;
  private final Decisions decisions;
  private final InstantSource clock;

  ApprovalController(Jobs jobs, Decisions decisions, InstantSource clock) {
    this.jobs = jobs;
    this.decisions = decisions;
    this.clock = clock;
  }

  /**
   * {@code PUT /{customer}/job/{id}/approve} and {@code PUT /job/{id}/approve} (seed 004's system):
   * approves, with an optional {@code comment}. When as many have approved as the task requires,
   * the job has succeeded. 400 if it is not an approval; 403 if the caller is not an approver,
   * administrators included; 409 if it has ended.
   */
  @PutMapping({"/{customer}/job/{id}/approve", "/job/{id:[0-9a-f]+}/approve"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_WRITE)
  @Audited
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void approve(@PathVariable String id, ApiInput input, Caller.Member caller) {
    decide(id, input, caller, true);
  }

  /**
   * {@code PUT /{customer}/job/{id}/reject} and {@code PUT /job/{id}/reject} (seed 004's system):
   * rejects, with an optional {@code comment}; the job has failed. 400, 403 and 409 as for {@code
   * approve}.
   */
  @PutMapping({"/{customer}/job/{id}/reject", "/job/{id:[0-9a-f]+}/reject"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_WRITE)
  @Audited
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void reject(@PathVariable String id, ApiInput input, Caller.Member caller) {
    decide(id, input, caller, false);
  }

  private void decide(String id, ApiInput input, Caller.Member caller, boolean approved) {
    var job = found(caller, id);
    var comment = comment(input);
    if (!(job.spec().action() instanceof Approve approve)) {
      throw ApiProblem.badRequest(
          "not_an_approval",
          "The job is of type "
              + job.spec().action().kind().type()
              + "; only an approval can be approved or rejected.");
    }
    var named = approvers(job, approve, caller);
    for (var now = job; now.state() == JobState.HELD; now = found(caller, id)) {
      var person = User.of(caller);
      if (approved && Decisions.hasDecided(now, person.id())) {
        return; // A repeated request: each person counts once.
      }
      var made = new Decision(person, approved, comment, named, clock.instant());
      if (decisions.decide(now, caller, made).isPresent()) {
        return;
      }
    }
    throw ApiProblem.conflict(
        "no_longer_available", "The approval request is no longer available: the job has ended.");
  }

  /** The entries of the approvers that name the caller. */
  private static List<String> approvers(Job job, Approve approve, Caller.Member caller) {
    var starter = job.provenance().user();
    var isStarter = starter != null && starter.id().equals(User.of(caller).id());
    var named = approve.approvers().matching(caller);
    if (named.isEmpty() && !(approve.byStarter() && isStarter)) {
      throw ApiProblem.forbidden(
          "not_an_approver", "You are not one of the approvers of this job. GET …/why names them.");
    }
    if (isStarter && !approve.selfApproval()) {
      throw ApiProblem.forbidden(
          "started_by_you",
          "You have started this job, so somebody else has to decide about it. A task can allow"
              + " this with self_approval.");
    }
    return named;
  }

  private static @Nullable String comment(ApiInput input) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var comment = fields.textOrNothing("comment", LONGEST_COMMENT);
    fields.done();
    return comment.orElse(null);
  }

  private Job found(Caller.Member caller, String id) {
    return jobs.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The job"));
  }
}
