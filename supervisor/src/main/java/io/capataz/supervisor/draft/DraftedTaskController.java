package io.capataz.supervisor.draft;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.library.AnsweredCalls;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.LargeBody;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** The routes of seed 003's system, and the one that runs what was approved. */
@RestController
class DraftedTaskController {

  private final Drafting drafting;
  private final Proposals proposals;
  private final Drafts drafts;
  private final AnsweredCalls calls;

  DraftedTaskController(
      Drafting drafting, Proposals proposals, Drafts drafts, AnsweredCalls calls) {
    this.drafting = drafting;
    this.proposals = proposals;
    this.drafts = drafts;
    this.calls = calls;
  }

  /**
   * A draft that was made.
   *
   * @param message always {@code Task Created!}
   * @param taskId the id of the draft
   * @param taskName what the model calls it
   */
  record DraftCreated(String message, String taskId, String taskName) {}

  /**
   * {@code POST /api/task/create} (seed 003): has a language model write a function that does the
   * {@code desired_action}, as a draft. {@code task_type} is {@code input} or {@code passthrough},
   * or {@code map}, {@code filter} or {@code aggregate}. Optional: {@code grants}, of {@code
   * network}, {@code files} and {@code processes}; {@code example_data}, a list of rows that the
   * model is shown; {@code acls}, who may see the draft. 422 if the model declines or does not
   * answer in the form it is asked for, 429 if the organization has asked too often, 503 if there
   * is no model or it does not answer.
   */
  @PostMapping("/api/task/create")
  @Accepts(body = Accepts.Body.REFUSED_BY_ROUTE)
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  DraftCreated create(ApiInput input, Caller.Member caller, HttpServletRequest request)
      throws InterruptedException {
    ApiInput.unreadable(request)
        .ifPresent(
            wrong -> {
              throw ApiProblem.badRequest(
                  "invalid_json", "Error parsing request body: " + wrong.detail());
            });
    var wish = Wish.read(input.object());
    proposals.checkModel();
    var draft = drafting.create(caller, wish);
    AuditedAct.of(caller, draft.id()).attachTo(request);
    return new DraftCreated("Task Created!", draft.id(), draft.name());
  }

  /** What the page of seed 003's system shows. */
  record DraftGreeting(String message) {}

  /** {@code GET /api/get_data} (seed 003): what the button of its page asks for. */
  @GetMapping("/api/get_data")
  @Allow(Allow.Who.ANYONE)
  DraftGreeting data() {
    return new DraftGreeting("Hello World!");
  }

  /**
   * {@code POST /api/task/{id}/run}: runs the API task that a draft has become, in the version that
   * was approved, and waits for its end: as {@code POST /resource}, with {@code arguments
   * outputFormat isDeploy}. 408 after ten minutes, 409 if the draft was never approved or its task
   * is disabled, 422 if the function raised an exception or did not run.
   */
  @PostMapping("/api/task/{id:[0-9a-f-]{36}}/run")
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  @LargeBody
  ResponseEntity<?> run(
      @PathVariable String id,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String once,
      ApiInput input,
      Caller.Member caller)
      throws InterruptedException {
    var draft =
        drafts
            .find(caller.organization(), id)
            // What is approved is for all who may run tasks.
            .filter(it -> it.approval() != null || it.isFor(caller))
            .orElseThrow(() -> ApiProblem.notFound("The task"));
    var approval = draft.approval();
    if (approval == null) {
      throw ApiProblem.conflict(
          "not_approved",
          "The draft is %s. It runs after a person has approved it."
              .formatted(draft.state().word()));
    }
    if (approval.apiTask() == null || approval.apiVersion() == null) {
      throw ApiProblem.conflict(
          "not_registered",
          "The draft was approved, but its API task could not be made. Approve it again.");
    }
    var body = input.object();
    return calls.call(caller, approval.apiTask(), approval.apiVersion(), body, once);
  }
}
