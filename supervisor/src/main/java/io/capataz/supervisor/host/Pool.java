package io.capataz.supervisor.host;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A named set of hosts that share work: a job waiting for the pool goes to the first host with a
 * free slot.
 *
 * @param id the {@code pool} of tasks
 * @param organization whose it is
 * @param name unique in the organization
 * @param hosts the ids of its hosts; empty if it has a selector
 * @param selector selects its hosts by label; null: they are listed by id
 * @param created when it was created
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
  public boolean has(Host host) {
    if (selector == null) {
      return hosts.contains(host.id());
    }
    try {
      return Selector.parse(selector).matches(host.placedBy());
    } catch (Selector.Invalid cannotBe) {
      throw new IllegalStateException(
          "Pool " + id + " was stored with an invalid selector.", cannotBe);
    }
  }
}
