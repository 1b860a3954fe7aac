package io.capataz.supervisor.indicator;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.indicator.Indicator.Kind;
import io.capataz.supervisor.indicator.Indicator.Pending;
import io.capataz.supervisor.indicator.Indicator.Revision;
import io.capataz.supervisor.indicator.IndicatorFields.Read;
import io.capataz.supervisor.indicator.IndicatorFields.Report;
import io.capataz.supervisor.indicator.Indicators.TitleTaken;
import io.capataz.supervisor.trigger.Triggers;
import io.capataz.supervisor.web.ApiProblem;
import java.math.BigDecimal;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes and changes indicators. */
@Component
class IndicatorChanges {

  private static final int MOST = 1_000;

  private final Indicators indicators;
  private final Triggers triggers;
  private final IndicatorEvents events;
  private final InstantSource clock;

  IndicatorChanges(
      Indicators indicators, Triggers triggers, IndicatorEvents events, InstantSource clock) {
    this.indicators = indicators;
    this.triggers = triggers;
    this.events = events;
    this.clock = clock;
  }

  static ApiProblem notFound() {
    return ApiProblem.notFound("indicator_not_found", "indicator not found");
  }

  /**
   * Makes an indicator.
   *
   * @throws ApiProblem 400, 409 if there is one of that title, 403 if there are too many
   */
  Indicator create(Caller.Member caller, ObjectNode body) {
    return add(caller, IndicatorFields.created(body)).orElseThrow(IndicatorChanges::titleTaken);
  }

  private static ApiProblem titleTaken() {
    return ApiProblem.conflict(
        "title_taken", "An indicator with that title exists. Use PATCH to change it.");
  }

  private Optional<Indicator> add(Caller.Member caller, Read read) {
    if (indicators.count(caller.organization(), MOST) >= MOST) {
      throw ApiProblem.forbidden(
          "too_many_indicators",
          "The organization has " + MOST + " indicators and may have no more. Remove some first.");
    }
    var now = clock.instant();
    var made =
        new Indicator(
            ObjectId.get().toHexString(),
            caller.organization(),
            read.title().orElseThrow(),
            read.kind().orElseThrow(),
            read.value().orElse(null),
            read.state(),
            read.severity(),
            read.acl(),
            read.looks(),
            new Revision(1, now, now, userOf(caller)),
            List.of(),
            null);
    return indicators.add(made) ? Optional.of(made) : Optional.empty();
  }

  private static String userOf(Caller.Member caller) {
    return switch (caller) {
      case Caller.Person person -> person.user();
      case Caller.Machine machine -> machine.token();
      case Caller.Run run -> run.job();
    };
  }

  /** Replaces the indicator of that title, or makes it. */
  Indicator upsert(Caller.Member caller, String title, ObjectNode body) {
    while (true) {
      var there = indicators.titled(caller, title);
      if (there.isPresent()) {
        return replace(caller, there.get(), body);
      }
      var made = add(caller, IndicatorFields.created(body));
      if (made.isPresent()) {
        return made.get();
      }
      if (indicators.titled(caller, title).isEmpty()) {
        // Of another title than that in the path, or not the caller's to see.
        throw titleTaken();
      }
    }
  }

  Indicator replace(Caller.Member caller, Indicator indicator, ObjectNode body) {
    var read = IndicatorFields.replaced(body);
    return change(caller, indicator, now -> with(now, read, read.value().orElse(null)));
  }

  Indicator change(Caller.Member caller, Indicator indicator, ObjectNode body) {
    return change(
        caller,
        indicator,
        now -> {
          var read = IndicatorFields.changed(body, now);
          return with(now, read, read.value().orElse(now.value()));
        });
  }

  private Indicator with(Indicator now, Read read, @Nullable JsonNode value) {
    return new Indicator(
        now.id(),
        now.organization(),
        read.title().orElse(now.title()),
        read.kind().orElse(now.kind()),
        value,
        read.state(),
        read.severity(),
        read.acl(),
        read.looks(),
        now.revision().next(clock.instant()),
        now.pending(),
        now.pendingAt());
  }

