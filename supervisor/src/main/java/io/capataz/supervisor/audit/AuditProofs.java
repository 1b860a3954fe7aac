package io.capataz.supervisor.audit;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.vault.Vault;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What only a supervisor can compute about the audit log: its key is derived from the vault's,
 * which is not in the store, and stays the same when the vault's keys are rotated.
 */
@Component
class AuditProofs {

  private final Vault vault;

  AuditProofs(Vault vault) {
    this.vault = vault;
  }

  /** The proof of an act's content; where it stands in a chain is no part of it. */
  String of(AuditEntry entry) {
    var parts =
        new ArrayList<String>(
            List.of(
                entry.id(),
                entry.organization(),
                entry.actor(),
                entry.action(),
                entry.object(),
                entry.address(),
                entry.request(),
                millis(entry.at()),
                millis(entry.ended()),
                Objects.toString(entry.status(), "")));
    new TreeMap<>(entry.path())
        .forEach(
            (name, value) -> {
              parts.add(name);
              parts.add(value);
            });
    return digest("audit/entry", parts);
  }

  /** The link of an act that becomes the one with this number, after one with this hash. */
  AuditEntry.Link link(AuditEntry entry, long number, String previous) {
    var hash =
        digest(
            "audit/link",
            List.of(entry.organization(), Long.toString(number), previous, of(entry)));
    return new AuditEntry.Link(number, previous, hash);
  }

  /** Whether an act is as a supervisor recorded it, and next after the one with this place. */
  boolean follows(AuditEntry entry, AuditHead.Removed before) {
    return link(entry, before.number() + 1, before.hash()).equals(entry.link())
        && entry.hasProof(of(entry));
  }

  /** The proof of what is stored about a chain. */
  String of(AuditHead head) {
    return digest(
        "audit/head",
        List.of(
            head.organization(),
            Long.toString(head.last().number()),
            head.last().previous(),
            head.last().hash(),
            head.entry(),
            Long.toString(head.removed().number()),
            head.removed().hash(),
            Long.toString(head.brokenAt())));
  }

  /** As the store keeps it. */
  private static String millis(@Nullable Instant instant) {
    return instant == null ? "" : Long.toString(instant.toEpochMilli());
  }

  /** Includes the lengths, so that different parts never make the same text. */
  private String digest(String purpose, List<String> parts) {
    var text = new StringBuilder();
    parts.forEach(part -> text.append(part.length()).append(':').append(part).append('\n'));
    return vault.digest(purpose, Bytes.utf8(text.toString()));
  }
}
