package io.capataz.e2e;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a client says to the supervisors of a {@link Fleet}. A supervisor that is away or has no
 * store is not the end: the next try goes to the next one.
 */
final class Api implements AutoCloseable {

  static final String CUSTOMER = "default";

  static final String FORM = "application/x-www-form-urlencoded";

  /** Escapes, so that it can also say what is no text. */
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private static final Duration ONE_TRY = Duration.ofSeconds(30);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final List<URI> supervisors;
  private final String token;
  private final AtomicInteger turn = new AtomicInteger();
  private final Map<String, Integer> troubles = new TreeMap<>();

  Api(List<URI> supervisors, String token) {
    this.supervisors = List.copyOf(supervisors);
    this.token = token;
  }

  List<URI> supervisors() {
    return supervisors;
  }

  /** The owner's token. */
  String token() {
    return token;
  }

  /** An answer of whatever status. */
  static final class Answer {

    private final int status;
    private final byte[] body;

    private Answer(int status, byte[] body) {
      this.status = status;
      this.body = body;
    }

    int status() {
      return status;
    }

    boolean isSuccess() {
      return status / 100 == 2;
    }

    /** Whether the same may be asked again with better luck. */
    boolean isTrouble() {
      return status >= 500;
    }

    JsonNode json() {
      return JSON.readTree(body);
    }

    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /**
   * What is asked; a path with a secret key or a token in it goes without the owner's token. The
   * body is sent as JSON, or, if the headers say {@link #FORM}, as a form of lists.
   */
  record Question(
      String method, String path, @Nullable Map<String, ?> body, Map<String, String> headers) {

    static Question get(String path) {
      return new Question("GET", path, null, Map.of());
    }

    static Question post(String path, Map<String, ?> body) {
      return new Question("POST", path, body, Map.of());
    }

    static Question put(String path) {
      return new Question("PUT", path, null, Map.of());
    }

    Question with(String header, String value) {
      return new Question(method, path, body, Map.of(header, value));
    }
  }

  JsonNode get(String path) {
    return ask(Question.get(path)).json();
  }

  JsonNode post(String path, Map<String, ?> body) {
    return ask(Question.post(path, body)).json();
  }

  JsonNode job(String id) {
    return get("/" + CUSTOMER + "/job/" + id);
  }

  /** What is stored of what a job's last attempt printed. */
  String output(String job) {
    return ask(Question.get("/%s/job/%s/output".formatted(CUSTOMER, job))
            .with("Accept", "text/plain"))
        .text();
  }

  /** Asks until there is an answer; one that is no success is a failure of the test. */
  Answer ask(Question question) {
    Answer answer =
        Awaitility.await(question.method() + " " + question.path())
            .pollInSameThread()
            .pollDelay(Duration.ZERO)
            .pollInterval(Duration.ofMillis(200))
            .atMost(PATIENCE)
            .until(() -> tryOnce(question), tried -> tried.filter(a -> !a.isTrouble()).isPresent())
            .orElseThrow();
    if (!answer.isSuccess()) {
      throw new AssertionError(
          "%s %s: %d %s"
              .formatted(question.method(), question.path(), answer.status(), answer.text()));
    }
    return answer;
  }

  /** One try, at the supervisor whose turn it is. */
  Optional<Answer> tryOnce(Question question) {
    return tryOnce(question, Math.floorMod(turn.getAndIncrement(), supervisors.size()));
  }

  /** One try at one supervisor; empty if there was no answer. */
  Optional<Answer> tryOnce(Question question, int supervisor) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(supervisors.get(supervisor) + question.path()))
            .setHeader("Accept", "application/json")
            .timeout(ONE_TRY)
            .method(
                question.method(),
                question.body() == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofByteArray(bytes(question)));
    if (question.body() != null) {
      request.setHeader("Content-Type", "application/json");
    }
    if (!question.path().contains("/secret/") && !question.path().contains("access_token=")) {
      request.setHeader("Authorization", "Bearer " + token);
    }
    question.headers().forEach(request::setHeader);
    try {
      HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
      if (response.statusCode() >= 500) {
        count(question.method() + " " + response.statusCode());
      }
      return Optional.of(new Answer(response.statusCode(), response.body()));
    } catch (IOException e) {
      count(question.method() + " " + e.getClass().getSimpleName());
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("Nobody waits for the answer any more.");
    }
  }

  private static byte[] bytes(Question question) {
    if (!FORM.equals(question.headers().get("Content-Type"))) {
      return JSON.writeValueAsBytes(question.body());
    }
    StringJoiner form = new StringJoiner("&");
    requireNonNull(question.body())
        .forEach(
            (name, values) ->
                ((List<?>) values)
                    .forEach(
                        value ->
                            form.add(
                                name
                                    + "%5B%5D="
                                    + URLEncoder.encode((String) value, StandardCharsets.UTF_8))));
    return form.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private synchronized void count(String trouble) {
    troubles.merge(trouble, 1, Integer::sum);
  }

  /** How often there was no answer, or one that blames the supervisor. */
  synchronized Map<String, Integer> troubles() {
    return new TreeMap<>(troubles);
  }

  @Override
  public void close() {
    client.close();
  }
}
