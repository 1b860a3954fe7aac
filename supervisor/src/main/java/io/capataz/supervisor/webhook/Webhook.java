package io.capataz.supervisor.webhook;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.secretkey.KeyTarget;
import io.capataz.supervisor.vault.Sealed;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * An address that other systems call to start what names its event in {@code triggers}.
 *
 * @param id 24 hexadecimal digits
 * @param name unique in the organization
 * @param acl who may see and trigger it, besides administrators
 * @param enabled whether it takes deliveries
 * @param verification how signed deliveries are checked
 * @param signingSecret with which they are signed; null: none are
 * @param count how many deliveries it has taken
 */
@Document("webhooks")
record Webhook(
    @Id String id,
    String organization,
    String name,
    Acl acl,
    boolean enabled,
    Verification verification,
    @Nullable Sealed signingSecret,
    long count,
    Instant created,
    Instant updated,
    String changedBy) {

  /** The name of its event. */
  static final String TRIGGER = "trigger";

  /** What its secret keys are issued for. */
  KeyTarget keyTarget() {
    return new KeyTarget(organization, "webhook", id);
  }
}
