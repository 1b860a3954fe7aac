package io.capataz.standalone.demo;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The supervisor's API as any client sees it: paths in, JSON out. */
final class Api {

  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final String address;
  private final Secret token;

  Api(String address, Secret token) {
    this.address = address;
    this.token = token;
  }

  JsonNode get(String path) throws InterruptedException {
    return json(signed(path).timeout(TIMEOUT).GET().build());
  }

  JsonNode post(String path, Map<String, ?> body) throws InterruptedException {
    return json(posted(signed(path), body));
  }

  /** Posts without the token: the path holds a secret key of its own. */
  JsonNode postUnsigned(String path, Map<String, ?> body) throws InterruptedException {
    return json(posted(to(path), body));
  }

  /** Reads one JSON object per line until the supervisor ends the answer. */
  void follow(String path, Consumer<JsonNode> each) throws InterruptedException {
    HttpRequest request = signed(path).setHeader("Accept", "application/x-ndjson").GET().build();
    try {
      HttpResponse<Stream<String>> answer =
          client.send(request, HttpResponse.BodyHandlers.ofLines());
      try (Stream<String> lines = answer.body()) {
        if (answer.statusCode() != 200) {
          throw refused(request, answer.statusCode(), String.join(" ", lines.toList()));
        }
        lines.filter(line -> !line.isBlank()).map(MessageJson.mapper()::readTree).forEach(each);
      }
    } catch (IOException e) {
      throw unreachable(request, e);
    }
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create(address + path))
        .setHeader("Accept", "application/json");
  }

  private HttpRequest.Builder signed(String path) {
    return to(path).setHeader("Authorization", "Bearer " + token.reveal());
  }

  private static HttpRequest posted(HttpRequest.Builder request, Map<String, ?> body) {
    return request
        .setHeader("Content-Type", "application/json")
        .timeout(TIMEOUT)
        .POST(HttpRequest.BodyPublishers.ofByteArray(MessageJson.write(body)))
        .build();
  }

  private JsonNode json(HttpRequest request) throws InterruptedException {
    try {
      HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        throw refused(request, answer.statusCode(), answer.body());
      }
      return MessageJson.mapper().readTree(answer.body());
    } catch (JacksonException e) {
      throw new Surprise(
          "%s %s did not answer with JSON: %s"
              .formatted(request.method(), route(request), e.getOriginalMessage()));
    } catch (IOException e) {
      throw unreachable(request, e);
    }
  }

  private static Surprise refused(HttpRequest request, int status, String body) {
    return new Surprise(
        "%s %s was answered with %d: %s"
            .formatted(request.method(), route(request), status, body.strip()));
  }

  private static Surprise unreachable(HttpRequest request, IOException e) {
    return new Surprise(
        "%s %s was not answered: %s".formatted(request.method(), route(request), e));
  }

  /** The path with its secret key left out. */
  private static String route(HttpRequest request) {
    return request.uri().getPath().replaceAll("/secret/[^/]+", "/secret/…");
  }
}
