package io.capataz.supervisor.host;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.springframework.data.mongodb.core.query.Criteria;

/** How a host stands; computed from what is known of it and the time, never kept. */
enum HostState {
  /** Its agent was heard of lately. */
  ONLINE,
  /** It was not heard of for a while; what it runs may well go on. */
  SILENT,
  /** It was not heard of for so long that what it ran is given up, or never. */
  OFFLINE,
  /** Somebody has told that it is granted no more jobs. */
  DISABLED,
  /** Somebody wants to have it empty: it is granted no more jobs, and what runs there goes on. */
  DRAINING;

  /** An agent that was not heard of for this long is silent. */
  static final Duration SILENT_AFTER = Duration.ofSeconds(40);

  /** And for this long, offline. */
  static final Duration OFFLINE_AFTER = Duration.ofMinutes(2);

  static HostState of(Host host, Instant now) {
    if (host.disabled()) {
      return DISABLED;
    }
    if (host.draining()) {
      return DRAINING;
    }
    return contact(host, now);
  }

  /** Whether its agent is heard of, whatever it may do. */
  static HostState contact(Host host, Instant now) {
    var heard = host.heard();
    if (heard == null || !heard.plus(OFFLINE_AFTER).isAfter(now)) {
      return OFFLINE;
    }
    return heard.plus(SILENT_AFTER).isAfter(now) ? ONLINE : SILENT;
  }

  /** What the store is asked for the hosts that stand so. */
  Criteria which(Instant now) {
    return switch (this) {
      case ONLINE -> taking().and("heard").gt(now.minus(SILENT_AFTER));
      case SILENT ->
          taking().and("heard").gt(now.minus(OFFLINE_AFTER)).lte(now.minus(SILENT_AFTER));
      case OFFLINE ->
          new Criteria()
              .andOperator(
                  taking(),
                  new Criteria()
                      .orOperator(
                          Criteria.where("heard").isNull(),
                          Criteria.where("heard").lte(now.minus(OFFLINE_AFTER))));
      case DISABLED -> Criteria.where("disabled").is(true);
      case DRAINING -> Criteria.where("disabled").ne(true).and("draining").is(true);
    };
  }

  private static Criteria taking() {
    return Criteria.where("disabled").ne(true).and("draining").ne(true);
  }

  /** The state of that name. */
  static Optional<HostState> named(String word) {
    for (var state : values()) {
      if (state.wire().equals(word)) {
        return Optional.of(state);
      }
    }
    return Optional.empty();
  }

  /** The state of a name that was checked. */
  static HostState of(String word) {
    return named(word).orElseThrow();
  }

  /** Its name on the wire. */
  String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
