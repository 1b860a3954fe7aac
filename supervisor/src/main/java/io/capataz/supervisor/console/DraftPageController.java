package io.capataz.supervisor.console;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import java.util.List;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.JsonNode;

/** Tasks that a language model has drafted, until a person approves or rejects them. */
@Controller
class DraftPageController {

  private static final List<String> GRANTS = List.of("network", "files", "processes");

  private final ConsoleApi api;
  private final DraftPages drafts;

  DraftPageController(ConsoleApi api, DraftPages drafts) {
    this.api = api;
    this.drafts = drafts;
  }

  /** {@code GET /console/drafts}: the drafts, newest first; {@code ?cursor=} goes on. */
  @GetMapping("/console/drafts")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    return listed(input.queryText("cursor").orElse(""));
  }

  /** {@code GET /console/drafts/{id}}: one draft, with its files and what was found in them. */
  @GetMapping("/console/drafts/{id:[0-9a-f-]{36}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView one(@PathVariable String id, Caller.Member caller) {
    return page(caller, id);
  }

  /** {@code POST /console/drafts}: has a draft written. */
  @PostMapping("/console/drafts")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  ModelAndView create(ApiInput input, Caller.Member caller) {
    var body = Forms.sent(input, "desired_action", "task_type");
    var grants = body.putArray("grants");
    GRANTS.stream()
        .filter(grant -> input.bodyText("grant_" + grant).isPresent())
        .forEach(grants::add);
    var answer = api.send("POST", "/api/task/create", body);
    return answer.isSuccess()
        ? shown(answer.body().path("task_id").asString(""))
        : Forms.refused(listed(""), answer)
            .addObject("sentence", body.path("desired_action").asString(""));
  }

  /** {@code POST /console/drafts/{id}/improve}: has another version written. */
  @PostMapping("/console/drafts/{id:[0-9a-f-]{36}}/improve")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  ModelAndView improve(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "improve", Forms.sent(input, "sentence"));
  }

  /** {@code POST /console/drafts/{id}/check}: has its text checked on a host. */
  @PostMapping("/console/drafts/{id:[0-9a-f-]{36}}/check")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  ModelAndView check(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "check", Forms.sent(input, "host_id"));
  }

  /** {@code POST /console/drafts/{id}/trial}: has its tests run on a host, contained. */
  @PostMapping("/console/drafts/{id:[0-9a-f-]{36}}/trial")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  ModelAndView trial(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "trial", Forms.sent(input, "host_id"));
  }

  /** {@code POST /console/drafts/{id}/approve}: approves what the reader has seen. */
  @PostMapping("/console/drafts/{id:[0-9a-f-]{36}}/approve")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ModelAndView approve(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "approve", Forms.sent(input, "digest", "host_id"));
  }

  /** {@code POST /console/drafts/{id}/reject}: rejects it, for a reason. */
  @PostMapping("/console/drafts/{id:[0-9a-f-]{36}}/reject")
  @Accepts(checksQuery = true)
  @Allow(role = Role.MANAGER, scope = Scope.TASK_WRITE)
  ModelAndView reject(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "reject", Forms.sent(input, "reason"));
  }

  private ModelAndView changed(Caller.Member caller, String id, String how, JsonNode body) {
    var answer = api.send("POST", "/draft/" + id + "/" + how, body);
    return answer.isSuccess() ? shown(id) : Forms.refused(page(caller, id), answer);
  }

  private static ModelAndView shown(String id) {
    return new ModelAndView("redirect:/console/drafts/" + id);
  }

  private ModelAndView listed(String cursor) {
    return new ModelAndView("console/drafts/list", "drafts", drafts.list(cursor));
  }

  private ModelAndView page(Caller.Member caller, String id) {
    return new ModelAndView("console/drafts/draft", "draft", drafts.one(caller.organization(), id));
  }
}
