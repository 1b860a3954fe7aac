package io.capataz.agent.host;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whoever started the agent as a service how it is, in the words of {@code sd_notify}.
 * Nothing depends on being heard: what cannot be told is passed over.
 */
public final class Systemd {

  private static final Logger log = LoggerFactory.getLogger(Systemd.class);

  /** A service manager that does not listen must not hold up an agent that works. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final String socket;
  private final Optional<Duration> watchdog;

  private Systemd(String socket, Optional<Duration> watchdog) {
    this.socket = socket;
    this.watchdog = watchdog;
  }

  /**
   * Empty if nobody wants to be told.
   *
   * @param environment the agent's own
   */
  public static Optional<Systemd> of(Map<String, String> environment) {
    String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    boolean linux = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux");
    if (!linux || !(socket.startsWith("/") || (socket.startsWith("@") && socket.length() > 1))) {
      return Optional.empty();
    }
    return Optional.of(new Systemd(socket, watchdog(environment)));
  }

  /** The variables are inherited, so they may be about another process. */
  private static Optional<Duration> watchdog(Map<String, String> environment) {
    String me = Long.toString(ProcessHandle.current().pid());
    if (!environment.getOrDefault("WATCHDOG_PID", me).equals(me)) {
      return Optional.empty();
    }
    try {
      long microseconds = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
      return microseconds > 1
          ? Optional.of(Duration.ofNanos(Math.multiplyExact(microseconds, 1000L) / 2))
          : Optional.empty();
    } catch (NumberFormatException | ArithmeticException e) {
      log.debug("invalid WATCHDOG_USEC: {}", e.toString());
      return Optional.empty();
    }
  }

  /**
   * How often to say {@link #alive}; empty if nobody waits for it. Silence for twice as long is
   * taken for death.
   */
  public Optional<Duration> watchdog() {
    return watchdog;
  }

  /** The agent has started. */
  public void ready() {
    send("READY=1");
  }

  /** The agent has begun to go down. */
  public void stopping() {
    send("STOPPING=1");
  }

  public void alive() {
    send("WATCHDOG=1");
  }

  private void send(String what) {
    try {
      UnixDatagram.send(socket, what, PATIENCE);
    } catch (IOException e) {
      log.debug("cannot send {} to {}: {}", what, socket, IoReason.of(e));
    }
  }
}
