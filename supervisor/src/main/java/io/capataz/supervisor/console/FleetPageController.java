package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.JsonNode;

/** Runs of a task on many hosts. */
@Controller
class FleetPageController {

  private final ConsoleApi api;
  private final FleetPages fleet;

  FleetPageController(ConsoleApi api, FleetPages fleet) {
    this.api = api;
    this.fleet = fleet;
  }

  /** {@code GET /console/fleet}: the fleet runs, newest first; {@code ?cursor=} goes on. */
  @GetMapping("/console/fleet")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    var cursor = input.queryText("cursor").orElse("");
    return new ModelAndView(
        "console/fleet/list", "fleet", fleet.list(caller.organization(), cursor));
  }

  /**
   * {@code GET /console/fleet/{id}}: one fleet run, its hosts as a matrix; {@code ?show=} lists
   * those of one state, {@code ?cursor=} goes on.
   */
  @GetMapping("/console/fleet/{id:[0-9a-f]{24}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView one(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return page(
        caller, id, input.queryText("show").orElse(""), input.queryText("cursor").orElse(""), null);
  }

  /** {@code POST /console/fleet/{id}/pause}: no other host begins, with a note. */
  @PostMapping("/console/fleet/{id:[0-9a-f]{24}}/pause")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ModelAndView pause(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "pause", Forms.sent(input, "note"));
  }

  /** {@code POST /console/fleet/{id}/resume}: lets it go on, with another failure budget. */
  @PostMapping("/console/fleet/{id:[0-9a-f]{24}}/resume")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ModelAndView resume(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "resume", Forms.sent(input, "failure_budget"));
  }

  /** {@code POST /console/fleet/{id}/approve}: lets the next wave begin. */
  @PostMapping("/console/fleet/{id:[0-9a-f]{24}}/approve")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ModelAndView approve(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "approve", null);
  }

  /** {@code POST /console/fleet/{id}/cancel}: cancels what is under way, and begins no other. */
  @PostMapping("/console/fleet/{id:[0-9a-f]{24}}/cancel")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ModelAndView cancel(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "cancel", null);
  }

  /** {@code POST /console/fleet/{id}/retry}: tries one host again, or all that have failed. */
  @PostMapping("/console/fleet/{id:[0-9a-f]{24}}/retry")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  ModelAndView retry(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var body = MessageJson.mapper().createObjectNode();
    Forms.text(input, "host").ifPresent(host -> body.putArray("hosts").add(host));
    return changed(caller, id, "retry", body);
  }

  /** {@code POST /console/fleet/{id}/skip}: runs nothing on a host. */
  @PostMapping("/console/fleet/{id:[0-9a-f]{24}}/skip")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ModelAndView skip(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "skip", Forms.sent(input, "host"));
  }

  private ModelAndView changed(
      Caller.Member caller, String id, String how, @Nullable JsonNode body) {
    var answer = api.send("PUT", "/" + caller.organization() + "/fleet/" + id + "/" + how, body);
    return answer.isSuccess()
        ? new ModelAndView("redirect:/console/fleet/" + id)
        : page(caller, id, "", "", answer);
  }

  private ModelAndView page(
      Caller.Member caller, String id, String show, String cursor, @Nullable ApiAnswer refused) {
    var run = fleet.one(caller.organization(), id, show, cursor);
    return Forms.refused(new ModelAndView("console/fleet/run", "run", run), refused);
  }
}
