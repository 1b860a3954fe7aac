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

/** The list of hosts, and one host. */
@Controller
class HostPageController {

  private final ConsoleApi api;
  private final HostPages hosts;

  HostPageController(ConsoleApi api, HostPages hosts) {
    this.api = api;
    this.hosts = hosts;
  }

  /** {@code GET /console/hosts}: all hosts. */
  @GetMapping("/console/hosts")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView list(Caller.Member caller) {
    return new ModelAndView("console/hosts/list", "hosts", hosts.list(caller.organization()));
  }

  /** {@code GET /console/hosts/{id}}: one host. */
  @GetMapping("/console/hosts/{id:[0-9a-f]{24}}")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView one(@PathVariable String id, Caller.Member caller) {
    return new ModelAndView("console/hosts/host", "host", hosts.one(caller.organization(), id));
  }

  /** {@code POST /console/hosts/{id}/drain}: it gets no more jobs; those that run go on. */
  @PostMapping("/console/hosts/{id:[0-9a-f]{24}}/drain")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.HOST_WRITE)
  ModelAndView drain(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "drain");
  }

  /** {@code POST /console/hosts/{id}/enable}: it gets jobs again. */
  @PostMapping("/console/hosts/{id:[0-9a-f]{24}}/enable")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.HOST_WRITE)
  ModelAndView enable(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, id, "enable");
  }

  private ModelAndView changed(Caller.Member caller, String id, String how) {
    var _ =
        api.send("PUT", "/" + caller.organization() + "/host/" + id + "/" + how, null).orProblem();
    return new ModelAndView("redirect:/console/hosts/" + id);
  }
}
