package io.capataz.cli.api;

import io.capataz.cli.context.Access;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The API of one supervisor, as one caller sees it. Answers that are not a success become a {@link
 * Failure} in words.
 */
public final class Api {

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final int TRIES = 4;

  /** So many may be asked for in every list; longer ones have pages of the supervisor's size. */
  private static final int SMALL_PAGE = 20;

  private final Access access;
  private final HttpClient client;

  public Api(Access access, HttpClient client) {
    this.access = access;
    this.client = client;
  }

  /** Ready for calls to the supervisor of {@code access}. */
  public static Api of(Access access) {
    return new Api(access, Clients.of(access.url()));
  }

  public String organization() {
    return access.organization();
  }

  /** The path of something that belongs to the organization. */
  public String own(String path) {
    return "/" + encoded(access.organization()) + path;
  }

  /** A word as part of a path or a query. */
  public static String encoded(String word) {
    return URLEncoder.encode(word, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** Reads something of the organization. */
  public JsonNode get(String path) {
    return call("GET", own(path), null, Map.of());
  }

  /** Reads something of the organization, unless it is not there. */
  public Optional<JsonNode> find(String path) {
    try {
      return Optional.of(get(path));
    } catch (Failure e) {
      if (e.code() == ExitCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Reads something of the organization that is not JSON, such as output. */
  public InputStream bytes(String path) {
    return open("GET", own(path), null, Map.of("Accept", "text/plain, */*")).body();
  }

  /** Changes something of the organization. */
  public JsonNode send(String method, String path, @Nullable JsonNode body) {
    return call(method, own(path), body, Map.of());
  }

  /**
   * Does a call that must be done once, although its answer may be lost: it is repeated under the
   * same key.
   */
  public JsonNode sendOnce(String path, JsonNode body, String key) {
    Map<String, String> headers = Map.of("Idempotency-Key", key);
    for (int left = TRIES - 1; left > 0; left--) {
      try {
        return call("POST", own(path), body, headers);
      } catch (Failure e) {
        if (e.code() != ExitCode.UNREACHABLE) {
          throw e;
        }
        Naps.take(Duration.ofMillis(500L * (TRIES - left)));
      }
    }
    return call("POST", own(path), body, headers);
  }

  /**
   * A whole list of the organization, or its first items.
   *
   * @param path with its query, if any
   */
  public List<JsonNode> all(String path, int most) {
    List<JsonNode> items = new ArrayList<>();
    String start = most <= SMALL_PAGE ? with(path, "limit=" + most) : path;
    String next = start;
    do {
      HttpResponse<InputStream> page = open("GET", own(next), null, Map.of());
      read(page).forEach(items::add);
      next =
          page.headers()
              .firstValue("X-Next-Cursor")
              .map(cursor -> with(start, "cursor=" + encoded(cursor)))
              .orElse("");
    } while (!next.isEmpty() && items.size() < most);
    return items.size() > most ? items.subList(0, most) : items;
  }

  private static String with(String path, String parameter) {
    return path + (path.contains("?") ? "&" : "?") + parameter;
  }

  /** Makes a call, and reads its answer as JSON. */
  public JsonNode call(
      String method, String path, @Nullable JsonNode body, Map<String, String> headers) {
    return read(open(method, path, body, headers));
  }

  /**
   * Makes a call and leaves its body to be read.
   *
   * @throws Failure if the answer is neither a success nor a redirection
   */
  public HttpResponse<InputStream> open(
      String method, String path, @Nullable JsonNode body, Map<String, String> headers) {
    HttpResponse<InputStream> response = exchange(method, path, body, headers);
    if (response.statusCode() >= 400) {
      throw Problem.of(response, access.url());
    }
    return response;
  }

  /** The answer to a call, whatever it is. */
  HttpResponse<InputStream> exchange(
      String method, String path, @Nullable JsonNode body, Map<String, String> headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(access.url() + path))
            .timeout(PATIENCE)
            .setHeader("Accept", "application/json")
            .setHeader("Authorization", "Bearer " + access.token().reveal());
    headers.forEach(request::setHeader);
    if (body != null) {
      request.setHeader("Content-Type", "application/json");
    }
    BodyPublisher sent =
        body == null
            ? BodyPublishers.noBody()
            : BodyPublishers.ofByteArray(MessageJson.write(body));
    try {
      return client.send(request.method(method, sent).build(), BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new Failure(ExitCode.UNREACHABLE, Clients.unreachable(access.url(), e));
    } catch (InterruptedException e) {
      throw Naps.interrupted();
    }
  }

  private JsonNode read(HttpResponse<InputStream> response) {
    try (InputStream body = response.body()) {
      byte[] bytes = body.readAllBytes();
      return bytes.length == 0
          ? MessageJson.mapper().createObjectNode()
          : MessageJson.mapper().readTree(bytes);
    } catch (IOException e) {
      throw new Failure(ExitCode.UNREACHABLE, Clients.unreachable(access.url(), e));
    } catch (JacksonException e) {
      throw new Failure(
          ExitCode.FAILED,
          "%s did not answer in JSON. Is it the address of a Capataz supervisor?"
              .formatted(access.url()));
    }
  }
}
