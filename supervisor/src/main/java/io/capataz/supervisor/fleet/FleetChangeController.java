package io.capataz.supervisor.fleet;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.FieldReader;
import java.util.List;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** What people decide about fleet runs, over HTTP. */
@RestController
class FleetChangeController {

  private final FleetChanges changes;
  private final FleetHosts hosts;

  FleetChangeController(FleetChanges changes, FleetHosts hosts) {
    this.changes = changes;
    this.hosts = hosts;
  }

  private FleetRunView shown(FleetRun run) {
    return FleetRunView.of(run, hosts.totals(run.id()));
  }

  private static FieldReader fields(ApiInput input) {
    return FieldReader.of(input.object()).ignoring("customer", "access_token");
  }

  /**
   * {@code PUT …/fleet/{id}/pause} with {@code {note}}: no other host begins until the run is
   * resumed; what is under way goes on. 409 if it has ended.
   */
  @PutMapping({"/{customer}/fleet/{id}/pause", "/fleet/{id}/pause"})
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  FleetRunView pause(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var run = changes.found(caller, id);
    var fields = fields(input);
    var note = FleetFields.note(fields);
    fields.done();
    return shown(changes.pause(caller, run, note));
  }

  /**
   * {@code PUT …/fleet/{id}/resume} with {@code {failure_budget}}: goes on. 409 if as many hosts
   * have failed as may; send a larger budget, retry the failed, or skip them.
   */
  @PutMapping({"/{customer}/fleet/{id}/resume", "/fleet/{id}/resume"})
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  FleetRunView resume(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var run = changes.found(caller, id);
    var fields = fields(input);
    var budget = FleetFields.budget(fields).orElse(null);
    fields.done();
    return shown(changes.resume(caller, run, budget));
  }

  /**
   * {@code PUT …/fleet/{id}/approve}: lets the next wave begin. 409 if none waits for an approval.
   */
  @PutMapping({"/{customer}/fleet/{id}/approve", "/fleet/{id}/approve"})
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  FleetRunView approve(@PathVariable String id, Caller.Member caller) {
    return shown(changes.approve(caller, changes.found(caller, id)));
  }

  /** {@code PUT …/fleet/{id}/cancel}: cancels what is under way, and begins nothing else. */
  @PutMapping({"/{customer}/fleet/{id}/cancel", "/fleet/{id}/cancel"})
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  FleetRunView cancel(@PathVariable String id, Caller.Member caller) {
    return shown(changes.cancel(caller.name(), changes.found(caller, id)));
  }

  /**
   * {@code PUT …/fleet/{id}/retry} with {@code {hosts}}: tries hosts again that have failed, by
   * default all of them; also of a run that has ended. 409 if none has failed.
   */
  @PutMapping({"/{customer}/fleet/{id}/retry", "/fleet/{id}/retry"})
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  FleetRunView retry(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var run = changes.found(caller, id);
    var fields = fields(input);
    var names = fields.texts("hosts", FleetFields.MOST_HOSTS, 254).orElse(List.of());
    fields.done();
    return shown(changes.retry(caller, run, names));
  }

  /**
   * {@code PUT …/fleet/{id}/skip} with {@code {host, note}}: runs nothing on a host whose turn has
   * not come, or that is off; one that has failed does not count as failed any more. 409 if it is
   * under way or has succeeded.
   */
  @PutMapping({"/{customer}/fleet/{id}/skip", "/fleet/{id}/skip"})
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  FleetRunView skip(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var run = changes.found(caller, id);
    var fields = fields(input);
    var host = fields.requiredText("host", 254);
    var note = FleetFields.note(fields);
    fields.done();
    return shown(changes.skip(caller, run, host, note));
  }
}
