package io.capataz.supervisor.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.VersionTag;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Workflows over HTTP. */
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
  private final WorkflowChanges changes;

  WorkflowController(Workflows workflows, WorkflowChanges changes) {
    this.workflows = workflows;
    this.changes = changes;
  }

  /**
   * A workflow in a response.
   *
   * @param graph its graph, as it was sent
   * @param definition all that was sent of it; {@code task_id} refers to tasks that run here
   * @param triggers the ids of events that start it
   * @param version counts the changes of its definition, from 1
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WorkflowView(
      String id,
      @JsonProperty("_type") String className,
      String name,
      List<String> acls,
      @Nullable JsonNode graph,
      @Nullable String startTaskId,
      JsonNode definition,
      List<String> triggers,
      int version,
      String customerName,
      Instant creationDate,
      Instant lastUpdate) {
    static WorkflowView of(Workflow workflow) {
      var definition = workflow.definition();
      return new WorkflowView(
          workflow.id(),
          "Workflow",
          workflow.name(),
          workflow.acl().entries(),
          definition.get("graph"),
          definition.path("start_task_id").asString(null),
          definition,
          workflow.start().triggers(),
          workflow.version(),
          workflow.organization(),
          workflow.created(),
          workflow.updated());
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
  ResponseEntity<WorkflowView> get(@PathVariable String id, Caller.Member caller) {
    return shown(changes.found(caller, id));
  }

  /** {@code GET …/graph}: the graph alone, as graphlib's JSON. */
  @GetMapping({"/{customer}/workflows/{id}/graph", "/workflows/{id}/graph"})
  @Allow(role = Role.VIEWER, scope = Scope.WORKFLOW_READ)
  JsonNode graph(@PathVariable String id, Caller.Member caller) {
    return changes.found(caller, id).definition().path("graph");
  }

  /**
   * {@code POST /{customer}/workflows} and {@code POST /workflows}: makes a workflow of tasks that
   * are there: {@code name}, {@code graph} and, if more than one node can be the first, {@code
   * start_task_id}; a node names its task by {@code task_id}. 400 names the nodes that are wrong:
   * unknown tasks, nodes that are not reached, loops without an end, joins that are never met.
   */
  @PostMapping({"/{customer}/workflows", "/workflows"})
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  ResponseEntity<WorkflowView> create(ApiInput input, Caller.Member caller) {
    return shown(changes.make(caller, input.object()));
  }

  /**
   * {@code PUT /{customer}/workflows/{id}} and {@code PUT /workflows/{id}}: replaces a workflow.
   * Runs that have begun go on as they began. With the {@code ETag} in {@code If-Match}, 412 after
   * a concurrent change.
   */
  @PutMapping({"/{customer}/workflows/{id}", "/workflows/{id:[0-9a-fA-F]{24}}"})
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  ResponseEntity<WorkflowView> replace(
      @PathVariable String id,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      ApiInput input,
      Caller.Member caller) {
    return shown(changes.replace(caller, id, ifMatch, input.object()));
  }

  /**
   * {@code DELETE /{customer}/workflows/{id}} and {@code DELETE /workflows/{id}}: removes the
   * workflow; its tasks stay, and runs that have begun go on.
   */
  @DeleteMapping({"/{customer}/workflows/{id}", "/workflows/{id:[0-9a-fA-F]{24}}"})
  @Accepts(query = "keepTasks")
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  Map<String, String> delete(@PathVariable String id, Caller.Member caller) {
    if (!workflows.remove(caller, id)) {
      throw WorkflowChanges.noSuchWorkflow();
    }
    return Map.of();
  }

  private static ResponseEntity<WorkflowView> shown(Workflow workflow) {
    return new VersionTag(workflow.version()).answer(WorkflowView.of(workflow));
  }
}
