package io.capataz.supervisor.schedule;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.run.Startable;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.StringNode;

/**
 * The schedules of a task or a workflow, on the routes of seed 004's system.
 *
 * <p>A schedule has {@code cron} ({@code repeatEvery}) in {@code zone} ({@code timezone}), or
 * {@code every} so many seconds, or one date {@code at} ({@code runDate}), which is the first
 * instant of one that repeats; {@code from} and {@code until} bound it. {@code overlap} ({@code
 * skip}, {@code queue}, {@code cancel}) says what is done while an earlier start has not ended,
 * {@code missed} ({@code skip}, {@code once}, {@code all}; {@code missed_limit}, {@code horizon} in
 * seconds) what about instants that passed while no supervisor ran. Each start is given {@code
 * task_arguments}.
 */
@RestController
class TargetScheduleController {

  private static final String TASK = "task";
  private static final String WORKFLOW = "workflow";
  private static final String FLEET = "fleet";
  private static final StringNode OK = StringNode.valueOf("ok");

  private final Schedules schedules;
  private final ScheduleChanges changes;

  TargetScheduleController(Schedules schedules, ScheduleChanges changes) {
    this.schedules = schedules;
    this.changes = changes;
  }

  /** {@code GET …/task/{id}/schedule}: the schedules of a task, oldest first. */
  @GetMapping({"/{customer}/task/{id}/schedule", "/task/{id}/schedule"})
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  List<ScheduleView> ofTask(@PathVariable String id, Caller.Member caller) {
    return of(changes.target(caller, TASK, id));
  }

  /** {@code GET …/workflows/{id}/schedule}: the schedules of a workflow, oldest first. */
  @GetMapping({"/{customer}/workflows/{id}/schedule", "/workflows/{id}/schedule"})
  @Allow(role = Role.VIEWER, scope = Scope.WORKFLOW_READ)
  List<ScheduleView> ofWorkflow(@PathVariable String id, Caller.Member caller) {
    return of(changes.target(caller, WORKFLOW, id));
  }

  /** {@code GET …/fleet/{id}/schedule}: the schedules that repeat a fleet run, oldest first. */
  @GetMapping({"/{customer}/fleet/{id}/schedule", "/fleet/{id}/schedule"})
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  List<ScheduleView> ofFleet(@PathVariable String id, Caller.Member caller) {
    return of(changes.target(caller, FLEET, id));
  }

  private List<ScheduleView> of(Startable what) {
    return schedules.of(what.organization(), what.id()).stream()
        .map(schedule -> changes.view(new ScheduleChanges.Found(schedule, what)))
        .toList();
  }

  /** {@code POST …/task/{id}/schedule}: starts a task at certain times. */
  @PostMapping({"/{customer}/task/{id}/schedule", "/task/{id}/schedule"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ScheduleView addToTask(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changes.view(changes.make(caller, changes.target(caller, TASK, id), input.object()));
  }

  /** {@code POST …/workflows/{id}/schedule}: starts a workflow at certain times. */
  @PostMapping({"/{customer}/workflows/{id}/schedule", "/workflows/{id}/schedule"})
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  ScheduleView addToWorkflow(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changes.view(changes.make(caller, changes.target(caller, WORKFLOW, id), input.object()));
  }

  /**
   * {@code POST …/fleet/{id}/schedule}: repeats a fleet run at certain times, on the hosts that its
   * pool, labels or list have then.
   */
  @PostMapping({"/{customer}/fleet/{id}/schedule", "/fleet/{id}/schedule"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ScheduleView addToFleet(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changes.view(changes.make(caller, changes.target(caller, FLEET, id), input.object()));
  }

  /**
   * {@code POST …/task/{id}/schedule/preview}: the next {@code ?count=50} instants of a schedule,
   * which is not kept.
   */
  @PostMapping({"/{customer}/task/{id}/schedule/preview", "/task/{id}/schedule/preview"})
  @Accepts(query = "count")
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  List<Instant> previewForTask(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var what = changes.target(caller, TASK, id);
    return changes.preview(what, input.object(), ScheduleController.count(input));
  }

  /** {@code POST …/workflows/{id}/schedule/preview}: the same for a workflow; {@code ?count=50}. */
  @PostMapping({"/{customer}/workflows/{id}/schedule/preview", "/workflows/{id}/schedule/preview"})
  @Accepts(query = "count")
  @Allow(role = Role.VIEWER, scope = Scope.WORKFLOW_READ)
  List<Instant> previewForWorkflow(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var what = changes.target(caller, WORKFLOW, id);
    return changes.preview(what, input.object(), ScheduleController.count(input));
  }

  /** {@code DELETE …/scheduler/{id}}: removes a schedule. Returns {@code {numRemoved}}. */
  @DeleteMapping({"/{customer}/scheduler/{id}", "/scheduler/{id}"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  Map<String, Integer> delete(@PathVariable String id, Caller.Member caller) {
    return Map.of("numRemoved", changes.remove(changes.found(caller, id)) ? 1 : 0);
  }

  /** {@code PUT …/scheduler/{id}/stop}: pauses a schedule. Returns {@code "ok"}. */
  @PutMapping(
      path = {"/{customer}/scheduler/{id}/stop", "/scheduler/{id}/stop"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  StringNode stop(@PathVariable String id, Caller.Member caller) {
    var _ = changes.pause(caller, changes.found(caller, id), null, null);
    return OK;
  }

  /** {@code PUT …/scheduler/{id}/start}: resumes a schedule. Returns {@code "ok"}. */
  @PutMapping(
      path = {"/{customer}/scheduler/{id}/start", "/scheduler/{id}/start"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  StringNode start(@PathVariable String id, Caller.Member caller) {
    var _ = changes.goOn(changes.found(caller, id), null);
    return OK;
  }
}
