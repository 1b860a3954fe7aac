package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.job.JobSignals;
import io.capataz.supervisor.job.StopAsked;
import io.capataz.supervisor.runtime.Signals;
import java.time.Duration;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Wakes the thread that holds a host's heartbeat when this process asks for a stop there. Apart
 * from {@link JobSignals}, so that jobs that move wake no heartbeat.
 */
@Component
class StopSignals {

  private final Signals signals = new Signals();

  /** A place in the sequence of requests, taken before looking. */
  long now(String host) {
    return signals.now(host);
  }

  /** Sleeps until a stop was asked for since {@code seen}, or {@code atMost} has passed. */
  void await(String host, long seen, Duration atMost) throws InterruptedException {
    signals.await(host, seen, atMost);
  }

  /** Wakes all who wait, because this process ends. */
  void allChanged() {
    signals.allChanged();
  }

  @EventListener
  void on(StopAsked asked) {
    signals.changed(asked.host());
  }
}
