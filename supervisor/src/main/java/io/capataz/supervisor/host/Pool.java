package io.capataz.supervisor.host;

import java.time.Instant;
import java.util.List;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A named set of hosts that share work: what waits for the pool is taken by whichever of them has a
 * free place first.
 *
 * @param id the {@code pool} of tasks
 * @param organization whose it is
 * @param name unique in the organization
 * @param hosts the ids of its hosts
 * @param created when it was made
 */
@Document("pools")
public record Pool(
    @Id String id, String organization, String name, List<String> hosts, Instant created) {
  public Pool {
    hosts = List.copyOf(hosts);
  }
}
