package io.capataz.supervisor.outbound;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the supervisor may call: {@code capataz.outbound.*}.
 *
 * @param allowedNetworks networks that may be called although they are private, such as {@code
 *     10.1.0.0/16}; whoever can change tasks can call everything in them
 */
@ConfigurationProperties("capataz.outbound")
record OutboundSettings(@DefaultValue List<String> allowedNetworks) {
  OutboundSettings {
    allowedNetworks = List.copyOf(allowedNetworks);
    allowedNetworks.forEach(Network::of);
  }

  List<Network> networks() {
    return allowedNetworks.stream().map(Network::of).toList();
  }
}
