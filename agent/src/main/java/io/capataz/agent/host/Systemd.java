package io.capataz.agent.host;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends status notifications to the service manager ({@code sd_notify}). Failures are ignored. */
public final class Systemd {

  private static final Logger log = LoggerFactory.getLogger(Systemd.class);

  /** Keeps an unresponsive service manager from blocking the agent. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final String socket;
  private final Optional<Duration> watchdog;

  private Systemd(String socket, Optional<Duration> watchdog) {
    this.socket = socket;
    this.watchdog = watchdog;
  }

  /**
   * Empty if the process was not started by a service manager that wants notifications.
   *
   * @param environment the agent's environment
   */
  public static Optional<Systemd> of(Map<String, String> environment) {
    var socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    boolean linux = System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux");
    if (!linux || !(socket.startsWith("/") || (socket.startsWith("@") && socket.length() > 1))) {
      return Optional.empty();
    }
    return Optional.of(new Systemd(socket, watchdog(environment)));
  }

  /** The interval, if the watchdog variables are meant for this process: they are inherited. */
  private static Optional<Duration> watchdog(Map<String, String> environment) {
    var me = Long.toString(ProcessHandle.current().pid());
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
   * The interval at which to call {@link #alive}; empty without a watchdog. The service manager
   * restarts the agent after twice this time without a call.
   */
  public Optional<Duration> watchdog() {
    return watchdog;
  }

  /** Reports that the agent has started. */
  public void ready() {
    send("READY=1");
  }

  /** Reports that the agent is shutting down. */
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
