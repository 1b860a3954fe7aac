package io.capataz.supervisor.job;

import java.time.Duration;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Wakes the thread that holds a host's heartbeat when this process asks for a stop there. Apart
 * from {@link JobSignals}, so that jobs that move wake no heartbeat.
 */
@Component
public class StopSignals {

  private final Signals signals = new Signals();

  /** A place in the sequence of requests, taken before looking. */
  public long now(String host) {
    return signals.now(host);
  }

  /** Sleeps until a stop was asked for since {@code seen}, or {@code atMost} has passed. */
  public void await(String host, long seen, Duration atMost) throws InterruptedException {
    signals.await(host, seen, atMost);
  }

  /** Wakes all who wait, because this process ends. */
  public void allChanged() {
    signals.allChanged();
  }

  @EventListener
  void on(StopAsked asked) {
    signals.changed(asked.host());
  }
}
