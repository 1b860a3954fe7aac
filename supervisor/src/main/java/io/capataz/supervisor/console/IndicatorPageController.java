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

/** What scripts have reported, as tiles. */
@Controller
class IndicatorPageController {

  private final ConsoleApi api;
  private final IndicatorPages indicators;

  IndicatorPageController(ConsoleApi api, IndicatorPages indicators) {
    this.api = api;
    this.indicators = indicators;
  }

  /**
   * {@code GET /console/indicators}: the indicators, by title; {@code ?state=} those of one state,
   * {@code ?cursor=} goes on.
   */
  @GetMapping("/console/indicators")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.SESSION_READ)
  ModelAndView list(ApiInput input, Caller.Member caller) {
    return page(
        caller,
        input.queryText("state").map(String::strip).orElse(""),
        input.queryText("cursor").orElse(""),
        null);
  }

  /** {@code POST /console/indicators/{id}/restart}: sets a counter or a progress to 0. */
  @PostMapping("/console/indicators/{id:[0-9a-f]{24}}/restart")
  @Accepts(checksQuery = true)
  @Allow(role = Role.AGENT, scope = Scope.INDICATOR_WRITE)
  ModelAndView restart(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, api.send("PATCH", path(caller, id) + "/restart", null));
  }

  /** {@code POST /console/indicators/{id}/remove}: removes it. */
  @PostMapping("/console/indicators/{id:[0-9a-f]{24}}/remove")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.INDICATOR_WRITE)
  ModelAndView remove(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return changed(caller, api.send("DELETE", path(caller, id), null));
  }

  private ModelAndView changed(Caller.Member caller, ApiAnswer answer) {
    return answer.isSuccess()
        ? new ModelAndView("redirect:/console/indicators")
        : page(caller, "", "", answer);
  }

  private static String path(Caller.Member caller, String id) {
    return "/" + caller.organization() + "/indicator/" + id;
  }

  private ModelAndView page(
      Caller.Member caller, String state, String cursor, @Nullable ApiAnswer refused) {
    var shown = indicators.list(caller.organization(), state, cursor);
    return Forms.refused(new ModelAndView("console/indicators/list", "indicators", shown), refused);
  }
}
