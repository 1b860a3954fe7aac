package io.capataz.supervisor.host;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Expiry;
import io.capataz.supervisor.runtime.Indexed;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.mapping.Document;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;

/** All join tokens. Each lets new agents enrol a limited number of hosts, until it expires. */
@Repository
public class JoinTokens implements Indexed {

  /** How long a join token is valid if nobody says otherwise. */
  static final Duration LIFE = Duration.ofMinutes(15);

  /** How long it may be valid at most. */
  static final Duration LONGEST_LIFE = Duration.ofDays(90);

  /** How many hosts it may enrol at most. */
  static final int MOST_HOSTS = 10_000;

  /** How long an expired one is listed, and recognized as expired. */
  private static final Duration KEPT = Duration.ofDays(7);

  private final MongoOperations mongo;
  private final InstantSource clock;

  JoinTokens(MongoOperations mongo, InstantSource clock) {
    this.mongo = mongo;
    this.clock = clock;
  }

  /**
   * A stored join token.
   *
   * @param admits which hosts it enrols
   * @param left how many more hosts it enrols
   * @param madeBy who created it; null: the standalone
   * @param lastUse when it last enrolled a host; null: never
   * @param revoked when it was revoked; null: it was not
   */
  @Document("join_tokens")
  record JoinToken(
      @Id String id,
      String organization,
      String hash,
      Admission admits,
      int left,
      Instant created,
      Instant expires,
      @Nullable String madeBy,
      @Nullable Instant lastUse,
      @Nullable Instant revoked) {

    /** What it is good for now. */
    State state(Instant now) {
      if (revoked != null) {
        return State.REVOKED;
      }
      if (left <= 0) {
        return State.SPENT;
      }
      return expires.isAfter(now) ? State.VALID : State.EXPIRED;
    }
  }

  /** Whether a join token can be used. */
  enum State {
    VALID,
    SPENT,
    EXPIRED,
    REVOKED
  }

  /**
   * Which hosts a token enrols, and as what.
   *
   * @param hosts how many
   * @param host the only host name it can be used for; null: the name of any host that is new
   * @param labels what its hosts are labelled with when they enrol
   * @param pools the ids of the pools that list its hosts from then on
   */
  record Admission(int hosts, @Nullable String host, List<String> labels, List<String> pools) {
    Admission {
      labels = List.copyOf(labels);
      pools = List.copyOf(pools);
    }
  }

  /**
   * A new token.
   *
   * @param text available only here
   */
  record Issued(JoinToken token, Secret text) {}

  @Override
  public Class<?> indexedType() {
    return JoinToken.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index().on(JoinToken::organization, Sort.Direction.ASC),
        new Index().on(JoinToken::expires, Sort.Direction.ASC));
  }

  /** Creates a token for one host with that name; available only here. */
  public Secret issue(String organization, @Nullable String host) {
    var admits = new Admission(1, host, List.of(), List.of());
    return issue(organization, admits, null, null).text();
  }

  /**
   * Creates a token.
   *
   * @param expires null: after {@link #LIFE}
   */
  Issued issue(
      String organization, Admission admits, @Nullable Instant expires, @Nullable String madeBy) {
    var now = clock.instant();
    var issued = AccessKey.issue(AccessKey.Kind.JT);
    var token =
        new JoinToken(
            issued.key().id(),
            organization,
            issued.key().hash(),
            admits,
            admits.hosts(),
            now,
            expires == null ? now.plus(LIFE) : expires,
            madeBy,
            null,
            null);
    return new Issued(mongo.insert(token), issued.text());
  }

  /** The token with that text, valid or not; empty if there is none. */
  Optional<JoinToken> find(Secret text) {
    return AccessKey.parse(text.reveal())
        .filter(key -> key.kind() == AccessKey.Kind.JT)
        .flatMap(
            key ->
                found(known().and(JoinToken::id).is(key.id()))
                    .filter(token -> key.matches(token.hash())));
  }

  /** The organization's token with that id. */
  Optional<JoinToken> find(String organization, String id) {
    return found(owned(organization, id));
  }

  /** The organization's tokens that match the request. */
  Listing.Page<JoinToken> list(String organization, Listing<JoinToken> asked) {
    return Pages.find(
        mongo,
        JoinToken.class,
        known().and(JoinToken::organization).is(organization),
        asked,
        JoinToken::id);
  }

  /**
   * Counts one more host; false if the token is not valid any more. However many hosts ask at once,
   * on whatever supervisors, no more are counted than it admits.
   */
  boolean use(JoinToken token) {
    var now = clock.instant();
    var valid =
        Criteria.where(JoinToken::id)
            .is(token.id())
            .and(JoinToken::left)
            .gt(0)
            .and(JoinToken::revoked)
            .is(null)
            .and(JoinToken::expires)
            .gt(now);
    var counted = new Update().inc("left", -1).set(JoinToken::lastUse, now);
    return mongo.updateFirst(Query.query(valid), counted, JoinToken.class).getModifiedCount() == 1;
  }

  /** Takes back a use that enrolled no host. */
  void giveBack(JoinToken token) {
    mongo.updateFirst(
        Query.query(Criteria.where(JoinToken::id).is(token.id())),
        new Update().inc("left", 1),
        JoinToken.class);
  }

  /** Revokes a token; false if there is none, or it was revoked before. */
  boolean revoke(String organization, String id) {
    return mongo
            .updateFirst(
                Query.query(owned(organization, id).and(JoinToken::revoked).is(null)),
                new Update().set(JoinToken::revoked, clock.instant()),
                JoinToken.class)
            .getModifiedCount()
        == 1;
  }

  @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT10M")
  void forget() {
    Expiry.remove(
        mongo,
        known().and(JoinToken::expires).lt(clock.instant().minus(KEPT)),
        JoinToken.class,
        JoinToken::id);
  }

  private Optional<JoinToken> found(Criteria which) {
    return Optional.ofNullable(mongo.findOne(Query.query(which), JoinToken.class));
  }

  private static Criteria owned(String organization, String id) {
    return known().and(JoinToken::id).is(id).and(JoinToken::organization).is(organization);
  }

  /** Tokens that are counted. Those of earlier versions were not, and have expired by now. */
  private static Criteria known() {
    return Criteria.where(JoinToken::left).gte(0);
  }
}
