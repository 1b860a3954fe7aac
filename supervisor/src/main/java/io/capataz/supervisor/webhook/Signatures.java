package io.capataz.supervisor.webhook;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.web.ApiProblem;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Checks signatures of deliveries, in the forms of their senders. */
final class Signatures {

  /** How far the clock of a sender may be off, and how long a delivery may be under way. */
  static final Duration TOLERANCE = Duration.ofMinutes(5);

  /** What secrets of Standard Webhooks begin with; base64 follows. */
  static final String STANDARD_PREFIX = "whsec_";

  private static final String GITHUB_PREFIX = "sha256=";

  private final String secret;
  private final Function<String, @Nullable String> headers;
  private final Bytes body;
  private final Instant now;

  private Signatures(
      String secret, Function<String, @Nullable String> headers, Bytes body, Instant now) {
    this.secret = secret;
    this.headers = headers;
    this.body = body;
    this.now = now;
  }

  /**
   * Checks a delivery.
   *
   * @param headers by their names
   * @throws ApiProblem 400 if it is not signed with the secret, or was not signed just now
   */
  static void check(
      Verification how,
      String secret,
      Function<String, @Nullable String> headers,
      Bytes body,
      Instant now) {
    var check = new Signatures(secret, headers, body, now);
    switch (how) {
      case NONE ->
          throw ApiProblem.conflict(
              "no_verification",
              "The webhook has no verification. Set it, or use the key: POST"
                  + " …/trigger/secret/{key}.");
      case STANDARD -> check.standard();
      case GITHUB -> check.github();
      case GITLAB -> check.gitlab();
      case STRIPE -> check.stripe();
    }
  }

  private void standard() {
    var id = header("webhook-id");
    var time = header("webhook-timestamp");
    checkTime(time);
    var expected =
        Base64.getEncoder()
            .encodeToString(
                hmac(standardKey(secret).orElseGet(() -> utf8(secret)), id + "." + time + "."));
    checkAny(parts(header("webhook-signature"), " ", "v1,"), expected, "webhook-signature");
  }

  /** The key in a secret that begins with the prefix; empty if it does not, or is no base64. */
  static Optional<byte[]> standardKey(String secret) {
    if (!secret.startsWith(STANDARD_PREFIX)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Base64.getDecoder().decode(secret.substring(STANDARD_PREFIX.length())));
    } catch (IllegalArgumentException notBase64) {
      return Optional.empty();
    }
  }

  private void github() {
    var name = "X-Hub-Signature-256";
    var sent = header(name);
    var expected = HexFormat.of().formatHex(hmac(utf8(secret), ""));
    checkAny(parts(sent, " ", GITHUB_PREFIX), expected, name);
  }

  private void gitlab() {
    checkAny(List.of(header("X-Gitlab-Token")), secret, "X-Gitlab-Token");
  }

  private void stripe() {
    var name = "Stripe-Signature";
    var sent = header(name);
    var time = parts(sent, ",", "t=").stream().findFirst().orElse("");
    checkTime(time);
    var expected = HexFormat.of().formatHex(hmac(utf8(secret), time + "."));
    checkAny(parts(sent, ",", "v1="), expected, name);
  }

  /** The rest of those parts that begin with the prefix. */
  private static List<String> parts(String text, String between, String prefix) {
    return Arrays.stream(text.split(between, 20))
        .map(String::strip)
        .filter(part -> part.startsWith(prefix))
        .map(part -> part.substring(prefix.length()))
        .toList();
  }

  private String header(String name) {
    var value = headers.apply(name);
    if (value == null || value.isBlank()) {
      throw invalid("The header " + name + " is missing.");
    }
    return value.strip();
  }

  private void checkTime(String seconds) {
    if (!seconds.matches("[0-9]{1,12}")) {
      throw invalid("The time of the signature must be in seconds since 1970.");
    }
    var off = Duration.between(Instant.ofEpochSecond(Long.parseLong(seconds)), now).abs();
    if (off.compareTo(TOLERANCE) > 0) {
      throw ApiProblem.badRequest(
          "signature_out_of_time",
          "The delivery was signed %d seconds from now; at most %d are allowed. Send it with a new signature, from a clock that is right."
              .formatted(off.toSeconds(), TOLERANCE.toSeconds()));
    }
  }

  private static void checkAny(List<String> sent, String expected, String header) {
    var wanted = utf8(expected);
    if (sent.stream().noneMatch(each -> MessageDigest.isEqual(utf8(each), wanted))) {
      throw invalid(
          "The header " + header + " does not fit: another secret, or a body that was changed.");
    }
  }

  private static ApiProblem invalid(String detail) {
    return ApiProblem.badRequest("invalid_signature", detail);
  }

  private byte[] hmac(byte[] key, String before) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(utf8(before));
      return mac.doFinal(body.toArray());
    } catch (GeneralSecurityException everyPlatformHasIt) {
      throw new IllegalStateException(everyPlatformHasIt);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
