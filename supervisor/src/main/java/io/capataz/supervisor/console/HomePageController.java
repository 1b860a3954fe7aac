package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.servlet.ModelAndView;

/** The first page: how things stand, or, where nothing is yet, how to begin. */
@Controller
class HomePageController {

  private static final String SAMPLE =
      """
      #!/bin/sh
      echo "Hello, $1. This is $(uname -n)."
      for n in 1 2 3 4 5; do
        echo "$n of 5"
        sleep 1
      done
      echo '{"greeted": "'"$1"'", "counted": 5}'
      """;

  private final ConsoleApi api;
  private final HomePages pages;
  private final HomeCharts charts;
  private final HostPages hosts;

  HomePageController(ConsoleApi api, HomePages pages, HomeCharts charts, HostPages hosts) {
    this.api = api;
    this.pages = pages;
    this.charts = charts;
    this.hosts = hosts;
  }

  /** {@code GET /console}: the first page; {@code window} is that of its charts. */
  @GetMapping("/console")
  @Accepts(query = "window")
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView home(ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var organization = caller.organization();
    if (!pages.isFirstVisit(organization)) {
      var page = new ModelAndView("console/home", "home", pages.home(organization));
      page.addObject("charts", charts.of(organization, input.queryText("window").orElse("")));
      return page;
    }
    var page = new ModelAndView("console/first-visit", "hosts", hosts.list(organization));
    page.addObject("address", request.getScheme() + "://" + request.getHeader(HttpHeaders.HOST));
    return page;
  }

  /** {@code POST /console/sample}: makes a task that says hello on the first host, and runs it. */
  @PostMapping("/console/sample")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ModelAndView sample(ApiInput input, Caller.Member caller) {
    var organization = caller.organization();
    var host =
        hosts.list(organization).stream()
            .findFirst()
            .orElseThrow(
                () -> ApiProblem.conflict("no_host", "There is no host yet. Connect one first."));
    var body = MessageJson.mapper().createObjectNode();
    body.put("name", "hello");
    body.put("description", "Says hello and counts to five.");
    body.put("host_id", host.id());
    body.putObject("script").put("filename", "hello.sh").put("content", SAMPLE);
    body.putArray("task_arguments")
        .addObject()
        .put("type", "input")
        .put("label", "Name")
        .put("default", "world");
    var task = api.send("POST", "/" + organization + "/task", body).orProblem();
    var run = MessageJson.mapper().createObjectNode();
    run.putArray("task_arguments").add(caller.displayName());
    var job =
        api.send(
                "POST",
                "/" + organization + "/task/" + task.body().path("id").asString("") + "/job",
                run)
            .orProblem();
    return new ModelAndView("redirect:/console/jobs/" + job.body().path("id").asString(""));
  }
}
