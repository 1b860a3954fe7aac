package io.capataz.supervisor.secretkey;

import io.capataz.supervisor.vault.Sealed;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A key that starts one task, or whatever else it was issued for, and allows nothing else.
 *
 * @param id the public part of the key
 * @param organization the organization of its target
 * @param kind what kind of thing it starts, as {@code task}
 * @param target the id of what it starts
 * @param hash digest of its text
 * @param sealed its text, for administrators who look at it again
 * @param expires null: never
 * @param lastUse to the minute; null: never used
 */
@Document("secret_keys")
record SecretKey(
    @Id String id,
    String organization,
    String kind,
    String target,
    String hash,
    Sealed sealed,
    Instant created,
    @Nullable Instant expires,
    @Nullable Instant lastUse) {

  boolean isLive(Instant now) {
    return expires == null || expires.isAfter(now);
  }
}
