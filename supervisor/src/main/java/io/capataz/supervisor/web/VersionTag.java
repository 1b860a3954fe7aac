package io.capataz.supervisor.web;

import java.util.Arrays;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;

/**
 * The version of an object, as its {@code ETag}. A client that sends it back in {@code If-Match}
 * changes the version it has seen, or nothing (RFC 9110).
 *
 * @param number the version
 */
public record VersionTag(long number) {

  private static final String ANY = "*";

  private static final Pattern FORM = Pattern.compile("(W/)?\"[\\x21\\x23-\\x7e]*\"");

  /** The tag as a header value. */
  public String text() {
    return "\"" + number + "\"";
  }

  /** A response that shows this version. */
  public <T> ResponseEntity<T> answer(T body) {
    return ResponseEntity.ok().eTag(text()).body(body);
  }

  /**
   * Rejects a change if the client has seen a different version.
   *
   * @param ifMatch the header; null: any version
   * @throws ApiProblem 412, or 400 if the header is none
   */
  public void check(@Nullable String ifMatch) {
    if (ifMatch == null || ifMatch.strip().equals(ANY)) {
      return;
    }
    var named = Arrays.stream(ifMatch.split(",", -1)).map(String::strip).toList();
    if (!named.stream().allMatch(tag -> FORM.matcher(tag).matches())) {
      throw ApiProblem.badRequest(
          "invalid_if_match",
          "If-Match must be an ETag from an earlier response, including the quotes.");
    }
    if (!named.contains(text())) {
      throw ApiProblem.changedSince(
          "The object has changed: its ETag is now "
              + text()
              + ". Read it again and repeat the change.");
    }
  }
}
