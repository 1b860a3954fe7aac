package io.capataz.supervisor.web;

import io.capataz.common.protocol.Bytes;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Bytes in a string (RFC 2397), the way in which seed 004's clients send files: {@code
 * data:text/csv;name=report.csv;base64,YSxiCg==}. Only base64 is accepted; it is the only form in
 * which bytes survive any transport.
 *
 * @param name the file's name as it was sent, decoded; null if there was none
 * @param content the bytes
 */
public record DataUrl(@Nullable String name, Bytes content) {

  /** The required form, for messages. */
  public static final String FORM = "data:<type>;base64,<bytes>";

  private static final String SCHEME = "data:";

  private static final Pattern TYPE = Pattern.compile("([^/;,\\s]+/[^/;,\\s]+)?");

  private static final Pattern ATTRIBUTE = Pattern.compile("[^=;,\\s]+=[^;,]*");

  private static final String NAME = "name=";

  /** Parses a data URL; empty if the string is none or malformed. */
  public static Optional<DataUrl> read(String text) {
    var comma = text.indexOf(',');
    if (comma < 0 || !text.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    var parts = Arrays.asList(text.substring(SCHEME.length(), comma).split(";", -1));
    var attributes = parts.subList(Math.min(1, parts.size() - 1), parts.size() - 1);
    if (parts.size() < 2
        || !parts.getLast().equalsIgnoreCase("base64")
        || !TYPE.matcher(parts.getFirst()).matches()
        || !attributes.stream().allMatch(part -> ATTRIBUTE.matcher(part).matches())) {
      return Optional.empty();
    }
    var name =
        attributes.stream()
            .filter(part -> part.regionMatches(true, 0, NAME, 0, NAME.length()))
            .findFirst()
            .map(part -> decoded(part.substring(NAME.length())));
    return bytes(text.substring(comma + 1)).map(content -> new DataUrl(name.orElse(null), content));
  }

  /** The bytes of a data URL or a plain base64 string. */
  static Optional<Bytes> bytesOf(String text) {
    return text.indexOf(':') < 0 ? bytes(text) : read(text).map(DataUrl::content);
  }

  private static Optional<Bytes> bytes(String base64) {
    try {
      return Optional.of(Bytes.of(Base64.getDecoder().decode(base64)));
    } catch (IllegalArgumentException broken) {
      return Optional.empty();
    }
  }

  /** Browsers percent-encode it, other clients may not. */
  private static String decoded(String name) {
    try {
      return StrictText.percentDecoded(name);
    } catch (ApiProblem notEncoded) {
      return name;
    }
  }
}
