package io.capataz.supervisor.audit;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.supervisor.audit.AuditEntry.Chained;
import io.capataz.supervisor.audit.AuditEntry.Link;
import io.capataz.supervisor.audit.AuditEntry.Stage;
import io.capataz.supervisor.runtime.Round;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;

/**
 * The chains of the audit log, one for each organization: each act carries the hash of the one
 * before it. Nobody can change, remove, add or reorder acts of a chain with the store alone,
 * without {@link AuditCheck} finding it.
 *
 * <p>Acts are added once they have ended, a few seconds later, so that no request waits for it. The
 * {@link AuditHead} decides which act is the next: it is changed by compare-and-set and names that
 * act, and only then the act is given its link. Whoever adds the one after it does this first, in
 * case the supervisor before died between the two.
 */
@Repository
class AuditChain {

  static final TypedPropertyPath<AuditEntry, Stage> STAGE =
      TypedPropertyPath.of(AuditEntry::chained).then(Chained::stage);
  static final TypedPropertyPath<AuditEntry, Link> LINK =
      TypedPropertyPath.of(AuditEntry::chained).then(Chained::link);
  static final TypedPropertyPath<AuditEntry, Long> NUMBER =
      TypedPropertyPath.of(AuditEntry::chained).then(Chained::link).then(Link::number);

  /** Ends come later than that only from a supervisor that stood still. */
  static final Duration LONGEST_ACT = Duration.ofHours(1);

  private static final TypedPropertyPath<AuditHead, Long> LAST =
      TypedPropertyPath.of(AuditHead::last).then(Link::number);
  private static final TypedPropertyPath<AuditHead, Long> REMOVED =
      TypedPropertyPath.of(AuditHead::removed).then(AuditHead.Removed::number);
  private static final int PAGE = 100;

  private final MongoOperations mongo;
  private final AuditProofs proofs;
  private final InstantSource clock;

  /** Whether this supervisor recorded an act that it has not added to a chain. */
  private volatile boolean pending;

  AuditChain(MongoOperations mongo, AuditProofs proofs, InstantSource clock) {
    this.mongo = mongo;
    this.proofs = proofs;
    this.clock = clock;
  }

  /** This supervisor recorded an act. */
  void recorded(AuditEntry entry) {
    if (entry.stage() == Stage.CLOSED) {
      pending = true;
    }
  }

  /** Adds what this supervisor recorded. */
  @Scheduled(fixedDelayString = "PT2S", initialDelayString = "PT2S")
  void addOwn() {
    if (pending) {
      pending = false;
      add(new Criteria(), Round.ofSweep());
    }
  }

  /** Adds what others left, and acts whose end nobody recorded. */
  @Scheduled(fixedDelayString = "PT5M", initialDelayString = "PT1M")
  void addAll() {
    closeForgotten();
    add(new Criteria(), Round.ofCleanup());
  }

  /** Adds what an organization has to be added. */
  void addAll(String organization) {
    add(of(organization), Round.ofSweep());
  }

  private void closeForgotten() {
    var forgotten =
        Criteria.where(STAGE)
            .is(Stage.OPEN)
            .and(AuditEntry::at)
            .lt(clock.instant().minus(LONGEST_ACT));
    var _ =
        idempotent(
            () ->
                mongo.updateMulti(
                    Query.query(forgotten),
                    new Update().set(STAGE, Stage.CLOSED),
                    AuditEntry.class));
  }

  private void add(Criteria which, Round round) {
    var oldest =
        Query.query(which.and(STAGE).is(Stage.CLOSED)).with(Sort.by(AuditEntry::at)).limit(PAGE);
    var heads = new HashMap<String, AuditHead>();
    List<AuditEntry> found;
    do {
      found = idempotent(() -> mongo.find(oldest, AuditEntry.class));
      found.forEach(entry -> add(entry, heads));
    } while (!found.isEmpty() && !round.isOver());
    if (!found.isEmpty()) {
      pending = true;
    }
  }

  /**
   * Adds an act, unless it is in the chain already.
   *
   * @param heads whose acts have their links, as far as this supervisor knows
   */
  private void add(AuditEntry found, Map<String, AuditHead> heads) {
    var organization = found.organization();
    while (true) {
      var head = heads.computeIfAbsent(organization, this::settled);
      // Looked at after the head was settled: who finds it without a link adds it after that head.
      var entry = idempotent(() -> mongo.findById(found.id(), AuditEntry.class));
      if (entry == null || entry.stage() != Stage.CLOSED) {
        return;
      }
      var next = head.after(entry, proofs);
      if (replace(head, next)) {
        heads.put(organization, link(next));
        return;
      }
      heads.remove(organization);
    }
  }

