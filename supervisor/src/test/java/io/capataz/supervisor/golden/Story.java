package io.capataz.supervisor.golden;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.TestTokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Requests and their answers, in an organization of the story's own. They are written down, and at
 * the end compared with the golden file of the story's name.
 */
final class Story {

  /** Where the golden files are. */
  static final Path FILES = Path.of("src", "test", "resources", "golden");

  /** Headers that clients read. */
  private static final List<String> HEADERS =
      List.of(
          "Content-Type",
          "Content-Disposition",
          "Content-Range",
          "Location",
          "Link",
          "ETag",
          "Allow",
          "Idempotency-Replayed",
          "Preference-Applied",
          "WWW-Authenticate",
          "Retry-After");

  /** What is there a moment after the answer that is asked for, or not yet. */
  private static final Set<String> EVENTUAL = Set.of("announced");

  /** The number of a partition hangs on an id, an offset on what other tests announce. */
  private static final Pattern PLACE_ON_KAFKA =
      Pattern.compile("\"partition\": \\d+(?:(,\\s+\"offset\": )\\d+)?");

  private final String name;
  private final TestSupervisor supervisor;
  private final String owner;
  private final Placeholders placeholders = new Placeholders();
  private final StringBuilder told = new StringBuilder();
  private Set<String> leftOut = EVENTUAL;

  Story(String name, TestSupervisor supervisor) {
    this.name = name;
    this.supervisor = supervisor;
    this.owner = token(Role.OWNER);
  }

  /** The organization's name. */
  String org() {
    return "golden-" + name;
  }

  String owner() {
    return owner;
  }

  /** A new integration token. */
  String token(Role role) {
    return TestTokens.issue(supervisor, org(), role);
  }

  /** Somebody of the role user, who has logged in. */
  String person(String email) {
    var password = "correct horse battery";
    quietly(
        "POST",
        "~/member",
        json("{'email': '%s', 'role': 'user', 'password': '%s'}", email, password));
    var login = json("{'email': '%s', 'password': '%s', 'customer': '%s'}", email, password, org());
    return ask("", "POST", "/login", login).text("/access_token");
  }

  /** From here on, what comes a moment later is shown too: it is known to be there. */
  void showEventual(boolean shown) {
    leftOut = shown ? Set.of() : EVENTUAL;
  }

  /** JSON with quotes that need no escapes in Java. */
  static String json(String text, Object... values) {
    return text.replace('\'', '"').formatted(values);
  }

  /** Asks without writing it down; a path of {@code ~/task} is one of this organization. */
  Answer ask(String bearer, String method, String path, @Nullable String body, String... headers) {
    var request = supervisor.request(path.startsWith("~") ? "/" + org() + path.substring(1) : path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    if (!bearer.isEmpty()) {
      request.header("Authorization", "Bearer " + bearer);
    }
    if (body != null && !List.of(headers).contains("Content-Type")) {
      request.header("Content-Type", "application/json");
    }
    return supervisor.send(
        request.method(
            method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body)));
  }

  /** Asks as the owner, without writing it down, and wants a success. */
  JsonNode quietly(String method, String path, @Nullable String body) {
    var answer = ask(owner, method, path, body);
    assertThat(answer.status()).describedAs(path + ": " + answer.raw().body()).isBetween(200, 299);
    return answer.body();
  }

  /** Asks as the owner, and writes it down. */
  Answer tell(String what, String method, String path, String... headers) {
    return tellAs(owner, what, method, path, null, headers);
  }

  /** Sends JSON as the owner, and writes it down. */
  Answer tellOf(String what, String method, String path, String body, String... headers) {
    return tellAs(owner, what, method, path, body, headers);
  }

  /** Asks with a bearer token, unless it is empty, and writes it down. */
  Answer tellAs(
      String bearer,
      String what,
      String method,
      String path,
      @Nullable String body,
      String... headers) {
    var answer = ask(bearer, method, path, body, headers);
    told.append("### ").append(what).append('\n');
    told.append(placeholders.in(method + " " + path.replace("~", "/" + org()))).append("\n\n");
    told.append(answer.status()).append('\n');
    for (var header : HEADERS) {
      for (var value : answer.raw().headers().allValues(header)) {
        // The methods come in any order.
        var shown = header.equals("Allow") ? sorted(value) : value;
        told.append(placeholders.in(header + ": " + shown)).append('\n');
      }
    }
    told.append('\n').append(placeholders.in(body(answer))).append("\n\n");
    return answer;
  }

  private static String sorted(String list) {
    return Stream.of(list.split(", ", -1)).sorted().collect(Collectors.joining(", "));
  }

  private String body(Answer answer) {
    var text = answer.raw().body();
    return answer.body().isMissingNode()
        ? text.strip()
        : PLACE_ON_KAFKA
            .matcher(PlainJson.laidOut(text, leftOut))
            .replaceAll(
                found ->
                    found.group(1) == null
                        ? "\"partition\": 0"
                        : "\"partition\": 0" + found.group(1) + "0");
  }

  /** Compares what was told with the golden file, or writes that with {@code -Ddocs.write=true}. */
  void end() {
    var golden = FILES.resolve(name + ".txt");
    var actual = Path.of("target", "golden", name + ".txt");
    try {
      for (var file :
          Boolean.getBoolean("docs.write") ? List.of(golden, actual) : List.of(actual)) {
        Files.createDirectories(file.getParent());
        Files.writeString(file, told.toString().strip() + "\n");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(actual)
        .describedAs(
            "The wire has changed. If that is meant, write the golden files with -Ddocs.write=true"
                + " and look at their diff.")
        .hasSameTextualContentAs(golden);
  }

  /** An exchange as a golden file has it. */
  record Exchange(String method, String path, int status, JsonNode body) {}

  /** The exchanges of all golden files; where an answer is not JSON, its body is missing. */
  static List<Exchange> written() throws IOException {
    var exchanges = new ArrayList<Exchange>();
    try (var files = Files.list(FILES)) {
      for (var file : files.toList()) {
        for (var text : Files.readString(file).split("(?m)^### ", -1)) {
          var parts = text.split("\n\n", 3);
          if (parts.length > 1) {
            var request = parts[0].lines().toList().getLast().split(" ", 2);
            exchanges.add(
                new Exchange(
                    request[0],
                    request[1].replaceAll("\\?.*", ""),
                    Integer.parseInt(parts[1].substring(0, 3)),
                    body(parts)));
          }
        }
      }
    }
    return exchanges;
  }

  private static JsonNode body(String[] parts) {
    var isJson = parts[1].contains("json") && !parts[1].contains("ndjson");
    return isJson && parts.length == 3 && !parts[2].isBlank()
        ? MessageJson.mapper().readTree(parts[2].replace("<seconds>", "1"))
        : MessageJson.mapper().missingNode();
  }
}
