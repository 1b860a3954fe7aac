package io.capataz.supervisor.callback;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.callback.Delivery.Try;
import io.capataz.supervisor.callback.Receivers.Came;
import io.capataz.supervisor.notification.Mailer;
import io.capataz.supervisor.notification.Mailer.Mail;
import io.capataz.supervisor.outbound.HttpCall;
import io.capataz.supervisor.outbound.HttpCall.Answer;
import io.capataz.supervisor.outbound.OutboundHttp;
import io.capataz.supervisor.task.CallbackUrl;
import io.capataz.supervisor.vault.CannotOpen;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes one try: a POST, or an e-mail. */
@Component
class Courier {

  /** How long a call may take in all. */
  static final Duration LONGEST = Duration.ofSeconds(30);

  /** How much of an answer is read and kept. */
  private static final int HEAD = 1_024;

  private static final int GONE = 410;

  /** Receivers of this family of systems look for one of these (seed 001). */
  private static final List<String> STATIC_HEADERS =
      List.of("refonte-ai--callback-auth", "refonte.ai-callback-auth", "scale-callback-auth");

  private final OutboundHttp http;
  private final Mailer mailer;
  private final CallbackKeys keys;
  private final Profiles profiles;
  private final Targets targets;
  private final InstantSource clock;

  Courier(
      OutboundHttp http,
      Mailer mailer,
      CallbackKeys keys,
      Profiles profiles,
      Targets targets,
      InstantSource clock) {
    this.http = http;
    this.mailer = mailer;
    this.keys = keys;
    this.profiles = profiles;
    this.targets = targets;
    this.clock = clock;
  }

  /**
   * What came of a try.
   *
   * @param isLast whether another one would be in vain
   * @param asked the delay that the receiver asks for; null: none
   */
  record Result(Try how, boolean isLast, @Nullable Duration asked, Came came) {
    boolean succeeded() {
      return how.failure() == null;
    }
  }

  /** Makes a try. */
  Result deliver(Delivery delivery) throws InterruptedException {
    return CallbackUrl.isEmail(delivery.target()) ? mail(delivery) : post(delivery);
  }

  private Result post(Delivery delivery) throws InterruptedException {
    var begun = clock.instant();
    var nanos = System.nanoTime();
    try {
      var answer = http.call(call(delivery, begun));
      return answered(answer, begun, nanos);
    } catch (HttpCall.Failed failed) {
      var refused = failed.why() == HttpCall.Why.REFUSED;
      return new Result(
          new Try(begun, millisSince(nanos), null, null, failed.reason()),
          refused,
          null,
          refused ? Came.NO_CALL : Came.NOTHING);
    } catch (CannotOpen sealedOtherwise) {
      return new Result(
          new Try(begun, millisSince(nanos), null, null, sealedOtherwise.reason()),
          false,
          null,
          Came.NO_CALL);
    }
  }

  private HttpCall call(Delivery delivery, Instant now) throws HttpCall.Failed {
    var uri = URI.create(delivery.target());
    if ("http".equalsIgnoreCase(uri.getScheme())) {
      http.checkInside(uri.getHost());
    }
    return new HttpCall(
        "POST",
        uri,
        headers(delivery, now),
        Bytes.utf8(delivery.payload()),
        LONGEST,
        0,
        HEAD,
        true);
  }

  private Map<String, String> headers(Delivery delivery, Instant now) {
    var organization = delivery.organization();
    var headers =
        new HashMap<>(
            Signature.headers(delivery.id(), now, delivery.payload(), keys.signing(organization)));
    headers.put("Content-Type", "application/json");
    headers.put("Idempotency-Key", delivery.id());
    if (profiles.ofOrganization(organization).origins().contains(delivery.receiver())) {
      keys.header(organization, delivery.test())
          .ifPresent(key -> STATIC_HEADERS.forEach(name -> headers.put(name, key.reveal())));
    }
    return headers;
  }

  private Result answered(Answer answer, Instant begun, long nanos) {
    var status = answer.status();
    var taken = status / 100 == 2;
    var how =
        new Try(
            begun,
            millisSince(nanos),
            status,
            answer.body().asUtf8(),
            taken ? null : "It answered with the status " + status + ", not 200 to 299.");
    return new Result(
        how,
        status == GONE,
        taken ? null : asked(answer.headers().get("retry-after")),
        Came.ANSWER);
  }

  /** Seconds, or a date. */
  private @Nullable Duration asked(@Nullable String header) {
    if (header == null) {
      return null;
    }
    var text = header.strip();
    if (text.matches("[0-9]{1,9}")) {
      return Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      var date = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return Duration.between(clock.instant(), date);
    } catch (DateTimeParseException neither) {
      return null;
    }
  }

  private Result mail(Delivery delivery) {
    var begun = clock.instant();
    var nanos = System.nanoTime();
    if (!targets.isAddressOpen(delivery.organization(), delivery.target())) {
      return unsent(begun, nanos, "The address " + Targets.UNKNOWN_ADDRESS, true);
    }
    if (!mailer.isSetUp()) {
      return unsent(begun, nanos, "No mail server is set up: see capataz.mail.host.", false);
    }
    try {
      mailer.send(List.of(mailOf(delivery)));
      return new Result(
          new Try(begun, millisSince(nanos), null, null, null), true, null, Came.ANSWER);
    } catch (MessagingException | IOException failed) {
      return unsent(
          begun, nanos, "The mail server did not take the e-mail: " + failed.getMessage(), false);
    }
  }

  private static Mail mailOf(Delivery delivery) {
    return new Mail(
        delivery.id(),
        delivery.target(),
        "Task " + delivery.job() + ": " + delivery.event().name().toLowerCase(Locale.ROOT),
        delivery.payload());
  }

  private static Result unsent(Instant begun, long nanos, String why, boolean isLast) {
    return new Result(
        new Try(begun, millisSince(nanos), null, null, why), isLast, null, Came.NO_CALL);
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }
}
