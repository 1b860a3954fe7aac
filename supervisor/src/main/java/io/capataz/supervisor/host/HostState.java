package io.capataz.supervisor.host;

import static io.capataz.supervisor.host.HostFields.HEARD;
import static io.capataz.supervisor.host.HostFields.LEFT;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.springframework.data.mongodb.core.query.Criteria;

/** The state of a host, computed from its data and the time; never stored. */
enum HostState {
  /** Its agent was heard from recently. */
  ONLINE,
  /** Nothing was heard for a while; its jobs may still be running. */
  SILENT,
  /** Its agent has ended, or nothing was heard for so long that its jobs are given up, or never. */
  OFFLINE,
  /** An administrator disabled it: it gets no jobs. */
  DISABLED,
  /** It is being drained: it gets no new jobs, and running ones continue. */
  DRAINING;

  /** An agent is silent after this long. */
  static final Duration SILENT_AFTER = Duration.ofSeconds(40);

  /** And for this long, offline. */
  static final Duration OFFLINE_AFTER = Duration.ofMinutes(2);

  static HostState of(Host host, Instant now) {
    if (host.mode().disabled()) {
      return DISABLED;
    }
    if (host.mode().draining()) {
      return DRAINING;
    }
    return contact(host, now);
  }

  /** Whether its agent is connected, whatever its state. */
  static HostState contact(Host host, Instant now) {
    var heard = host.contact().heard();
    if (heard == null || host.contact().left() != null || !heard.plus(OFFLINE_AFTER).isAfter(now)) {
      return OFFLINE;
    }
    return heard.plus(SILENT_AFTER).isAfter(now) ? ONLINE : SILENT;
  }

  /** The store query for hosts in this state. */
  Criteria which(Instant now) {
    return switch (this) {
      case ONLINE -> taking().and(LEFT).isNull().and(HEARD).gt(now.minus(SILENT_AFTER));
      case SILENT ->
          taking()
              .and(LEFT)
              .isNull()
              .and(HEARD)
              .gt(now.minus(OFFLINE_AFTER))
              .lte(now.minus(SILENT_AFTER));
      case OFFLINE ->
          new Criteria()
              .andOperator(
                  taking(),
                  new Criteria()
                      .orOperator(
                          Criteria.where(LEFT).ne(null),
                          Criteria.where(HEARD).isNull(),
                          Criteria.where(HEARD).lte(now.minus(OFFLINE_AFTER))));
      case DISABLED -> Criteria.where(HostFields.DISABLED).is(true);
      case DRAINING ->
          Criteria.where(HostFields.DISABLED).ne(true).and(HostFields.DRAINING).is(true);
    };
  }

  private static Criteria taking() {
    return Criteria.where(HostFields.DISABLED).ne(true).and(HostFields.DRAINING).ne(true);
  }

  /** The state with that name. */
  static Optional<HostState> named(String word) {
    for (var state : values()) {
      if (state.wire().equals(word)) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }

  /** The state with a name that was already validated. */
  static HostState of(String word) {
    return named(word).orElseThrow();
  }

  /** Its name on the wire. */
  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
