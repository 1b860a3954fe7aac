package io.capataz.agent.link;

import io.capataz.agent.host.IoReason;
import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptGivenBack;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.SessionEnd;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.common.protocol.Sync;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Client for the routes of {@code /agent/v1}: one method per route, one try per call. Whether to
 * retry is decided by the caller, see {@link Reply}.
 */
public final class SupervisorClient implements Supervisor {

  private static final Logger log = LoggerFactory.getLogger(SupervisorClient.class);

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** An agent that ends must not hang because its supervisor is gone. */
  private static final Duration LAST_WORD_TIMEOUT = Duration.ofSeconds(2);

  /** Added to the time for which the supervisor may hold a heartbeat. */
  private static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(30);

  /** Room for an answer with several scripts; bounds the memory that an answer can take. */
  static final long MAX_ANSWER_BYTES = 24L << 20;

  private static final int DETAIL_CHARACTERS = 500;

  private final HttpClient http;
  private final URI supervisor;
  private final Optional<Secret> credential;
  private final AtomicBoolean reached;

  /** A client without credential, which can only enrol. */
  public SupervisorClient(HttpClient http, URI supervisor) {
    this(http, supervisor, Optional.empty(), new AtomicBoolean(true));
  }

  private SupervisorClient(
      HttpClient http, URI supervisor, Optional<Secret> credential, AtomicBoolean reached) {
    this.http = http;
    this.supervisor = supervisor;
    this.credential = credential;
    this.reached = reached;
  }

  /** A client that uses a credential. */
  public SupervisorClient as(Secret credential) {
    return new SupervisorClient(http, supervisor, Optional.of(credential), reached);
  }

  public Reply<Enrolment.Answer> enrol(Enrolment enrolment) throws InterruptedException {
    return call("enrolment", enrolment, Enrolment.Answer.class, TIMEOUT);
  }

  public Reply<SessionOpening.Answer> open(SessionOpening opening) throws InterruptedException {
    return call("session", opening, SessionOpening.Answer.class, TIMEOUT);
  }

  /** Ends the session. One short try: the supervisor finds out by itself, only later. */
  public Reply<Reply.Nothing> end(SessionEnd end) throws InterruptedException {
    return call("session/end", end, Reply.Nothing.class, LAST_WORD_TIMEOUT);
  }

  @Override
  public Reply<Claim.Answer> claim(Claim claim) throws InterruptedException {
    return call("claims", claim, Claim.Answer.class, TIMEOUT);
  }

  @Override
  public Reply<Sync.Answer> sync(Sync sync) throws InterruptedException {
    return call("sync", sync, Sync.Answer.class, TIMEOUT);
  }

  @Override
  public Reply<Heartbeat.Answer> heartbeat(Heartbeat heartbeat, Duration interval)
      throws InterruptedException {
    return call("heartbeat", heartbeat, Heartbeat.Answer.class, interval.plus(HEARTBEAT_TIMEOUT));
  }

  @Override
  public Reply<Bytes> script(AttemptId attempt, String claim) throws InterruptedException {
    var path = path(attempt, "script");
    var query = "?claim=" + URLEncoder.encode(claim, StandardCharsets.UTF_8);
    return send(path, request(path + query, TIMEOUT).GET(), SupervisorClient::bytes);
  }

  @Override
  public Reply<Reply.Nothing> started(AttemptId attempt, AttemptStarted started)
      throws InterruptedException {
    return call(path(attempt, "started"), started, Reply.Nothing.class, TIMEOUT);
  }

  @Override
  public Reply<OutputReport.Answer> output(AttemptId attempt, OutputReport report)
      throws InterruptedException {
    return call(path(attempt, "output"), report, OutputReport.Answer.class, TIMEOUT);
  }

  @Override
  public Reply<Reply.Nothing> progress(AttemptId attempt, ProgressReport report)
      throws InterruptedException {
    return call(path(attempt, "progress"), report, Reply.Nothing.class, TIMEOUT);
  }

  @Override
  public Reply<Reply.Nothing> end(AttemptId attempt, AttemptEnd end) throws InterruptedException {
    return call(path(attempt, "end"), end, Reply.Nothing.class, TIMEOUT);
  }

  @Override
  public Reply<Reply.Nothing> givenBack(AttemptId attempt, AttemptGivenBack givenBack)
      throws InterruptedException {
    return call(path(attempt, "given-back"), givenBack, Reply.Nothing.class, TIMEOUT);
  }

  @Override
  public boolean endsCarryOutput() {
    return false;
  }

