package io.capataz.supervisor.workflow;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Workflows over HTTP: views of imported workflows. They are not executed yet. */
@RestController
class WorkflowController {

  private static final int PAGE = 1_000;

  private static final Listing.Offer<Workflow> LIST =
      new Listing.Offer<>(
          Map.of(
              "name", new Listing.Order<>(Workflow::name),
              "creation_date", new Listing.Order<>(Workflow::created)),
          "name",
          Set.of("name"),
          PAGE,
          PAGE);

  private final Workflows workflows;

  WorkflowController(Workflows workflows) {
    this.workflows = workflows;
  }

  /**
   * A workflow in a response.
   *
   * @param definition its graph and tasks; {@code task_id} refers to tasks that run here
   */
  record WorkflowView(
      String id,
      String name,
      List<String> acls,
      JsonNode definition,
      String customerName,
      Instant creationDate) {
    static WorkflowView of(Workflow workflow) {
      return new WorkflowView(
          workflow.id(),
          workflow.name(),
          workflow.acl().entries(),
          workflow.definition(),
          workflow.organization(),
          workflow.created());
    }
  }

  /**
   * {@code GET /{customer}/workflows} and {@code GET /workflows}: lists the workflows by name; see
   * {@link Listing}.
   */
  @GetMapping({"/{customer}/workflows", "/workflows"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.WORKFLOW_READ)
  ResponseEntity<List<WorkflowView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(workflows.list(caller, asked), WorkflowView::of);
  }

  /**
   * {@code GET /{customer}/workflows/{id}} and {@code GET /workflows/{id}}: returns one workflow.
   */
  @GetMapping({"/{customer}/workflows/{id}", "/workflows/{id:[0-9a-fA-F]{24}}"})
  @Allow(role = Role.VIEWER, scope = Scope.WORKFLOW_READ)
  WorkflowView get(@PathVariable String id, Caller.Member caller) {
    return workflows
        .visible(caller, id)
        .map(WorkflowView::of)
        .orElseThrow(WorkflowController::noSuchWorkflow);
  }

  /**
   * {@code DELETE /{customer}/workflows/{id}} and {@code DELETE /workflows/{id}}: removes the
   * workflow; its tasks stay.
   */
  @DeleteMapping({"/{customer}/workflows/{id}", "/workflows/{id:[0-9a-fA-F]{24}}"})
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  Map<String, String> delete(@PathVariable String id, Caller.Member caller) {
    if (!workflows.remove(caller, id)) {
      throw noSuchWorkflow();
    }
    return Map.of();
  }

  private static ApiProblem noSuchWorkflow() {
    return ApiProblem.notFound("The workflow");
  }
}
