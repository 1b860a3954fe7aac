package io.capataz.supervisor.indicator;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.trigger.Emitter;
import io.capataz.supervisor.trigger.Emitters;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Indicators emit their changes. */
@Component
class IndicatorEmitters implements Emitters {

  private final Indicators indicators;

  IndicatorEmitters(Indicators indicators) {
    this.indicators = indicators;
  }

  @Override
  public List<Emitter> visible(Caller.Member member, @Nullable String after, int limit) {
    return indicators.visible(member, after, limit).stream().map(IndicatorEmitters::of).toList();
  }

  @Override
  public Optional<Emitter> visible(Caller.Member member, String id) {
    return indicators.visible(member, id).map(IndicatorEmitters::of);
  }

  private static Emitter of(Indicator indicator) {
    return new Emitter(
        indicator.id(),
        indicator.title(),
        indicator.kind().className(),
        IndicatorFields.word(indicator.kind()),
        null,
        "IndicatorEvent",
        IndicatorEvents.NAMES);
  }
}
