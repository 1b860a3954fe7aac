package io.capataz.supervisor.member;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.CallerSource;
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

/** All sessions of logged-in members. */
@Repository
public class Sessions implements CallerSource, Indexed {

  /** How long a session lasts, used or not. */
  static final Duration LIFE = Duration.ofHours(24);

  private final MongoOperations mongo;
  private final InstantSource clock;
  private final Members members;

  Sessions(MongoOperations mongo, InstantSource clock, Members members) {
    this.mongo = mongo;
    this.clock = clock;
    this.members = members;
  }

  /**
   * A session, without its secret part.
   *
   * @param keys the member's key counter when it started
   */
  @Document("sessions")
  record Session(
      @Id String id, String hash, String member, long keys, Instant created, Instant expires) {}

  @Override
  public Class<?> indexedType() {
    return Session.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(new Index().on(Session::expires, Sort.Direction.ASC));
  }

  @Override
  public AccessKey.Kind kind() {
    return AccessKey.Kind.SE;
  }

  @Override
  public Optional<Caller> callerOf(AccessKey key) {
    return Optional.ofNullable(mongo.findById(key.id(), Session.class))
        .filter(session -> key.matches(session.hash()))
        .filter(session -> session.expires().isAfter(clock.instant()))
        .flatMap(session -> members.callerOf(session.member(), session.keys(), null, null));
  }

  /** Starts a session; its key is available only here. */
  public Secret begin(Member member) {
    var issued = AccessKey.issue(AccessKey.Kind.SE);
    var now = clock.instant();
    mongo.insert(
        new Session(
            issued.key().id(),
            issued.key().hash(),
            member.id(),
            member.keys(),
            now,
            now.plus(LIFE)));
    return issued.text();
  }

  void end(String id) {
    mongo.remove(Query.query(Criteria.where(Session::id).is(id)), Session.class);
  }

  @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT10M")
  void forget() {
    Expiry.remove(
        mongo, Criteria.where(Session::expires).lt(clock.instant()), Session.class, Session::id);
  }
}
