package io.capataz.supervisor.callback;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.secret.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** The form of a signature is that of Standard Webhooks; what is expected is computed here. */
class SignatureTest {

  private static final String KEY = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final String OTHER = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
  private static final String BODY = "{\"test\": \"\u00f1\"}";
  private static final String SIGNED = "a-delivery.1614265330." + BODY;

  private static String hmac(String key, String text) throws GeneralSecurityException {
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(Base64.getDecoder().decode(key), "HmacSHA256"));
    return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void it_is_the_hmac_of_id_timestamp_and_body_with_each_key() throws GeneralSecurityException {
    var headers =
        Signature.headers(
            "a-delivery",
            Instant.ofEpochSecond(1_614_265_330),
            BODY,
            List.of(Secret.of("whsec_" + KEY), Secret.of("whsec_" + OTHER)));

    assertThat(headers)
        .containsEntry("webhook-id", "a-delivery")
        .containsEntry("webhook-timestamp", "1614265330")
        .containsEntry(
            "webhook-signature", "v1," + hmac(KEY, SIGNED) + " v1," + hmac(OTHER, SIGNED));
  }
}
