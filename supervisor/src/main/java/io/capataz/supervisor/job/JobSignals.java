package io.capataz.supervisor.job;

import io.capataz.supervisor.runtime.Signals;
import java.time.Duration;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Wakes waiting threads when a job changes in this process. It only reduces latency: changes by
 * other supervisors are seen when the wait times out, so waiters must look again.
 */
@Component
public class JobSignals {

  private final Signals signals = new Signals();

  /** A place in the sequence of changes, taken before looking. */
  public long now(String job) {
    return signals.now(job);
  }

  /** Sleeps until the job changed since {@code seen}, or {@code atMost} has passed. */
  public void await(String job, long seen, Duration atMost) throws InterruptedException {
    signals.await(job, seen, atMost);
  }

  /** Wakes those who follow the job. */
  public void changed(String job) {
    signals.changed(job);
  }

  @EventListener
  void on(JobMoved moved) {
    signals.changed(moved.job().id());
  }
}
