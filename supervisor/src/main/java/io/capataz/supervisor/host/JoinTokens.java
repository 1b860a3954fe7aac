package io.capataz.supervisor.host;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
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
   * @param host the only host name it can be used for; null: the name of any host that is new
   * @param labels what the host is labelled with when it enrols
   */
  @Document("join_tokens")
  record JoinToken(
      @Id String id,
      String organization,
      @Nullable String host,
      List<String> labels,
      String hash,
      Instant expires) {
    JoinToken {
      labels = List.copyOf(labels);
    }
  }

  /** Creates a token for one host with that name; available only here. */
  public Secret issue(String organization, @Nullable String host) {
    return issue(organization, host, List.of());
  }

  /** Creates a token that also gives its host labels; available only here. */
  Secret issue(String organization, @Nullable String host, List<String> labels) {
    var issued = AccessKey.issue(AccessKey.Kind.JT);
    mongo.insert(
        new JoinToken(
            issued.key().id(),
            organization,
            host,
            labels,
            issued.key().hash(),
            clock.instant().plus(LIFE)));
    return issued.text();
  }

  /** The token, which is not used up by that; empty if it is not valid for that host. */
  Optional<JoinToken> valid(Secret text, String host) {
    return AccessKey.parse(text.reveal())
        .filter(key -> key.kind() == AccessKey.Kind.JT)
        .flatMap(
            key ->
                Optional.ofNullable(mongo.findById(key.id(), JoinToken.class))
                    .filter(token -> key.matches(token.hash())))
        .filter(token -> token.expires().isAfter(clock.instant()))
        .filter(token -> token.host() == null || token.host().equals(host));
  }

  /** Consumes a token; false if somebody else did. */
  boolean use(JoinToken token) {
    var it = Query.query(Criteria.where(JoinToken::id).is(token.id()));
    return mongo.remove(it, JoinToken.class).getDeletedCount() == 1;
  }
}
