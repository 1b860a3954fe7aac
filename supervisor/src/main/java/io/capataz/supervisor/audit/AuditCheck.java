package io.capataz.supervisor.audit;

import io.capataz.supervisor.audit.AuditEntry.Link;
import io.capataz.supervisor.audit.AuditEntry.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Follows the chain of an organization from its beginning to its end. */
@Component
class AuditCheck {

  /** Who sees so many looks into the store. */
  private static final int MOST_BREAKS = 100;

  private final AuditChain chain;
  private final AuditProofs proofs;

  AuditCheck(AuditChain chain, AuditProofs proofs) {
    this.chain = chain;
    this.proofs = proofs;
  }

  /** What can be wrong with a chain. */
  enum Problem {
    /** The act is not as a supervisor recorded it. */
    CHANGED,
    /** This act and those up to the next one that is there were removed. */
    MISSING,
    /** Another act was put in this one's place. */
    MOVED,
    /** What is stored about the end of the chain is not as a supervisor wrote it. */
    HEAD_CHANGED
  }

  /**
   * A place where the chain does not hold.
   *
   * @param number of the act
   * @param entry the act; null: it is not there
   */
  record Break(long number, @Nullable String entry, Problem problem) {}

  /**
   * What was found.
   *
   * @param entries how many acts were checked
   * @param head the head of the chain
   * @param waiting acts that have not ended, which are added when they have
   * @param outside acts that are in no chain: recorded before there was one, or by nobody who may
   * @param breaks the first of them
   */
  record Report(long entries, AuditHead head, long waiting, long outside, List<Break> breaks) {
    Report {
      breaks = List.copyOf(breaks);
    }
  }

  /** Adds what is to be added and checks the chain. */
  Report of(String organization) {
    chain.addAll(organization);
    while (true) {
      var head = chain.settled(organization);
      var walk = new Walk(head);
      walk.all();
      // Acts that were removed by age meanwhile are not missing.
      if (walk.breaks.isEmpty() || !hasBegunElsewhere(head)) {
        return new Report(
            walk.entries,
            head,
            chain.countWithStage(organization, Stage.OPEN),
            outside(head),
            walk.breaks);
      }
    }
  }

  private boolean hasBegunElsewhere(AuditHead head) {
    return chain
        .find(head.organization())
        .map(AuditHead::removed)
        .filter(removed -> removed.number() > head.removed().number())
        .isPresent();
  }

  private long outside(AuditHead head) {
    return chain.countWithStage(head.organization(), null) + chain.countRemoved(head);
  }

  /** One way along a chain. */
  private final class Walk {

    private final AuditHead head;
    private final List<Break> breaks = new ArrayList<>();
    private long number;
    private String hash;
    private long entries;

    Walk(AuditHead head) {
      this.head = head;
      this.number = head.removed().number();
      this.hash = head.removed().hash();
    }

    void all() {
      if (!head.isIntact(proofs)) {
        var at = head.brokenAt() == 0 ? head.last().number() : head.brokenAt();
        found(at, null, Problem.HEAD_CHANGED);
      }
      var page = chain.after(head.organization(), number);
      while (!page.isEmpty() && number < head.last().number()) {
        page.stream()
            .takeWhile(entry -> link(entry).number() <= head.last().number())
            .forEach(this::step);
        page = chain.after(head.organization(), link(page.getLast()).number());
      }
      end();
    }

    private void step(AuditEntry entry) {
      var link = link(entry);
      entries++;
      if (link.number() > number + 1) {
        found(number + 1, null, Problem.MISSING);
      } else if (link.number() <= number || !link.previous().equals(hash)) {
        found(link.number(), entry.id(), Problem.MOVED);
      }
      var genuine = proofs.link(entry, link.number(), link.previous());
      if (!genuine.equals(link) || !entry.hasProof(proofs.of(entry))) {
        found(link.number(), entry.id(), Problem.CHANGED);
      }
      number = link.number();
      hash = link.hash();
    }

    private void end() {
      if (number < head.last().number()) {
        found(number + 1, null, Problem.MISSING);
      } else if (!hash.equals(head.last().hash())) {
        found(number, head.entry(), Problem.MOVED);
      }
      if (chain.count(head) > entries) {
        found(number, null, Problem.MOVED); // There are two with one number.
      }
      beyond().ifPresent(entry -> found(link(entry).number(), entry.id(), Problem.MOVED));
    }

    /** An act after the last one; what was added meanwhile is none. */
    private Optional<AuditEntry> beyond() {
      return chain.after(head.organization(), head.last().number()).stream()
          .reduce((_, last) -> last)
          .filter(
              entry ->
                  chain
                      .find(head.organization())
                      .filter(now -> now.last().number() >= link(entry).number())
                      .isEmpty());
    }

    private void found(long at, @Nullable String entry, Problem problem) {
      if (breaks.size() < MOST_BREAKS) {
        breaks.add(new Break(at, entry, problem));
      }
    }
  }

  private static Link link(AuditEntry entry) {
    return Objects.requireNonNull(entry.link());
  }
}
