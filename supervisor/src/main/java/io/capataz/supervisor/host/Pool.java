package io.capataz.supervisor.host;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A named set of hosts that share work: what waits for the pool is taken by whichever of them has a
 * free place first.
 *
 * @param id the {@code pool} of tasks
 * @param organization whose it is
 * @param name unique in the organization
 * @param hosts the ids of its hosts; none where it has a selector
 * @param selector finds its hosts by their labels; null: they are named one by one
 * @param created when it was made
 */
@Document("pools")
public record Pool(
    @Id String id,
    String organization,
    String name,
    List<String> hosts,
    @Nullable String selector,
    Instant created) {
  public Pool {
    hosts = List.copyOf(hosts);
  }

  /** Whether the host belongs to it. */
  boolean has(Host host) {
    if (selector == null) {
      return hosts.contains(host.id());
    }
    try {
      return Selector.parse(selector).matches(host.labelled());
    } catch (Selector.Invalid cannotBe) {
      throw new IllegalStateException(
          "Pool " + id + " was stored with an invalid selector.", cannotBe);
    }
  }
}
