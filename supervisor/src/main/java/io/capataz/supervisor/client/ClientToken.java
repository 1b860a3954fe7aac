package io.capataz.supervisor.client;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import java.time.Instant;
import java.util.List;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * The one token of a client, without its secret part.
 *
 * @param id organization and client, so that a client never has two
 * @param client its name
 * @param key the public part of the token
 * @param libraries those whose tasks it may start
 * @param madeBy who made it
 */
@Document("client_tokens")
record ClientToken(
    @Id String id,
    String organization,
    String client,
    String key,
    String hash,
    List<String> libraries,
    Instant created,
    String madeBy) {
  ClientToken {
    libraries = List.copyOf(libraries);
  }

  static String idOf(String organization, String client) {
    return organization + "/" + client;
  }

  /** It may run what was promoted for everybody. */
  Caller.Machine caller() {
    return new Caller.Machine(organization, key, client, Role.USER, List.of(), null);
  }
}