  /** What a script reports. */
  Indicator report(Caller.Member caller, Indicator indicator, Report report) {
    return change(
        caller,
        indicator,
        now ->
            reported(
                now,
                report.state() == null ? now.state() : report.state(),
                report.value() == null ? now.value() : report.value()));
  }

  /**
   * Counts.
   *
   * @param how the next number
   * @throws ApiProblem 400 if it does not count anything
   */
  Indicator count(Caller.Member caller, Indicator indicator, UnaryOperator<BigDecimal> how) {
    return change(
        caller,
        indicator,
        now ->
            reported(
                now,
                now.state(),
                JsonNodeFactory.instance.numberNode(how.apply(number(now.kind(), now.value())))));
  }

  private static BigDecimal number(Kind kind, @Nullable JsonNode value) {
    if (!kind.isNumeric()) {
      throw IndicatorFields.refused("not_numeric", "indicator type must be numeric");
    }
    if (value == null || value.isNull()) {
      return BigDecimal.ZERO;
    }
    var text = value.asString("");
    if (!text.matches("-?\\d{1,18}(\\.\\d{1,9})?")) {
      throw IndicatorFields.refused(
          "not_a_number", "The value of the indicator is not a number. restart sets it to 0.");
    }
    return new BigDecimal(text);
  }

  /** Begins to count from 0, whatever it said. */
  Indicator restart(Caller.Member caller, Indicator indicator) {
    return change(
        caller,
        indicator,
        now -> {
          var _ = number(now.kind(), null);
          return reported(now, now.state(), JsonNodeFactory.instance.numberNode(0));
        });
  }

  private Indicator reported(Indicator now, String state, @Nullable JsonNode value) {
    return new Indicator(
        now.id(),
        now.organization(),
        now.title(),
        now.kind(),
        value,
        state,
        now.severity(),
        now.acl(),
        now.looks(),
        now.revision().next(clock.instant()),
        now.pending(),
        now.pendingAt());
  }

  /** Changes the indicator as it is at that moment, and starts what follows from it. */
  private Indicator change(
      Caller.Member caller, Indicator indicator, Function<Indicator, Indicator> how) {
    while (true) {
      var now = indicators.visible(caller, indicator.id()).orElseThrow(IndicatorChanges::notFound);
      var next = how.apply(now);
      try {
        var changed = indicators.change(now, next, eventsOf(caller, now, next));
        if (changed.isPresent()) {
          events.start(changed.get());
          return changed.get();
        }
      } catch (TitleTaken taken) {
        throw titleTaken();
      }
    }
  }

  /** Only what somebody hears is an event; a change of looks is none. */
  private List<Pending> eventsOf(Caller.Member caller, Indicator now, Indicator next) {
    var names = new ArrayList<String>();
    if (!Objects.equals(now.value(), next.value()) || !now.state().equals(next.state())) {
      names.add(IndicatorEvents.UPDATED);
    }
    if (!now.state().equals(next.state())) {
      names.add(next.state());
    }
    if (names.isEmpty() || !triggers.hear(now.organization(), now.id())) {
      return List.of();
    }
    return names.stream()
        .distinct()
        .map(
            name ->
                new Pending(
                    source(next, name),
                    name,
                    IndicatorFields.data(next),
                    caller.name(),
                    next.revision().updated()))
        .toList();
  }

  /** Begins with the time, like every id. */
  private static String source(Indicator indicator, String name) {
    var revision = indicator.revision();
    var text = indicator.id() + "\n" + revision.version() + "\n" + name;
    var digest = Bytes.utf8(text).sha256();
    return "%08x".formatted(revision.updated().getEpochSecond())
        + digest.substring(digest.length() - 16);
  }
}
