package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Jobs;
import java.time.Duration;
import java.util.List;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Responds to heartbeats, and holds them open while there is nothing to report, so that a stop
 * request reaches its host at once. A request received by another supervisor reaches an agent that
 * listens to announcements through the broker. For one that does not, the store is polled while its
 * heartbeat is held: every second in a small fleet, less often in a large one.
 */
@Component
class Heartbeats {

  /** If this heartbeat was held, the agent may send the next one at any time. */
  private static final Duration AT_ONCE = Duration.ZERO;

  /** It was notified and needs time. */
  private static final Duration WHILE_STOPPING = Duration.ofSeconds(1);

  private static final Duration OFTENEST_LOOK = Duration.ofSeconds(1);

  private final Jobs jobs;
  private final Hosts hosts;
  private final StopSignals stops;
  private final Reports reports;
  private final HeartbeatInterval interval;
  private volatile boolean closing;

  Heartbeats(
      Jobs jobs, Hosts hosts, StopSignals stops, Reports reports, HeartbeatInterval interval) {
    this.jobs = jobs;
    this.hosts = hosts;
    this.stops = stops;
    this.reports = reports;
    this.interval = interval;
  }

  Heartbeat.Answer answer(Caller.Agent agent, Heartbeat heartbeat) throws InterruptedException {
    var host = agent.host();
    var seen = stops.now(host);
    var underWay = jobs.underWayOn(host);
    var forget = reports.heard(agent, heartbeat.epoch(), heartbeat.running(), underWay);
    var stop = toStop(underWay);
    var patience = shorter(heartbeat.hold(), interval.heartbeat());
    var until = System.nanoTime() + patience.toNanos();
    while (stop.isEmpty() && forget.isEmpty() && !closing) {
      var left = Duration.ofNanos(until - System.nanoTime());
      if (!left.isPositive()) {
        break;
      }
      stops.await(host, seen, shorter(nextLook(agent, heartbeat.epoch()), left));
      var now = stops.now(host);
      if (now != seen || !isListening(agent, heartbeat.epoch())) {
        seen = now;
        stop = toStop(jobs.underWayOn(host));
      }
    }
    return new Heartbeat.Answer(next(patience, stop), stop, forget);
  }

  private Duration nextLook(Caller.Agent agent, long epoch) {
    if (isListening(agent, epoch)) {
      return interval.heartbeat();
    }
    var look = interval.heartbeat().dividedBy(10);
    return look.compareTo(OFTENEST_LOOK) < 0 ? OFTENEST_LOOK : look;
  }

  private boolean isListening(Caller.Agent agent, long epoch) {
    return hosts.current(agent, epoch).filter(host -> host.session().listening()).isPresent();
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private Duration next(Duration patience, List<AttemptId> stop) {
    if (!stop.isEmpty()) {
      return WHILE_STOPPING;
    }
    return patience.isPositive() ? AT_ONCE : interval.heartbeat();
  }

  /** The attempts the host's agent has to stop; repeated until it has reported their end. */
  List<AttemptId> toStop(String host) {
    return toStop(jobs.underWayOn(host));
  }

  private static List<AttemptId> toStop(List<Job> underWay) {
    return underWay.stream()
        .filter(job -> job.holding().stop() != null)
        .map(job -> job.fence().attempt())
        .toList();
  }

  /** A held call must not delay shutdown. */
  @EventListener
  void on(ContextClosedEvent closed) {
    closing = true;
    stops.allChanged();
  }
}
