package io.capataz.supervisor.task;

import io.capataz.supervisor.vault.Sealed;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * What may start one task, and nothing else.
 *
 * @param id the public part of the key
 * @param organization whose it is
 * @param task the id of the task that it opens
 * @param hash what is kept of it
 * @param sealed the key itself, for whoever may see it again; null in keys of before there was a
 *     vault
 * @param created when
 * @param expires from then on it opens nothing; null: it has no end
 * @param lastUse when it last opened the task, to the minute; null: never
 */
@Document("secret_keys")
record SecretKey(
    @Id String id,
    String organization,
    String task,
    String hash,
    @Nullable Sealed sealed,
    Instant created,
    @Nullable Instant expires,
    @Nullable Instant lastUse) {

  boolean isLive(Instant now) {
    return expires == null || expires.isAfter(now);
  }
}
