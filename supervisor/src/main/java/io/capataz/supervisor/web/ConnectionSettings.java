package io.capataz.supervisor.web;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How much one client address may hold open at a supervisor: {@code capataz.connections.*}. An IPv6
 * address counts as its /64.
 *
 * @param perAddress connections of one address, in use or idle; more are closed at once. An agent
 *     holds up to four, so many agents behind one address need more. 0: no limit. With {@code
 *     capataz.proxy.trusted} there is none, because all connections come from the proxy
 * @param sendingPerAddress requests of one address whose body has not arrived completely; further
 *     ones get 429. 0: no limit
 */
@ConfigurationProperties("capataz.connections")
public record ConnectionSettings(
    @DefaultValue("1024") int perAddress, @DefaultValue("128") int sendingPerAddress) {
  public ConnectionSettings {
    if (perAddress < 0 || sendingPerAddress < 0) {
      throw new IllegalArgumentException(
          "capataz.connections.per-address and capataz.connections.sending-per-address must be 0"
              + " or more, not %d and %d. 0 means no limit."
                  .formatted(perAddress, sendingPerAddress));
    }
  }
}
