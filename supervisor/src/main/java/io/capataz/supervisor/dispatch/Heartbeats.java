package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.JobSignals;
import io.capataz.supervisor.job.Jobs;
import java.time.Duration;
import java.util.List;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Responds to heartbeats, and holds them open while there is nothing to report, so that a stop
 * request reaches its host at once. Requests received by other supervisors are found by polling:
 * every second in a small fleet, less often in a large one.
 */
@Component
class Heartbeats {

  /** If this heartbeat was held, the agent may send the next one at any time. */
  private static final Duration AT_ONCE = Duration.ZERO;

  /** It was notified and needs time. */
  private static final Duration WHILE_STOPPING = Duration.ofSeconds(1);

  private static final Duration OFTENEST_LOOK = Duration.ofSeconds(1);

  private final Jobs jobs;
  private final JobSignals watch;
  private final Reports reports;
  private final HeartbeatInterval interval;
  private volatile boolean closing;

  Heartbeats(Jobs jobs, JobSignals watch, Reports reports, HeartbeatInterval interval) {
    this.jobs = jobs;
    this.watch = watch;
    this.reports = reports;
    this.interval = interval;
  }

  Heartbeat.Answer answer(Caller.Agent agent, Heartbeat heartbeat) throws InterruptedException {
    var forget = reports.heard(agent, heartbeat.epoch(), heartbeat.running());
    var patience =
        heartbeat.hold().compareTo(interval.heartbeat()) < 0
            ? heartbeat.hold()
            : interval.heartbeat();
    var until = System.nanoTime() + patience.toNanos();
    while (true) {
      var seen = watch.now(agent.host());
      var stop = toStop(agent.host());
      var left = Duration.ofNanos(until - System.nanoTime());
      if (!stop.isEmpty() || !forget.isEmpty() || !left.isPositive() || closing) {
        return new Heartbeat.Answer(next(patience, stop), stop, forget);
      }
      var look = interval.heartbeat().dividedBy(10);
      look = look.compareTo(OFTENEST_LOOK) < 0 ? OFTENEST_LOOK : look;
      watch.await(agent.host(), seen, look.compareTo(left) < 0 ? look : left);
    }
  }

  private Duration next(Duration patience, List<AttemptId> stop) {
    if (!stop.isEmpty()) {
      return WHILE_STOPPING;
    }
    return patience.isPositive() ? AT_ONCE : interval.heartbeat();
  }

  /** The attempts the host's agent has to stop; repeated until it has reported their end. */
  private List<AttemptId> toStop(String host) {
    return jobs.underWayOn(host).stream()
        .filter(job -> job.holding().stop() != null)
        .map(job -> job.fence().attempt())
        .toList();
  }

  /** A held call must not delay shutdown. */
  @EventListener
  void on(ContextClosedEvent closed) {
    closing = true;
  }
}
