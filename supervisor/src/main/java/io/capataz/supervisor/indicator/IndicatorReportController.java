package io.capataz.supervisor.indicator;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import java.math.BigDecimal;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** What scripts report to indicators, over HTTP. */
@RestController
class IndicatorReportController {

  private final Indicators indicators;
  private final IndicatorChanges changes;

  IndicatorReportController(Indicators indicators, IndicatorChanges changes) {
    this.indicators = indicators;
    this.changes = changes;
  }

  /**
   * {@code PATCH …/indicator/{id}/state} with {@code {state, value}}: reports; {@code success} is
   * {@code normal}.
   */
  @PatchMapping({"/{customer}/indicator/{id:[0-9a-f]+}/state", "/indicator/{id:[0-9a-f]+}/state"})
  @Allow(role = Role.AGENT, scope = Scope.INDICATOR_WRITE)
  IndicatorView report(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var indicator = byId(caller, id);
    var report = IndicatorFields.report(input.object());
    return IndicatorView.of(changes.report(caller, indicator, report));
  }

  /** {@code PATCH …/indicator/{id}/increase}: adds 1 to a counter or a progress. */
  @PatchMapping({
    "/{customer}/indicator/{id:[0-9a-f]+}/increase",
    "/indicator/{id:[0-9a-f]+}/increase"
  })
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.AGENT, scope = Scope.INDICATOR_WRITE)
  void increase(@PathVariable String id, Caller.Member caller) {
    var _ = changes.count(caller, byId(caller, id), it -> it.add(BigDecimal.ONE));
  }

  /** {@code PATCH …/indicator/{id}/decrease}: takes 1 from it, down to 0. */
  @PatchMapping({
    "/{customer}/indicator/{id:[0-9a-f]+}/decrease",
    "/indicator/{id:[0-9a-f]+}/decrease"
  })
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.AGENT, scope = Scope.INDICATOR_WRITE)
  void decrease(@PathVariable String id, Caller.Member caller) {
    var _ =
        changes.count(
            caller, byId(caller, id), it -> it.subtract(BigDecimal.ONE).max(BigDecimal.ZERO));
  }

  /** {@code PATCH …/indicator/{id}/restart}: sets it to 0. */
  @PatchMapping({
    "/{customer}/indicator/{id:[0-9a-f]+}/restart",
    "/indicator/{id:[0-9a-f]+}/restart"
  })
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.AGENT, scope = Scope.INDICATOR_WRITE)
  void restart(@PathVariable String id, Caller.Member caller) {
    var _ = changes.restart(caller, byId(caller, id));
  }

  /** {@code PATCH …/indicator/title/{title}/increase}: adds 1 to a counter or a progress. */
  @PatchMapping({
    "/{customer}/indicator/title/{title}/increase",
    "/indicator/title/{title}/increase"
  })
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.AGENT, scope = Scope.INDICATOR_WRITE)
  void increaseTitled(@PathVariable String title, Caller.Member caller) {
    var _ = changes.count(caller, byTitle(caller, title), it -> it.add(BigDecimal.ONE));
  }

  /** {@code PATCH …/indicator/title/{title}/decrease}: takes 1 from it, down to 0. */
  @PatchMapping({
    "/{customer}/indicator/title/{title}/decrease",
    "/indicator/title/{title}/decrease"
  })
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.AGENT, scope = Scope.INDICATOR_WRITE)
  void decreaseTitled(@PathVariable String title, Caller.Member caller) {
    var _ =
        changes.count(
            caller, byTitle(caller, title), it -> it.subtract(BigDecimal.ONE).max(BigDecimal.ZERO));
  }

  /** {@code PATCH …/indicator/title/{title}/restart}: sets it to 0. */
  @PatchMapping({"/{customer}/indicator/title/{title}/restart", "/indicator/title/{title}/restart"})
  @Accepts(body = Accepts.Body.NONE)
  @Allow(role = Role.AGENT, scope = Scope.INDICATOR_WRITE)
  void restartTitled(@PathVariable String title, Caller.Member caller) {
    var _ = changes.restart(caller, byTitle(caller, title));
  }

  private Indicator byId(Caller.Member caller, String id) {
    return indicators.visible(caller, id).orElseThrow(IndicatorChanges::notFound);
  }

  private Indicator byTitle(Caller.Member caller, String title) {
    return indicators.titled(caller, title).orElseThrow(IndicatorChanges::notFound);
  }
}
