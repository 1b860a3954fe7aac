package io.capataz.supervisor.fleet;

import io.capataz.supervisor.fleet.FleetFollowUp.HostEnded;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Counts hosts of fleet runs by how they came to their end, as this supervisor has noted it. */
@Component
class FleetMetrics {

  private final MeterRegistry registry;

  FleetMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @EventListener
  void on(HostEnded ended) {
    registry.counter("capataz.fleet.hosts", "state", ended.stage().word()).increment();
  }
}
