package io.capataz.supervisor.metrics;

import io.capataz.supervisor.host.Hosts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import org.springframework.stereotype.Component;

/** How many agents are online, silent, offline, draining or disabled, counted when it is asked. */
@Component
class AgentMetrics {

  private final Hosts hosts;
  private final MultiGauge agents;

  AgentMetrics(Hosts hosts, MeterRegistry registry) {
    this.hosts = hosts;
    this.agents = MultiGauge.builder("capataz.agents").register(registry);
  }

  void refresh() {
    agents.register(
        hosts.countByState().entrySet().stream()
            .map(state -> Row.of(Tags.of("state", state.getKey()), state.getValue()))
            .toList(),
        true);
  }
}
