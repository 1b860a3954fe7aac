package io.capataz.supervisor.oidc;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.member.Member;
import io.capataz.supervisor.runtime.Expiry;
import io.capataz.supervisor.runtime.Indexed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;

/**
 * All login codes. A browser that returns from the provider gets a code instead of a session key,
 * because the code is part of a URL, and browsers and proxies store URLs.
 */
@Repository
class LoginCodes implements Indexed {

  /** As long as a page takes to load on a slow connection. */
  static final Duration LIFE = Duration.ofMinutes(1);

  private final MongoOperations mongo;
  private final InstantSource clock;

  LoginCodes(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /**
   * A login code, without its secret part.
   *
   * @param keys the member's key counter when it was created
   */
  @Document("login_codes")
  record LoginCode(
      @Id String id, String hash, String organization, String member, long keys, Instant expires) {}

  @Override
  public Class<?> indexedType() {
    return LoginCode.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(new Index().on(LoginCode::expires, Sort.Direction.ASC));
  }

  /** Creates a code for a member. */
  AccessKey.Issued issue(Member member) {
    var issued = AccessKey.issue(AccessKey.Kind.LC);
    mongo.insert(
        new LoginCode(
            issued.key().id(),
            issued.key().hash(),
            member.organization(),
            member.id(),
            member.keys(),
            clock.instant().plus(LIFE)));
    return issued;
  }

  /** Consumes a code; if several present it at once, on any supervisors, one gets it. */
  Optional<LoginCode> use(AccessKey code) {
    return Optional.ofNullable(
            mongo.findAndRemove(
                Query.query(
                    Criteria.where(LoginCode::id)
                        .is(code.id())
                        .and(LoginCode::hash)
                        .is(code.hash())),
                LoginCode.class))
        .filter(kept -> kept.expires().isAfter(clock.instant()));
  }

  /** Parses a code. */
  static Optional<AccessKey> read(Secret text) {
    return AccessKey.parse(text.reveal()).filter(key -> key.kind() == AccessKey.Kind.LC);
  }

  @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT10M")
  void forget() {
    Expiry.remove(
        mongo,
        Criteria.where(LoginCode::expires).lt(clock.instant()),
        LoginCode.class,
        LoginCode::id);
  }
}
