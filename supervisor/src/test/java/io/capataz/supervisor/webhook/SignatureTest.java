package io.capataz.supervisor.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.trigger.Triggering;
import io.capataz.supervisor.web.ApiProblem;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Signatures as their senders publish them, and what is refused. */
class SignatureTest {

  private static void check(
      Verification how, String secret, Map<String, String> headers, String body, Instant now) {
    var any = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    any.putAll(headers);
    Signatures.check(how, secret, any::get, Bytes.utf8(body), now);
  }

  private static void refused(
      Verification how, String secret, Map<String, String> headers, String body, Instant now) {
    assertThatThrownBy(() -> check(how, secret, headers, body, now))
        .isInstanceOfSatisfying(
            ApiProblem.class, problem -> assertThat(problem.status().value()).isEqualTo(400));
  }

  /** The example of the specification of Standard Webhooks and of its libraries. */
  private static final String STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  private static final String STANDARD_BODY = "{\"test\": 2432232314}";
  private static final Instant STANDARD_TIME = Instant.ofEpochSecond(1_614_265_330);

  private static Map<String, String> standard(String signature) {
    return Map.of(
        "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp", "1614265330",
        "webhook-signature", signature);
  }

  @Test
  void standard_webhooks() {
    var published = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    check(Verification.STANDARD, STANDARD, standard(published), STANDARD_BODY, STANDARD_TIME);
    // Several keys while one is rotated, and other versions.
    var several = "v1,AAAA v1a,BBBB " + published;
    check(Verification.STANDARD, STANDARD, standard(several), STANDARD_BODY, STANDARD_TIME);

    refused(Verification.STANDARD, STANDARD, standard("v1,AAAA"), STANDARD_BODY, STANDARD_TIME);
    refused(Verification.STANDARD, STANDARD, standard(""), STANDARD_BODY, STANDARD_TIME);
    refused(
        Verification.STANDARD, STANDARD, standard(published), STANDARD_BODY + " ", STANDARD_TIME);
    refused(Verification.STANDARD, "another", standard(published), STANDARD_BODY, STANDARD_TIME);
  }

  @Test
  void clocks_that_are_wrong_by_more_than_five_minutes_are_refused() {
    var published = standard("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    for (var off : new int[] {-300, -1, 299, 300}) {
      var now = STANDARD_TIME.plusSeconds(off);
      assertThatCode(() -> check(Verification.STANDARD, STANDARD, published, STANDARD_BODY, now))
          .doesNotThrowAnyException();
    }
    for (var off : new int[] {-301, 301, 86_400}) {
      var now = STANDARD_TIME.plusSeconds(off);
      refused(Verification.STANDARD, STANDARD, published, STANDARD_BODY, now);
    }
  }

  /** The example of GitHub's documentation. */
  @Test
  void github() {
    var secret = "It's a Secret to Everybody";
    var body = "Hello, World!";
    var hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    var now = Instant.EPOCH;

    check(Verification.GITHUB, secret, Map.of("X-Hub-Signature-256", "sha256=" + hex), body, now);
    refused(Verification.GITHUB, secret, Map.of("X-Hub-Signature-256", hex), body, now);
    refused(
        Verification.GITHUB, secret, Map.of("X-Hub-Signature-256", "sha256=" + hex), "other", now);
    refused(Verification.GITHUB, secret, Map.of("X-Hub-Signature", "sha256=" + hex), body, now);
    refused(Verification.GITHUB, "", Map.of("X-Other", "1"), body, now);
  }

  @Test
  void gitlab() {
    var now = Instant.EPOCH;
    check(Verification.GITLAB, "the token", Map.of("X-Gitlab-Token", "the token"), "", now);
    refused(Verification.GITLAB, "the token", Map.of("X-Gitlab-Token", "the toke"), "", now);
    refused(Verification.GITLAB, "the token", Map.of(), "", now);
  }

