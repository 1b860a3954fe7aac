package io.capataz.supervisor.console;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;

/** The list of jobs, and one job. */
@Controller
class JobPageController {

  private static final String ID = "[0-9a-f]{24}";

  private final ConsoleApi api;
  private final JobPages jobs;
  private final Words words;

  JobPageController(ConsoleApi api, JobPages jobs, Words words) {
    this.api = api;
    this.jobs = jobs;
    this.words = words;
  }

  /**
   * {@code GET /console/jobs}: the newest jobs. The address holds the filters: {@code ?show=} a
   * group of states, {@code ?search=}, {@code ?host=}, {@code ?origin=}, {@code ?from=} and {@code
   * ?until=} (when they were created), {@code ?cursor=}.
   */
  @GetMapping("/console/jobs")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    var search = input.queryText("search").map(String::strip).orElse("");
    if (search.matches(ID)) {
      return new ModelAndView("redirect:/console/jobs/" + search);
    }
    var filter = JobSearch.read(input);
    var page = new ModelAndView("console/jobs/list");
    page.addObject("filter", filter);
    page.addObject("jobs", jobs.list(caller.organization(), filter));
    page.addObject("origins", words.origins());
    filter.period(words).ifPresent(period -> page.addObject("period", period));
    return page;
  }

  /** {@code GET /console/jobs/{id}/row}: one row of the list, as it is now. */
  @GetMapping("/console/jobs/{id:[0-9a-f]{24}}/row")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView row(@PathVariable String id, Caller.Member caller) {
    return new ModelAndView("console/jobs/rows :: row", "job", jobs.row(caller.organization(), id));
  }

  /** {@code GET /console/jobs/{id}}: one job. */
  @GetMapping("/console/jobs/{id:[0-9a-f]{24}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView one(@PathVariable String id, Caller.Member caller) {
    return new ModelAndView("console/jobs/job", "job", jobs.one(caller.organization(), id));
  }

  /** {@code POST /console/jobs/{id}/cancel}: cancels it; what happened is on its page. */
  @PostMapping("/console/jobs/{id:[0-9a-f]{24}}/cancel")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ModelAndView cancel(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "cancel");
  }

  /** {@code POST /console/jobs/{id}/hold}: holds it. */
  @PostMapping("/console/jobs/{id:[0-9a-f]{24}}/hold")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ModelAndView hold(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "hold");
  }

  /** {@code POST /console/jobs/{id}/release}: releases it. */
  @PostMapping("/console/jobs/{id:[0-9a-f]{24}}/release")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  ModelAndView release(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "release");
  }

  /** {@code POST /console/jobs/{id}/again}: runs it again with the same arguments. */
  @PostMapping("/console/jobs/{id:[0-9a-f]{24}}/again")
  @Accepts(checksQuery = true)
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  ModelAndView again(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var made =
        api.send("PUT", "/" + caller.organization() + "/job/" + id + "/restart", null).orProblem();
    return new ModelAndView("redirect:/console/jobs/" + made.body().path("id").asString(""));
  }

  private ModelAndView changed(Caller.Member caller, String id, String how) {
    var answer = api.send("PUT", "/" + caller.organization() + "/job/" + id + "/" + how, null);
    if (answer.isSuccess() || answer.status() == 409) {
      return new ModelAndView(
          "redirect:/console/jobs/"
              + id
              + (answer.isSuccess() ? "" : "?refused=" + answer.body().path("code").asString("")));
    }
    throw new ApiRefusal(answer);
  }
}
