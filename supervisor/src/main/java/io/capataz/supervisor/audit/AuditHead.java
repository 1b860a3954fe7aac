package io.capataz.supervisor.audit;

import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * Where the chain of an organization ends, and where what is kept of it begins.
 *
 * @param organization whose chain it is
 * @param last the link of the newest act in the chain; number 0: there is none yet
 * @param entry the newest act; its own document may not have the link yet
 * @param removed the newest act that was removed because of its age; number 0: none was
 * @param brokenAt the number of the act before which the head was found not to be as a supervisor
 *     wrote it; 0: it never was. It stays, so that the next act does not hide it
 * @param proof that a supervisor wrote all of the above
 */
@Document("auditHeads")
record AuditHead(
    @Id String organization,
    AuditEntry.Link last,
    String entry,
    Removed removed,
    long brokenAt,
    String proof) {

  /**
   * The place of an act in the chain.
   *
   * @param number of the act
   * @param hash of the act
   */
  record Removed(long number, String hash) {}

  /** The head of a chain without acts. */
  static AuditHead ofNothing(String organization, AuditProofs proofs) {
    var none = new AuditEntry.Link(0, "", "");
    return proved(proofs, new AuditHead(organization, none, "", new Removed(0, ""), 0, ""));
  }

  /** With one more act. */
  AuditHead after(AuditEntry next, AuditProofs proofs) {
    var link = proofs.link(next, last.number() + 1, last.hash());
    var broken = isGenuine(proofs) ? brokenAt : link.number();
    return proved(proofs, new AuditHead(organization, link, next.id(), removed, broken, ""));
  }

  /** Without the acts up to this one. */
  AuditHead without(AuditEntry.Link link, AuditProofs proofs) {
    var until = new Removed(link.number(), link.hash());
    return proved(proofs, new AuditHead(organization, last, entry, until, brokenAt, ""));
  }

  /** Whether it was always as a supervisor wrote it. */
  boolean isIntact(AuditProofs proofs) {
    return brokenAt == 0 && isGenuine(proofs);
  }

  private boolean isGenuine(AuditProofs proofs) {
    return proof.equals(proofs.of(this));
  }

  private static AuditHead proved(AuditProofs proofs, AuditHead head) {
    return new AuditHead(
        head.organization, head.last, head.entry, head.removed, head.brokenAt, proofs.of(head));
  }
}
