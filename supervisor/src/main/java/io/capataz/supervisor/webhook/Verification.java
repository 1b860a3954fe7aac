package io.capataz.supervisor.webhook;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How a sender proves that a delivery is its own, if not by the key in the path. */
enum Verification {
  /** By the key in the path, or by a token. */
  NONE,
  /** {@code webhook-signature}, as Standard Webhooks says. */
  STANDARD,
  /** {@code X-Hub-Signature-256}. */
  GITHUB,
  /** {@code X-Gitlab-Token}. */
  GITLAB,
  /** {@code Stripe-Signature}. */
  STRIPE;

  /** Its name on the wire. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<Verification> of(String word) {
    return Arrays.stream(values()).filter(it -> it.word().equals(word)).findFirst();
  }

  static List<String> words() {
    return Arrays.stream(values()).map(Verification::word).toList();
  }
}
