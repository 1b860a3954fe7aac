package io.capataz.supervisor.indicator;

import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.job.OriginKind;
import io.capataz.supervisor.trigger.Emission;
import io.capataz.supervisor.trigger.Triggers;
import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * A change of an indicator is an event. It is stored with the change, and what it starts has ids
 * that follow from it: whoever dies, each target is started once.
 */
@Component
class IndicatorEvents implements OriginKind {

  /** The name of the event that the value or the state has changed. */
  static final String UPDATED = "updated";

  /** The names of events that people can choose; a state of any other name is one, too. */
  static final List<String> NAMES = List.of(UPDATED, Indicator.NORMAL, "failure");

  private static final Logger log = LoggerFactory.getLogger(IndicatorEvents.class);

  private static final String INDICATOR = "indicator";
  private static final int AT_ONCE = 100;

  private final Indicators indicators;
  private final Triggers triggers;
  private final InstantSource clock;

  IndicatorEvents(Indicators indicators, Triggers triggers, InstantSource clock) {
    this.indicators = indicators;
    this.triggers = triggers;
    this.clock = clock;
  }

  @Override
  public String word() {
    return INDICATOR;
  }

  /** Starts what follows from the events that are stored with an indicator. */
  void start(Indicator indicator) {
    try {
      for (var event : indicator.pending()) {
        var _ =
            triggers.start(
                new Emission(
                    indicator.organization(),
                    event.source(),
                    indicator.id(),
                    event.name(),
                    event.data(),
                    new Cause(
                        new Origin(INDICATOR, indicator.id(), null, 1), event.by(), null, null),
                    event.at()));
        indicators.started(indicator, event);
      }
    } catch (ApiProblem full) {
      log.atWarn()
          .addKeyValue("indicator", indicator.id())
          .addKeyValue("reason", full.code())
          .log("what follows from a change has to wait");
      indicators.later(indicator, clock.instant().plus(Indicators.FAST_WAY));
    }
  }

  @Scheduled(fixedDelayString = "PT5S")
  void sweep() {
    for (var indicator : indicators.overdue(AT_ONCE)) {
      try {
        indicators.later(indicator, clock.instant().plus(Indicators.FAST_WAY));
        start(indicator);
      } catch (RuntimeException failure) {
        log.atWarn()
            .setCause(failure)
            .addKeyValue("indicator", indicator.id())
            .log("what follows from a change is left to a later sweep");
      }
    }
  }
}
