package io.capataz.supervisor.console;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.LargeBody;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;
import tools.jackson.databind.JsonNode;

/** The list of tasks, one task, and the form that runs it. */
@Controller
class TaskPageController {

  private final ConsoleApi api;
  private final TaskPages tasks;
  private final Words words;

  TaskPageController(ConsoleApi api, TaskPages tasks, Words words) {
    this.api = api;
    this.tasks = tasks;
    this.words = words;
  }

  /** {@code GET /console/tasks}: the tasks; {@code ?search=} a part of a name or a tag. */
  @GetMapping("/console/tasks")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    var search = input.queryText("search").map(String::strip).orElse("");
    var page = new ModelAndView("console/tasks/list");
    page.addObject("search", search);
    page.addObject("tasks", tasks.list(caller.organization(), search));
    return page;
  }

  /** {@code GET /console/tasks/{id}}: one task. */
  @GetMapping("/console/tasks/{id:[0-9a-f]{24}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView one(@PathVariable String id, Caller.Member caller) {
    return new ModelAndView("console/tasks/task", "task", tasks.one(caller.organization(), id));
  }

  /**
   * {@code GET /console/tasks/{id}/run}: the form that runs it; {@code ?like=} a job whose
   * arguments are in it.
   */
  @GetMapping("/console/tasks/{id:[0-9a-f]{24}}/run")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  ModelAndView form(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var task = tasks.task(caller.organization(), id);
    return page(caller, task, RunForm.opened(task, like(input, caller, id), words), HttpStatus.OK);
  }

  /** {@code POST /console/tasks/{id}/run}: runs it, and leads to the job. */
  @PostMapping("/console/tasks/{id:[0-9a-f]{24}}/run")
  @Accepts(checksQuery = true)
  @LargeBody
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  ModelAndView run(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var task = tasks.task(caller.organization(), id);
    var form = RunForm.sent(task, input, words);
    var answer =
        api.send("POST", "/" + caller.organization() + "/task/" + id + "/job", form.body(input));
    return answer.isSuccess()
        ? new ModelAndView("redirect:/console/jobs/" + answer.body().path("id").asString(""))
        : page(caller, task, form.refused(answer), HttpStatus.UNPROCESSABLE_CONTENT);
  }

  private ModelAndView page(Caller.Member caller, JsonNode task, RunForm form, HttpStatus status) {
    var page = new ModelAndView("console/tasks/run");
    page.setStatus(status);
    page.addObject("task", tasks.row(caller.organization(), task));
    page.addObject("form", form);
    page.addObject("jobs", tasks.jobs(caller.organization(), task.path("id").asString("")));
    return page;
  }

  private @Nullable JsonNode like(ApiInput input, Caller.Member caller, String task) {
    return input
        .queryText("like")
        .filter(id -> id.matches("[0-9a-f]{24}"))
        .map(id -> api.send("GET", "/" + caller.organization() + "/job/" + id, null))
        .filter(ApiAnswer::isSuccess)
        .map(ApiAnswer::body)
        .filter(job -> job.path("task_id").asString("").equals(task))
        .orElse(null);
  }
}
