package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.node.ObjectNode;

/** The secret keys of a task: which there are, a new one, the end of one. */
@Controller
class TaskKeyPageController {

  private final ConsoleApi api;
  private final TaskKeyPages keys;

  TaskKeyPageController(ConsoleApi api, TaskKeyPages keys) {
    this.api = api;
    this.keys = keys;
  }

  /** {@code GET /console/tasks/{id}/keys}: the keys that open a task, without their text. */
  @GetMapping("/console/tasks/{id:[0-9a-f]{24}}/keys")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ModelAndView list(@PathVariable String id, Caller.Member caller) {
    return page(caller, id);
  }

  /**
   * {@code POST /console/tasks/{id}/keys}: makes a key and shows it, here and nowhere else. The
   * others end after {@code overlap} seconds.
   */
  @PostMapping("/console/tasks/{id:[0-9a-f]{24}}/keys")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ModelAndView make(
      @PathVariable String id,
      ApiInput input,
      Caller.Member caller,
      HttpServletRequest request,
      HttpServletResponse response) {
    var answer = api.send("POST", path(caller, id) + "/secret", sent(input));
    var page = page(caller, id);
    if (!answer.isSuccess()) {
      return refused(page, answer);
    }
    // A browser that keeps this page would show the key again.
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    page.addObject("made", keys.made(address(request), caller.organization(), id, answer.body()));
    return page;
  }

  /** {@code POST /console/tasks/{id}/keys/{key}/revoke}: ends a key at once. */
  @PostMapping("/console/tasks/{id:[0-9a-f]{24}}/keys/{key:[A-Za-z0-9_-]{1,64}}/revoke")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ModelAndView revoke(
      @PathVariable String id, @PathVariable String key, ApiInput input, Caller.Member caller) {
    var _ = api.send("DELETE", path(caller, id) + "/secret/" + key, null).orProblem();
    return new ModelAndView("redirect:/console/tasks/" + id + "/keys");
  }

  /** What is no number is sent as it is, for the API to refuse. */
  private static ObjectNode sent(ApiInput input) {
    var body = MessageJson.mapper().createObjectNode();
    var overlap = input.bodyText("overlap").orElse("0").strip();
    return overlap.matches("[0-9]{1,9}")
        ? body.put("overlap", Long.parseLong(overlap))
        : body.put("overlap", overlap);
  }

  private static ModelAndView refused(ModelAndView page, ApiAnswer answer) {
    page.setStatus(HttpStatus.valueOf(answer.status()));
    page.addObject(
        "refused", answer.fieldErrors().values().stream().findFirst().orElse(answer.detail()));
    return page;
  }

  private ModelAndView page(Caller.Member caller, String id) {
    return new ModelAndView("console/tasks/keys", "task", keys.one(caller.organization(), id));
  }

  /** As the browser says, for a proxy in front of the supervisor may end TLS. */
  private static String address(HttpServletRequest request) {
    var origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin == null
        ? request.getScheme() + "://" + request.getHeader(HttpHeaders.HOST)
        : origin;
  }

  private static String path(Caller.Member caller, String id) {
    return "/" + caller.organization() + "/task/" + id;
  }
}
