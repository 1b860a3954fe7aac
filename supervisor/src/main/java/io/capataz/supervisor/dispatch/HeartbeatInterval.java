package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.host.Hosts;
import java.time.Duration;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * How often agents are to be heard, and for how long they may be silent. It follows the size of the
 * fleet: each heartbeat is one write, and the store is to see a bounded number a second. So how
 * soon a dead host is noticed is traded for load, openly.
 */
@Component
class HeartbeatInterval {

  private static final Duration OFTENEST = Duration.ofSeconds(10);

  /** Heartbeats a second of the whole fleet. */
  private static final int RATE = 100;

  private final Hosts hosts;
  private volatile Duration heartbeat = OFTENEST;

  HeartbeatInterval(Hosts hosts) {
    this.hosts = hosts;
  }

  /** How often an agent is to be heard. */
  Duration heartbeat() {
    return heartbeat;
  }

  /** After how long without a word a host is silent: two beats may be missed, and a delay. */
  Duration silence() {
    return heartbeat.multipliedBy(5).dividedBy(2).plusSeconds(15);
  }

  @Scheduled(fixedDelayString = "PT30S")
  void count() {
    heartbeat = forFleetOf(hosts.heardOf());
  }

  static Duration forFleetOf(long agents) {
    var needed = Duration.ofMillis(agents * 1000 / RATE);
    return needed.compareTo(OFTENEST) > 0 ? needed : OFTENEST;
  }
}
