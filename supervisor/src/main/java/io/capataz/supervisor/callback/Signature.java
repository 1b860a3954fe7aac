package io.capataz.supervisor.callback;

import io.capataz.common.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs a callback as Standard Webhooks 1.0 says, with every key that is good. */
final class Signature {

  private Signature() {}

  static Map<String, String> headers(String id, Instant at, String body, List<Secret> keys) {
    var timestamp = String.valueOf(at.getEpochSecond());
    var signed = id + "." + timestamp + "." + body;
    return Map.of(
        "webhook-id",
        id,
        "webhook-timestamp",
        timestamp,
        "webhook-signature",
        keys.stream().map(key -> "v1," + mac(key, signed)).collect(Collectors.joining(" ")));
  }

  private static String mac(Secret key, String signed) {
    var text = key.reveal().substring(CallbackKeys.SIGNING.length());
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(Base64.getDecoder().decode(text), "HmacSHA256"));
      var bytes = mac.doFinal(signed.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every Java platform supports HmacSHA256.", e);
    }
  }
}
