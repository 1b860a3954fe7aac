package io.capataz.supervisor.webhook;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.web.FieldReader;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Reads webhooks. */
final class WebhookFields {

  private static final int LONGEST_NAME = 200;
  private static final int SHORTEST_SECRET = 8;
  private static final int LONGEST_SECRET = 200;
  private static final int GENERATED = 32;
  private static final RandomGenerator RANDOM = new SecureRandom();

  private static final String[] READ_ONLY = {
    "id",
    "_type",
    "trigger_count",
    "customer",
    "customer_id",
    "customer_name",
    "creation_date",
    "last_update",
    "changed_by",
    "access_token"
  };

  private WebhookFields() {}

  /**
   * What was sent, or stays.
   *
   * @param secret a new one; empty: the old one stays, if there is one
   */
  record Sent(
      String name, Acl acl, boolean enabled, Verification verification, Optional<Secret> secret) {}

  /**
   * Reads a webhook.
   *
   * @param before null: it is new
   */
  static Sent read(ObjectNode body, @Nullable Webhook before) {
    var fields = FieldReader.of(body).ignoring(READ_ONLY);
    var name =
        before == null
            ? fields.requiredName("name", LONGEST_NAME)
            : fields.name("name", LONGEST_NAME).orElse(before.name());
    if (name.matches("[0-9a-fA-F]{24}")) {
      fields.wrong("name", "wrong_form", "must not look like an id.");
    }
    var verification = verification(fields, before);
    var sent = fields.textOrNothing("signing_secret", LONGEST_SECRET);
    check(fields, verification, sent.orElse(""));
    var needed =
        verification != Verification.NONE
            && (before == null || before.verification() != verification);
    var read =
        new Sent(
            name,
            AclFields.read(fields).orElse(before == null ? Acl.ADMINISTRATORS : before.acl()),
            fields.truth("enable").orElse(before == null || before.enabled()),
            verification,
            sent.or(() -> needed ? Optional.of(generated(verification)) : Optional.empty())
                .map(Secret::of));
    fields.done();
    return read;
  }

  private static Verification verification(FieldReader fields, @Nullable Webhook before) {
    var usual = before == null ? Verification.NONE : before.verification();
    return fields
        .text("verification", 20)
        .map(
            word ->
                Verification.of(word)
                    .orElseGet(
                        () -> {
                          fields.wrong(
                              "verification",
                              "unknown_verification",
                              "must be one of " + String.join(", ", Verification.words()) + ".");
                          return usual;
                        }))
        .orElse(usual);
  }

  private static void check(FieldReader fields, Verification verification, String secret) {
    if (secret.isEmpty()) {
      return;
    }
    if (verification == Verification.NONE) {
      fields.wrong(
          "signing_secret", "conflict", "must be left out of a webhook without verification.");
    } else if (secret.length() < SHORTEST_SECRET) {
      fields.wrong(
          "signing_secret", "too_short", "must have at least " + SHORTEST_SECRET + " characters.");
    } else if (verification == Verification.STANDARD
        && secret.startsWith(Signatures.STANDARD_PREFIX)
        && Signatures.standardKey(secret).isEmpty()) {
      fields.wrong("signing_secret", "wrong_form", "must be whsec_ and base64.");
    }
  }

  private static String generated(Verification verification) {
    var bytes = new byte[GENERATED];
    RANDOM.nextBytes(bytes);
    return verification == Verification.STANDARD
        ? Signatures.STANDARD_PREFIX + Base64.getEncoder().encodeToString(bytes)
        : Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
