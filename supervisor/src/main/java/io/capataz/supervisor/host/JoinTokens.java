package io.capataz.supervisor.host;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All join tokens. Each lets one new agent enrol one host, once, within 15 minutes. */
@Repository
public class JoinTokens {

  /** How long a join token is valid. */
  static final Duration LIFE = Duration.ofMinutes(15);

  private final MongoOperations mongo;
  private final InstantSource clock;

  JoinTokens(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /**
   * A stored join token.
   *
   * @param host the only host name it can be used for; null: any
   */
  @Document("join_tokens")
  record JoinToken(
      @Id String id, String organization, @Nullable String host, String hash, Instant expires) {}

  /** Creates a token for one host with that name; available only here. */
  public Secret issue(String organization, @Nullable String host) {
    var issued = AccessKey.issue(AccessKey.Kind.JT);
    mongo.insert(
        new JoinToken(
            issued.key().id(),
            organization,
            host,
            issued.key().hash(),
            clock.instant().plus(LIFE)));
    return issued.text();
  }

  /** Consumes a token. If two try, only one gets it. Empty if it is not valid for that host. */
  Optional<JoinToken> use(Secret text, String host) {
    return AccessKey.parse(text.reveal())
        .filter(key -> key.kind() == AccessKey.Kind.JT)
        .flatMap(
            key ->
                Optional.ofNullable(mongo.findById(key.id(), JoinToken.class))
                    .filter(token -> key.matches(token.hash()))
                    .filter(token -> token.expires().isAfter(clock.instant()))
                    .filter(token -> token.host() == null || token.host().equals(host))
                    .filter(
                        token ->
                            mongo
                                    .remove(
                                        Query.query(Criteria.where(JoinToken::id).is(token.id())),
                                        JoinToken.class)
                                    .getDeletedCount()
                                == 1));
  }
}
