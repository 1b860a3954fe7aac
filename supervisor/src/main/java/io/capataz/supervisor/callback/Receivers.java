package io.capataz.supervisor.callback;

import io.capataz.supervisor.task.CallbackUrl;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.springframework.stereotype.Component;

/**
 * Decides how many calls this supervisor makes at once: to all receivers, and to each. One that has
 * not answered several times in a row is called by one call at a time, after pauses, and only with
 * a small part of all calls. So those that do not answer delay themselves and nobody else.
 */
@Component
class Receivers {

  /** How many calls are under way to receivers that answer, or that nobody has called yet. */
  static final int MOST = 700;

  /** How many to those that do not. */
  static final int MOST_TO_SILENT = 100;

  static final int MOST_TO_ONE = 4;

  /** So many calls without an answer make a receiver silent. */
  static final int SILENT = 3;

  private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);
  private static final int LONGEST_PAUSE = 6;
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private static final String MAIL = "mailto:";

  private final InstantSource clock;
  private final Map<String, Standing> known = new HashMap<>();
  private int underWay;
  private int underWayToSilent;

  Receivers(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * What is known about a receiver.
   *
   * @param calls how many are under way
   * @param unanswered how many in a row had no answer
   * @param pause until when it is not called
   * @param seen when this was last changed
   */
  private record Standing(int calls, int unanswered, Instant pause, Instant seen) {
    boolean isSilent() {
      return unanswered >= SILENT;
    }
  }

  /** Whom a target belongs to: scheme, host and port of a URL; all e-mail goes to one server. */
  static String of(String target) {
    if (CallbackUrl.isEmail(target)) {
      return MAIL;
    }
    var uri = URI.create(target);
    var scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    var usual = scheme.equals("https") ? 443 : 80;
    var port = uri.getPort() < 0 ? usual : uri.getPort();
    return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + ":" + port;
  }

  /** Enters a call; whoever may not has to wait. To be left by {@link #leave}. */
  synchronized boolean enter(String receiver) {
    var standing = standing(receiver);
    if (!isOpen(standing)) {
      return false;
    }
    if (standing.isSilent()) {
      underWayToSilent++;
    } else {
      underWay++;
    }
    known.put(receiver, change(standing, 1, standing.unanswered(), standing.pause()));
    return true;
  }

  /** Whether a call to somebody whom nobody knows would be entered. */
  synchronized boolean isRoom() {
    return underWay < MOST;
  }

  private Standing standing(String receiver) {
    return known.getOrDefault(receiver, new Standing(0, 0, Instant.MIN, clock.instant()));
  }

  private boolean isOpen(Standing it) {
    return it.isSilent()
        ? it.calls() < 1
            && underWayToSilent < MOST_TO_SILENT
            && !it.pause().isAfter(clock.instant())
        : it.calls() < MOST_TO_ONE && underWay < MOST;
  }

  private Standing change(Standing it, int calls, int unanswered, Instant pause) {
    return new Standing(it.calls() + calls, unanswered, pause, clock.instant());
  }

  /** How a call ended. */
  enum Came {
    /** There was an answer, whatever it said. */
    ANSWER,
    /** There was none. */
    NOTHING,
    /** Nobody was called. */
    NO_CALL
  }

  /** A call is over. */
  synchronized void leave(String receiver, Came how) {
    var before = standing(receiver);
    switch (how) {
      case ANSWER -> known.put(receiver, change(before, -1, 0, Instant.MIN));
      case NOTHING -> known.put(receiver, unanswered(before));
      case NO_CALL -> known.put(receiver, change(before, -1, before.unanswered(), before.pause()));
    }
    recount();
  }

  private Standing unanswered(Standing before) {
    var times = before.unanswered() + 1;
    var doubled = 1L << Math.clamp(times - SILENT, 0, LONGEST_PAUSE);
    return change(before, -1, times, clock.instant().plus(SHORTEST_PAUSE.multipliedBy(doubled)));
  }

  /** Calls count by what their receiver is now. */
  private void recount() {
    underWay = 0;
    underWayToSilent = 0;
    Consumer<Standing> count =
        it -> {
          if (it.isSilent()) {
            underWayToSilent += it.calls();
          } else {
            underWay += it.calls();
          }
        };
    var longAgo = clock.instant().minus(REMEMBERED);
    known
        .values()
        .removeIf(it -> it.calls() == 0 && (it.unanswered() == 0 || it.seen().isBefore(longAgo)));
    known.values().forEach(count);
  }

  /** Those to whom no call can be made now. */
  synchronized List<String> closed() {
    return known.entrySet().stream()
        .filter(it -> !isOpen(it.getValue()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
