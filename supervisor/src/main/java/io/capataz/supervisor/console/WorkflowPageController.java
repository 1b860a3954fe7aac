package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.LargeBody;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.JsonNode;

/** Workflows, the form that runs one, and their runs. */
@Controller
class WorkflowPageController {

  private final ConsoleApi api;
  private final WorkflowPages workflows;
  private final RunPages runs;
  private final Words words;

  WorkflowPageController(ConsoleApi api, WorkflowPages workflows, RunPages runs, Words words) {
    this.api = api;
    this.workflows = workflows;
    this.runs = runs;
    this.words = words;
  }

  /** {@code GET /console/workflows}: workflows by name, with their last runs. */
  @GetMapping("/console/workflows")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    var cursor = URLEncoder.encode(input.queryText("cursor").orElse(""), StandardCharsets.UTF_8);
    return new ModelAndView(
        "console/workflows/list", "workflows", workflows.list(caller.organization(), cursor));
  }

  /** {@code GET /console/workflows/{id}}: one workflow with its graph and its last runs. */
  @GetMapping("/console/workflows/{id:[0-9a-f]{24}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView one(@PathVariable String id, Caller.Member caller) {
    return new ModelAndView(
        "console/workflows/workflow", "workflow", workflows.one(caller.organization(), id));
  }

  /** {@code GET /console/workflows/{id}/run}: the form that runs it. */
  @GetMapping("/console/workflows/{id:[0-9a-f]{24}}/run")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  ModelAndView form(@PathVariable String id, Caller.Member caller) {
    var workflow = workflows.workflow(caller.organization(), id);
    var parameters = workflows.parameters(caller.organization(), workflow);
    return form(workflow, RunForm.opened(parameters, null, words), HttpStatus.OK);
  }

  /** {@code POST /console/workflows/{id}/run}: runs it, and leads to the run. */
  @PostMapping("/console/workflows/{id:[0-9a-f]{24}}/run")
  @Accepts(checksQuery = true)
  @LargeBody
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  ModelAndView run(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var workflow = workflows.workflow(caller.organization(), id);
    var form = RunForm.sent(workflows.parameters(caller.organization(), workflow), input, words);
    var body = MessageJson.mapper().createObjectNode();
    var values = body.putArray("task_arguments");
    form.body(input).path("task_arguments").forEach(it -> values.add(it.path("value")));
    var answer = api.send("POST", "/" + caller.organization() + "/workflows/" + id + "/job", body);
    return answer.isSuccess()
        ? new ModelAndView("redirect:" + address(id, answer.body().path("id").asString("")))
        : form(workflow, form.refused(answer), HttpStatus.UNPROCESSABLE_CONTENT);
  }

  /** {@code GET /console/workflows/{id}/runs/{run}}: one run. */
  @GetMapping("/console/workflows/{id:[0-9a-f]{24}}/runs/{run:[0-9a-f]{24}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView run(@PathVariable String id, @PathVariable String run, Caller.Member caller) {
    return new ModelAndView(
        "console/workflows/run", "run", runs.one(caller.organization(), id, run));
  }

  /** {@code POST /console/workflows/{id}/runs/{run}/cancel}: cancels it. */
  @PostMapping("/console/workflows/{id:[0-9a-f]{24}}/runs/{run:[0-9a-f]{24}}/cancel")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ModelAndView cancel(
      @PathVariable String id, @PathVariable String run, ApiInput input, Caller.Member caller) {
    return changed(caller, id, run, "cancel");
  }

  /** {@code POST /console/workflows/{id}/runs/{run}/retry}: tries again what has failed. */
  @PostMapping("/console/workflows/{id:[0-9a-f]{24}}/runs/{run:[0-9a-f]{24}}/retry")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  ModelAndView retry(
      @PathVariable String id, @PathVariable String run, ApiInput input, Caller.Member caller) {
    return changed(caller, id, run, "retry");
  }

  private ModelAndView changed(Caller.Member caller, String id, String run, String how) {
    var path = "/" + caller.organization() + "/workflows/" + id + "/job/" + run + "/" + how;
    var _ = api.send("PUT", path, null).orProblem();
    return new ModelAndView("redirect:" + address(id, run));
  }

  private static String address(String id, String run) {
    return "/console/workflows/" + id + "/runs/" + run;
  }

  private static ModelAndView form(JsonNode workflow, RunForm form, HttpStatus status) {
    var page = new ModelAndView("console/workflows/form");
    page.setStatus(status);
    page.addObject("id", workflow.path("id").asString(""));
    page.addObject("name", workflow.path("name").asString(""));
    page.addObject("form", form);
    return page;
  }
}
