package io.capataz.supervisor.callback;

import io.capataz.supervisor.vault.Vault;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A key by which receivers know that a callback is from this organization.
 *
 * @param sealed the key itself, for the vault
 * @param since from when it is used
 * @param until until when it is used; null: until another one takes its place
 * @param madeBy who made it
 */
@Document("callback_keys")
record CallbackKey(
    @Id String id,
    String organization,
    Use use,
    String sealed,
    Instant since,
    @Nullable Instant until,
    String madeBy) {

  /** What a key is used for. */
  enum Use {
    /** The static header of callbacks about tasks made with a live key. */
    LIVE,
    /** The static header of callbacks about tasks made with a test key. */
    TEST,
    /** The signature of all callbacks. */
    SIGNING;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  boolean isUsedAt(Instant now) {
    return !since.isAfter(now) && (until == null || until.isAfter(now));
  }

  static String context(String organization, String id) {
    return Vault.context(organization, "callback", id, "key");
  }
}