  /** The head of a chain, which is made if it is not there; its newest act has its link. */
  AuditHead settled(String organization) {
    return link(
        find(organization).orElseGet(() -> make(AuditHead.ofNothing(organization, proofs))));
  }

  /** The head of a chain. */
  Optional<AuditHead> find(String organization) {
    return Optional.ofNullable(idempotent(() -> mongo.findById(organization, AuditHead.class)));
  }

  private AuditHead make(AuditHead head) {
    return idempotent(
        () -> {
          try {
            return mongo.insert(head);
          } catch (DuplicateKeyException there) {
            return find(head.organization()).orElseThrow(() -> there);
          }
        });
  }

  /** Gives the newest act its link, unless it has it. */
  private AuditHead link(AuditHead head) {
    var closed =
        Query.query(Criteria.where(AuditEntry::id).is(head.entry()).and(STAGE).is(Stage.CLOSED));
    var link = new Update().set(LINK, head.last()).unset(STAGE);
    if (!head.entry().isEmpty()) {
      var _ = idempotent(() -> mongo.updateFirst(closed, link, AuditEntry.class));
    }
    return head;
  }

  private boolean replace(AuditHead head, AuditHead next) {
    var same =
        Query.query(
            Criteria.where("_id")
                .is(head.organization())
                .and(LAST)
                .is(head.last().number())
                .and(REMOVED)
                .is(head.removed().number()));
    var change =
        new Update()
            .set(AuditHead::last, next.last())
            .set(AuditHead::entry, next.entry())
            .set(AuditHead::removed, next.removed())
            .set(AuditHead::brokenAt, next.brokenAt())
            .set(AuditHead::proof, next.proof());
    return verified(
            () -> Optional.ofNullable(mongo.findAndModify(same, change, AuditHead.class)),
            () -> find(head.organization()).filter(now -> now.proof().equals(next.proof())))
        .isPresent();
  }

  /** The acts of a chain with greater numbers, in their order. */
  List<AuditEntry> after(String organization, long number) {
    var query =
        Query.query(of(organization).and(NUMBER).gt(number)).with(Sort.by(NUMBER)).limit(PAGE);
    return idempotent(() -> mongo.find(query, AuditEntry.class));
  }

  /** How many acts are in what is kept of a chain. */
  long count(AuditHead head) {
    return count(
        of(head.organization()).and(NUMBER).gt(head.removed().number()).lte(head.last().number()));
  }

  /** How many acts are there that were removed from the beginning of a chain. */
  long countRemoved(AuditHead head) {
    return count(of(head.organization()).and(NUMBER).lte(head.removed().number()));
  }

  /**
   * How many acts of an organization are in no chain.
   *
   * @param stage null: those that are not to be added to it either
   */
  long countWithStage(String organization, @Nullable Stage stage) {
    return count(of(organization).and(LINK).is(null).and(STAGE).is(stage));
  }

  private long count(Criteria which) {
    return idempotent(() -> mongo.count(Query.query(which), AuditEntry.class));
  }

  private static Criteria of(String organization) {
    return Criteria.where(AuditEntry::organization).is(organization);
  }

  /**
   * Removes the acts at the beginning of each chain that began before then. Nothing is removed from
   * where a chain is broken: who changed the time of an act would have it removed for its age.
   */
  void forget(Instant border) {
    var round = Round.ofCleanup();
    var heads = idempotent(() -> mongo.findAll(AuditHead.class));
    for (var head : heads) {
      var now = Optional.of(head).filter(it -> it.isIntact(proofs));
      while (now.isPresent() && !round.isOver()) {
        now = forgetSome(now.get(), border);
      }
    }
  }

  /** Empty: nothing is old, or another supervisor was faster. */
  private Optional<AuditHead> forgetSome(AuditHead head, Instant border) {
    removeUpTo(head.organization(), head.removed().number());
    var next = head;
    for (var entry : after(head.organization(), head.removed().number())) {
      var link = entry.link();
      if (link == null || !entry.at().isBefore(border) || !proofs.follows(entry, next.removed())) {
        break;
      }
      next = next.without(link, proofs);
    }
    return Optional.of(next).filter(it -> !it.equals(head)).filter(it -> replace(head, it));
  }

  private void removeUpTo(String organization, long number) {
    var removed = of(organization).and(NUMBER).lte(number);
    var _ = idempotent(() -> mongo.remove(Query.query(removed), AuditEntry.class));
  }
}
