package io.capataz.supervisor.console;

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

/** Schedules: what they will start, and what they did not. */
@Controller
class SchedulePageController {

  private final ConsoleApi api;
  private final SchedulePages schedules;

  SchedulePageController(ConsoleApi api, SchedulePages schedules) {
    this.api = api;
    this.schedules = schedules;
  }

  /** {@code GET /console/schedules}: all schedules, and what the next 24 hours start. */
  @GetMapping("/console/schedules")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView list(Caller.Member caller) {
    return new ModelAndView(
        "console/schedules/list", "schedules", schedules.list(caller.organization()));
  }

  /** {@code GET /console/schedules/{id}}: one schedule with its next 50 instants. */
  @GetMapping("/console/schedules/{id:[0-9a-f]{24}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView one(@PathVariable String id, Caller.Member caller) {
    return page(caller, id, null);
  }

  /** {@code POST /console/schedules/{id}/pause}: pauses it, with a note and until when. */
  @PostMapping("/console/schedules/{id:[0-9a-f]{24}}/pause")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ModelAndView pause(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "pause", Forms.sent(input, "note", "until"));
  }

  /** {@code POST /console/schedules/{id}/resume}: lets it go on. */
  @PostMapping("/console/schedules/{id:[0-9a-f]{24}}/resume")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ModelAndView resume(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "resume", null);
  }

  /** {@code POST /console/schedules/{id}/skip}: passes over one of the next instants. */
  @PostMapping("/console/schedules/{id:[0-9a-f]{24}}/skip")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ModelAndView skip(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "skip", Forms.sent(input, "at"));
  }

  private ModelAndView changed(
      Caller.Member caller, String id, String how, @Nullable JsonNode body) {
    var path = "/" + caller.organization() + "/schedule/" + id + "/" + how;
    var answer = api.send("PUT", path, body);
    return answer.isSuccess()
        ? new ModelAndView("redirect:/console/schedules/" + id)
        : page(caller, id, answer);
  }

  private ModelAndView page(Caller.Member caller, String id, @Nullable ApiAnswer refused) {
    var page = new ModelAndView("console/schedules/schedule");
    page.addObject("schedule", schedules.one(caller.organization(), id));
    return Forms.refused(page, refused);
  }
}
