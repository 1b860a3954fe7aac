package io.capataz.supervisor.audit;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Expiry;
import io.capataz.supervisor.runtime.Indexed;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;

/** All recorded acts, kept as long as {@link AuditSettings} says. */
@Repository
class AuditLog implements Indexed {

  private final MongoOperations mongo;
  private final AuditProofs proofs;
  private final AuditChain chain;
  private final InstantSource clock;
  private final AuditSettings settings;

  AuditLog(
      MongoOperations mongo,
      AuditProofs proofs,
      AuditChain chain,
      InstantSource clock,
      AuditSettings settings) {
    this.mongo = mongo;
    this.proofs = proofs;
    this.chain = chain;
    this.clock = clock;
    this.settings = settings;
  }

  /**
   * The filter for a list of acts.
   *
   * @param statuses one of these; empty: all
   * @param from the first instant included
   * @param until the first instant excluded
   */
  record Filter(
      List<String> actors,
      List<String> actions,
      List<String> objects,
      List<Integer> statuses,
      @Nullable Instant from,
      @Nullable Instant until) {
    Filter {
      actors = List.copyOf(actors);
      actions = List.copyOf(actions);
      objects = List.copyOf(objects);
      statuses = List.copyOf(statuses);
    }
  }

  @Override
  public Class<?> indexedType() {
    return AuditEntry.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(AuditEntry::organization, Sort.Direction.ASC)
            .on(AuditEntry::at, Sort.Direction.ASC),
        // Acts that are due for removal.
        new Index().on(AuditEntry::at, Sort.Direction.ASC),
        // Acts that are to be added to a chain.
        new Index().on(AuditChain.STAGE, Sort.Direction.ASC).on(AuditEntry::at, Sort.Direction.ASC),
        // Chains.
        new Index()
            .on(AuditEntry::organization, Sort.Direction.ASC)
            .on(AuditChain.NUMBER, Sort.Direction.ASC));
  }

  /** Records an act that is about to be performed, or one that has ended. */
  void begin(AuditEntry entry) {
    var proved = entry.proved(proofs);
    var _ =
        verified(
            () -> Optional.of(mongo.insert(proved)),
            () -> Optional.ofNullable(mongo.findById(entry.id(), AuditEntry.class)));
    chain.recorded(proved);
  }

  /**
   * Records how an act ended, and what it added to its record. One that has been running for {@link
   * AuditChain#LONGEST_ACT} is in the chain without its end, and stays so.
   */
  void end(AuditEntry ended) {
    var proved = ended.proved(proofs);
    var update =
        new Update()
            .set(AuditEntry::status, proved.status())
            .set(AuditEntry::ended, proved.ended())
            .set(AuditEntry::organization, proved.organization())
            .set(AuditEntry::actor, proved.actor())
            .set(AuditEntry::object, proved.object())
            .set(AuditEntry::chained, proved.chained());
    var open =
        Query.query(
            Criteria.where(AuditEntry::id)
                .is(proved.id())
                .and(AuditChain.STAGE)
                .is(AuditEntry.Stage.OPEN));
    var _ = idempotent(() -> mongo.updateFirst(open, update, AuditEntry.class));
    chain.recorded(proved);
  }

  /** An organization's acts. */
  Listing.Page<AuditEntry> list(String organization, Listing<AuditEntry> asked, Filter filter) {
    var which = Criteria.where(AuditEntry::organization).is(organization);
    if (!filter.actors().isEmpty()) {
      which.and(AuditEntry::actor).in(filter.actors());
    }
    if (!filter.actions().isEmpty()) {
      which.and(AuditEntry::action).in(filter.actions());
    }
    if (!filter.objects().isEmpty()) {
      which.and(AuditEntry::object).in(filter.objects());
    }
    if (!filter.statuses().isEmpty()) {
      which.and(AuditEntry::status).in(filter.statuses());
    }
    if (filter.from() != null || filter.until() != null) {
      var at = which.and(AuditEntry::at);
      if (filter.from() != null) {
        at = at.gte(filter.from());
      }
      if (filter.until() != null) {
        var _ = at.lt(filter.until());
      }
    }
    return Pages.find(mongo, AuditEntry.class, which, asked, AuditEntry::id);
  }

  /**
   * Removes old acts in small batches, so that nothing else is delayed. Those in a chain are
   * removed from its beginning only, once the chain has noted where it begins from now on.
   */
  @Scheduled(fixedDelayString = "PT1H", initialDelayString = "PT5M")
  void forget() {
    var border = clock.instant().minus(settings.keep());
    chain.forget(border);
    Expiry.remove(
        mongo,
        Criteria.where(AuditEntry::at).lt(border).and(AuditChain.LINK).is(null),
        AuditEntry.class,
        AuditEntry::id);
  }
}