  @Override
  public Reply<OutputReport.Answer> end(AttemptId attempt, OutputReport last, AttemptEnd end) {
    return new Reply.Unreachable<>("there is no call for both");
  }

  /**
   * Opens a WebSocket with the same credential. Like the calls, it may fail at any time.
   *
   * @param path below {@code /agent/v1}
   */
  CompletableFuture<WebSocket> open(String path, WebSocket.Listener listener) {
    var address = supervisor + "/agent/v1/" + path;
    // The schemes differ from those of HTTP in their first letters only: wss and https.
    var opening = http.newWebSocketBuilder().connectTimeout(TIMEOUT);
    credential.ifPresent(secret -> opening.header("Authorization", "Bearer " + secret.reveal()));
    return opening.buildAsync(URI.create("ws" + address.substring("http".length())), listener);
  }

  private static String path(AttemptId attempt, String what) {
    var job = URLEncoder.encode(attempt.job(), StandardCharsets.UTF_8);
    return "jobs/" + job + "/attempts/" + attempt.number() + "/" + what;
  }

  private <T> Reply<T> call(String path, Object message, Class<T> answer, Duration timeout)
      throws InterruptedException {
    var request =
        request(path, timeout)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(MessageJson.write(message)));
    return send(path, request, response -> parsed(response, answer));
  }

  private HttpRequest.Builder request(String path, Duration timeout) {
    var request =
        HttpRequest.newBuilder(URI.create(supervisor + "/agent/v1/" + path)).timeout(timeout);
    credential.ifPresent(secret -> request.header("Authorization", "Bearer " + secret.reveal()));
    return request;
  }

  private <T> Reply<T> send(
      String path, HttpRequest.Builder request, Function<HttpResponse<byte[]>, Reply<T>> parser)
      throws InterruptedException {
    try {
      var response =
          http.send(
              request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
      return logged(path, reply(response, parser));
    } catch (IOException e) {
      return logged(path, new Reply.Unreachable<>(IoReason.of(e)));
    }
  }

  private static <T> Reply<T> reply(
      HttpResponse<byte[]> response, Function<HttpResponse<byte[]>, Reply<T>> parser) {
    int status = response.statusCode();
    return status >= 200 && status < 300
        ? parser.apply(response)
        : refused(status, detail(response.body()));
  }

  /** What a status other than success means. */
  static <T> Reply<T> refused(int status, String detail) {
    return switch (status) {
      case 401 -> new Reply.CredentialRefused<>(detail);
      case 409, 410 -> new Reply.Fenced<>(status, detail);
      case 408, 425, 429 -> new Reply.Unreachable<>("HTTP " + status);
      default ->
          status >= 500
              ? new Reply.Unreachable<>("HTTP " + status)
              : new Reply.Faulty<>(status, detail);
    };
  }

  private static Reply<Bytes> bytes(HttpResponse<byte[]> response) {
    return new Reply.Taken<>(Bytes.of(response.body()));
  }

  private static <T> Reply<T> parsed(HttpResponse<byte[]> response, Class<T> answer) {
    if (answer == Reply.Nothing.class) {
      return new Reply.Taken<>(answer.cast(Reply.Nothing.NOTHING));
    }
    try {
      return new Reply.Taken<>(MessageJson.read(response.body(), answer));
    } catch (JacksonException e) {
      return new Reply.Faulty<>(
          response.statusCode(), "Invalid response: " + e.getOriginalMessage());
    }
  }

  /** The detail of an RFC 9457 problem; empty if the body is not one. */
  private static String detail(byte[] body) {
    try {
      var problem = MessageJson.mapper().readTree(body);
      @Nullable JsonNode text =
          problem.has("detail") ? problem.get("detail") : problem.get("title");
      if (text == null || !text.isString()) {
        return "";
      }
      var detail = text.asString();
      return detail.length() <= DETAIL_CHARACTERS ? detail : detail.substring(0, DETAIL_CHARACTERS);
    } catch (JacksonException e) {
      return "";
    }
  }

  /** Logs the begin and end of an outage, not every failed try. */
  private <T> Reply<T> logged(String path, Reply<T> reply) {
    if (reply instanceof Reply.Unreachable<T>(String why)) {
      if (reached.compareAndSet(true, false)) {
        log.warn(
            "{} is not reachable ({}: {}); running jobs continue, calls are retried",
            supervisor,
            path,
            why);
      }
    } else if (reached.compareAndSet(false, true)) {
      log.info("{} is reachable again", supervisor);
    }
    if (reply instanceof Reply.Faulty<T>(int status, String detail)) {
      log.error("{} rejected {} (HTTP {}): {}", supervisor, path, status, detail);
    }
    return reply;
  }
}