  @Test
  void stripe() {
    var secret = "whsec_test_secret";
    var body = "{\"id\": \"evt_test_webhook\", \"object\": \"event\"}";
    var time = 1_700_000_000L;
    var now = Instant.ofEpochSecond(time);
    var hex = hex(secret, time + "." + body);
    var header = "t=%d,v1=%s,v0=%s".formatted(time, hex, "6ffbb59b");

    check(Verification.STRIPE, secret, Map.of("Stripe-Signature", header), body, now);
    refused(
        Verification.STRIPE,
        secret,
        Map.of("Stripe-Signature", header),
        body,
        now.plus(Duration.ofMinutes(6)));
    // The time is signed, too.
    var moved = header.replace("t=" + time, "t=" + (time + 1));
    refused(Verification.STRIPE, secret, Map.of("Stripe-Signature", moved), body, now);
    refused(Verification.STRIPE, secret, Map.of("Stripe-Signature", "v1=" + hex), body, now);
    refused(Verification.STRIPE, secret, Map.of("Stripe-Signature", "t=x,v1=" + hex), body, now);
  }

  private static String hex(String secret, String text) {
    return HexFormat.of().formatHex(hmac(secret.getBytes(StandardCharsets.UTF_8), text));
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  // The same over HTTP: what is signed are the bytes, and an id is taken once.

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Triggering it = new Triggering(supervisor);

  private String webhook(String verification, String secret) {
    var answer =
        supervisor.post(
            "/acme/webhook",
            Map.of(
                "name",
                "hook-" + UUID.randomUUID(),
                "verification",
                verification,
                "signing_secret",
                secret));
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.text("/id");
  }

  private Answer send(String webhook, String body, String... headers) {
    return supervisor.send(
        supervisor
            .request("/acme/webhook/" + webhook + "/trigger/signed")
            .header("Content-Type", "application/json")
            .headers(headers)
            .POST(BodyPublishers.ofString(body)));
  }

  @Test
  void a_signed_delivery_of_github_starts_its_task_once() {
    var secret = "a secret of github";
    var webhook = webhook("github", secret);
    var task = it.task(it.event(webhook, "trigger"));
    var body = "{ \"action\" : \"opened\",   \"customer\": \"not ours\" }";
    var signature = "sha256=" + hex(secret, body);

    for (var times = 0; times < 3; times++) {
      var answer =
          send(webhook, body, "X-Hub-Signature-256", signature, "X-GitHub-Delivery", "72d3162e");
      assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    }
    assertThat(it.only(task).at("/task_arguments_values/0").asString())
        .isEqualTo("{\"action\":\"opened\",\"customer\":\"not ours\"}");

    var cut = body.substring(0, body.length() - 2) + "}";
    assertThat(send(webhook, cut, "X-Hub-Signature-256", signature).text("/code"))
        .isEqualTo("invalid_signature");
    assertThat(send(webhook, body, "X-Other", "1").status()).isEqualTo(400);
    assertThat(it.jobs(task)).hasSize(1);
  }

  @Test
  void a_signed_delivery_of_standard_webhooks_starts_its_task_once() {
    var webhook = webhook("standard", STANDARD);
    var task = it.task(it.event(webhook, "trigger"));
    var time = String.valueOf(Instant.now(Clock.systemUTC()).getEpochSecond());
    var key = Base64.getDecoder().decode(STANDARD.substring(6));
    var signature =
        "v1," + Base64.getEncoder().encodeToString(hmac(key, "msg_1." + time + ".[\"data\"]"));

    for (var times = 0; times < 2; times++) {
      var answer =
          send(
              webhook,
              "[\"data\"]",
              "webhook-id",
              "msg_1",
              "webhook-timestamp",
              time,
              "webhook-signature",
              signature);
      assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    }
    assertThat(it.only(task).at("/task_arguments_values/0").asString()).isEqualTo("data");
  }

  @Test
  void an_event_of_stripe_is_known_by_its_id() {
    var secret = "whsec_of_stripe";
    var webhook = webhook("stripe", secret);
    var task = it.task(it.event(webhook, "trigger"));
    var body = "{\"id\": \"evt_1\", \"type\": \"invoice.paid\"}";

    for (var later = 0; later < 2; later++) {
      // Each try is signed anew.
      var time = Instant.now(Clock.systemUTC()).getEpochSecond() + later;
      var header = "t=" + time + ",v1=" + hex(secret, time + "." + body);
      var answer = send(webhook, body, "Stripe-Signature", header);
      assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    }
    assertThat(it.jobs(task)).hasSize(1);
  }

  @Test
  void without_verification_nothing_signed_is_taken() {
    var made = supervisor.post("/acme/webhook", Map.of("name", "hook-" + UUID.randomUUID()));
    var answer = send(made.text("/id"), "{}", "X-Hub-Signature-256", "sha256=00");
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.text("/code")).isEqualTo("no_verification");
  }
}
