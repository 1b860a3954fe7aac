package io.capataz.supervisor.task;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.TypeAlias;

/**
 * Makes an HTTP call from the supervisor. In {@code url}, {@code headers} and {@code body}, {@code
 * {{label}}} stands for the argument of the parameter with that label.
 *
 * @param headers in a job, masked values are sealed
 * @param maskedHeaders the names of the headers whose values are secrets
 * @param body null: none
 * @param expected what makes the call a success
 * @param keepBody whether the body of the response becomes part of the result
 * @param redirects how many are followed
 */
@TypeAlias("call_http")
public record CallHttp(
    String method,
    String url,
    Map<String, String> headers,
    List<String> maskedHeaders,
    @Nullable String body,
    Expected expected,
    boolean keepBody,
    int redirects)
    implements Action {

  private static final String HEADERS = "headers/";

  public CallHttp {
    headers = Map.copyOf(headers);
    maskedHeaders = List.copyOf(maskedHeaders);
  }

  /**
   * What makes a call a success.
   *
   * @param status a regular expression that the whole status must match; null: 200 to 299
   * @param pattern a regular expression that must be found in the body; null: anything will do
   */
  public record Expected(@Nullable String status, @Nullable String pattern) {}

  /** The masked headers, by names such as {@code headers/Authorization}. */
  Map<String, String> secretHeaders() {
    return maskedHeaders.stream()
        .filter(headers::containsKey)
        .collect(
            Collectors.toMap(
                name -> HEADERS + name, name -> Objects.requireNonNull(headers.get(name))));
  }

  /** The same with other values of the masked headers. */
  CallHttp withSecretHeaders(Map<String, String> others) {
    var values = new HashMap<>(headers);
    others.forEach((name, value) -> values.put(name.substring(HEADERS.length()), value));
    return new CallHttp(method, url, values, maskedHeaders, body, expected, keepBody, redirects);
  }

  /** About how many bytes its texts have. */
  long length() {
    return url.length()
        + headers.values().stream().mapToLong(String::length).sum()
        + (body == null ? 0 : body.length());
  }
}
