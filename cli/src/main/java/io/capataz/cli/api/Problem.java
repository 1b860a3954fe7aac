package io.capataz.cli.api;

import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A refusal of the API (RFC 9457) in words, with what to do next. */
final class Problem {

  private static final int LONGEST = 256 * 1024;

  private Problem() {}

  static Failure of(HttpResponse<InputStream> response, URI url) {
    Optional<JsonNode> problem = read(response);
    if (problem.isEmpty()) {
      return stranger(response.statusCode(), url);
    }
    List<String> lines = new ArrayList<>();
    lines.add(sentence(response, problem.get(), url));
    problem.get().path("errors").forEach(error -> lines.add("  " + field(error)));
    return new Failure(exitCode(response.statusCode()), String.join("\n", lines));
  }

  private static Optional<JsonNode> read(HttpResponse<InputStream> response) {
    try (InputStream body = response.body()) {
      JsonNode problem = MessageJson.mapper().readTree(body.readNBytes(LONGEST));
      return Optional.of(problem).filter(it -> it.hasNonNull("title"));
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }

  private static String sentence(HttpResponse<InputStream> response, JsonNode problem, URI url) {
    String detail = problem.path("detail").asString(problem.path("title").asString(""));
    return switch (response.statusCode()) {
      case 401 -> detail + " Log in again: capataz login --url " + url;
      case 429 ->
          response
              .headers()
              .firstValue("Retry-After")
              .map(seconds -> detail + " Try again in " + seconds + " s.")
              .orElse(detail);
      case 412 -> detail + " Run the command again to apply it to what is there now.";
      case 500 ->
          "The supervisor had a fault. Its log has the reason under the request id "
              + response.headers().firstValue("X-Request-Id").orElse("of this call")
              + ".";
      default -> detail;
    };
  }

  private static String field(JsonNode error) {
    String pointer = error.path("pointer").asString("");
    String detail = error.path("detail").asString("");
    return pointer.isEmpty() ? detail : pointer.substring(1) + ": " + detail;
  }

  private static Failure stranger(int status, URI url) {
    return new Failure(
        exitCode(status),
        "%s answered with status %d, but not as Capataz does. A proxy may be in between, or the URL"
                .formatted(url, status)
            + " is another service's.");
  }

  private static int exitCode(int status) {
    return switch (status) {
      case 400, 413, 415, 422 -> ExitCode.USAGE;
      case 401, 403 -> ExitCode.NOT_ALLOWED;
      case 404, 410 -> ExitCode.NOT_FOUND;
      case 409, 412 -> ExitCode.CONFLICT;
      case 502, 503, 504 -> ExitCode.UNREACHABLE;
      default -> ExitCode.FAILED;
    };
  }
}
