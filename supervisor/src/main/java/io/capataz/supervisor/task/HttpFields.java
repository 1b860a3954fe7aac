package io.capataz.supervisor.task;

import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.parameter.Regexp;
import io.capataz.supervisor.task.CallHttp.Expected;
import io.capataz.supervisor.web.FieldReader;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what an HTTP task calls. */
final class HttpFields {

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  private static final Pattern URL = Pattern.compile("(?i)https?://[^/?#\\s@]+([/?#]\\S*)?");

  /** A token of RFC 9110. */
  private static final Pattern HEADER = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}");

  /** What the call itself decides. */
  private static final Set<String> OWN =
      Set.of(
          "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer");

  private static final int LONGEST = 64 * 1024;
  private static final int MOST_HEADERS = 50;
  private static final int MOST_REDIRECTS = 10;

  private HttpFields() {}

  static CallHttp read(FieldReader fields, List<Parameter> parameters, @Nullable Task current) {
    var url = fields.requiredText("url", 2_000);
    var method = fields.text("method", 10).orElse("GET").toUpperCase(Locale.ROOT);
    if (!METHODS.contains(method)) {
      fields.wrong(
          "method", "unknown_word", "must be one of " + String.join(", ", sorted(METHODS)) + ".");
    }
    checkUrl(fields, url);
    var headers = headers(fields);
    var masked = maskedHeaders(fields, headers);
    var body = fields.textOrNothing("body", LONGEST);
    var labels = new HashSet<String>();
    parameters.forEach(parameter -> labels.add(parameter.label()));
    checkPlaces(fields, "url", url, labels);
    headers.forEach((name, value) -> checkPlaces(fields, "headers/" + name, value, labels));
    body.ifPresent(text -> checkPlaces(fields, "body", text, labels));
    return new CallHttp(
        method,
        url,
        Masks.lifted(fields, "headers", headers, masked, current),
        masked,
        body.orElse(null),
        expected(fields),
        fields.truth("register_body").orElse(true),
        (int) fields.whole("max_redirects", 0, MOST_REDIRECTS).orElse(0));
  }

  private static List<String> sorted(Set<String> words) {
    return words.stream().sorted().toList();
  }

  /** The host is not for a run to choose. */
  private static void checkUrl(FieldReader fields, String url) {
    if (url.isEmpty()) {
      return;
    }
    if (!URL.matcher(url).matches()) {
      fields.wrong(
          "url",
          "wrong_form",
          "must be a URL such as https://example.org/path, without a user and without blanks.");
    } else if (!Placeholders.labels(url.replaceAll("^([^/]*//[^/?#]*).*", "$1")).isEmpty()) {
      fields.wrong("url", "wrong_form", "must have a fixed host: arguments may follow after it.");
    }
  }

  private static Map<String, String> headers(FieldReader fields) {
    var headers = fields.textMapOrLines("headers", MOST_HEADERS, 8_000);
    headers.forEach(
        (name, value) -> {
          if (!HEADER.matcher(name).matches()) {
            fields.wrong("headers/" + name, "invalid_name", "must be the name of a header.");
          } else if (OWN.contains(name.toLowerCase(Locale.ROOT))) {
            fields.wrong("headers/" + name, "not_settable", "must be left out.");
          } else if (value.chars().anyMatch(c -> c < ' ' && c != '\t')) {
            fields.wrong("headers/" + name, "wrong_form", "must be one line.");
          }
        });
    return headers;
  }

  private static List<String> maskedHeaders(FieldReader fields, Map<String, String> headers) {
    var masked = fields.names("masked_headers", MOST_HEADERS, 100).orElse(List.of());
    for (var i = 0; i < masked.size(); i++) {
      if (!headers.containsKey(masked.get(i))) {
        fields.wrong("masked_headers/" + i, "not_found", "must be the name of one of headers.");
      }
    }
    return masked;
  }

  static void checkPlaces(FieldReader fields, String name, String text, Set<String> labels) {
    Placeholders.labels(text).stream()
        .filter(label -> !labels.contains(label))
        .findFirst()
        .ifPresent(
            label ->
                fields.wrong(
                    name,
                    "not_found",
                    "must name only labels of task_arguments between {{ and }}, not '"
                        + label
                        + "'."));
  }

  private static Expected expected(FieldReader fields) {
    var status =
        fields.isText("status_code")
            ? fields.textOrNothing("status_code", 100)
            : statusNumber(fields);
    var parser = fields.textOrNothing("parser", 20);
    parser
        .filter(word -> !word.equals("pattern"))
        .ifPresent(_ -> fields.wrong("parser", "unknown_word", "must be pattern or left out."));
    var pattern = fields.textOrNothing("pattern", 1_000);
    status.ifPresent(text -> checkPattern(fields, "status_code", text));
    pattern.ifPresent(text -> checkPattern(fields, "pattern", text));
    return new Expected(status.orElse(null), pattern.orElse(null));
  }

  private static Optional<String> statusNumber(FieldReader fields) {
    var status = fields.whole("status_code", 100, 599);
    return status.isPresent() ? Optional.of(String.valueOf(status.getAsLong())) : Optional.empty();
  }

  private static void checkPattern(FieldReader fields, String name, String text) {
    Regexp.flaw(text).ifPresent(flaw -> fields.wrong(name, "invalid_pattern", flaw));
  }
}
