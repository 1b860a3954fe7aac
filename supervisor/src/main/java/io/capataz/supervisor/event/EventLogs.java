package io.capataz.supervisor.event;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** The logs of all organizations that have clients here, or had some a moment ago. */
@Component
class EventLogs {

  /** A client that is back by then misses nothing. */
  private static final Duration KEPT_UNUSED = Duration.ofMinutes(5);

  private final Map<String, Kept> logs = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();
  private volatile boolean closing;

  /**
   * A log and its clients.
   *
   * @param unusedSince nanoseconds, if there are none
   */
  private record Kept(EventLog log, int clients, long unusedSince) {}

  /** The use of a log by a client, until it is closed. */
  final class Use implements AutoCloseable {
    private final String organization;
    private final EventLog log;

    private Use(String organization, EventLog log) {
      this.organization = organization;
      this.log = log;
    }

    EventLog log() {
      return log;
    }

    /** Whether this supervisor is about to end. */
    boolean isOver() {
      return closing;
    }

    @Override
    public void close() {
      logs.computeIfPresent(
          organization, (_, kept) -> new Kept(kept.log(), kept.clients() - 1, System.nanoTime()));
    }
  }

  /** Begins to use an organization's log; from now on it has everything that happens. */
  Use use(String organization) {
    var used = logs.compute(organization, (_, kept) -> oneMore(kept));
    return new Use(organization, used.log());
  }

  private Kept oneMore(@Nullable Kept kept) {
    return kept == null
        ? new Kept(new EventLog(newId()), 1, 0)
        : new Kept(kept.log(), kept.clients() + 1, 0);
  }

  private String newId() {
    var bytes = new byte[8];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  Optional<EventLog> of(String organization) {
    return Optional.ofNullable(logs.get(organization)).map(Kept::log);
  }

  boolean isEmpty() {
    return logs.isEmpty();
  }

  void forEach(BiConsumer<String, EventLog> receiver) {
    logs.forEach((organization, kept) -> receiver.accept(organization, kept.log()));
  }

  /** Forgets logs that have had no clients for a while. */
  void forgetUnused() {
    for (var organization : logs.keySet()) {
      logs.computeIfPresent(
          organization,
          (_, kept) ->
              kept.clients() == 0 && System.nanoTime() - kept.unusedSince() > KEPT_UNUSED.toNanos()
                  ? null
                  : kept);
    }
  }

  @EventListener(ContextClosedEvent.class)
  void close() {
    closing = true;
  }
}
