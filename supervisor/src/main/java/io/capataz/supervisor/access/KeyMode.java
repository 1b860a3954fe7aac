package io.capataz.supervisor.access;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/**
 * How the clients of seed 001's system present a key: as a Bearer token, or as the user of Basic
 * authentication with an empty password. {@code live_} or {@code test_} before it says whether what
 * they make is real.
 */
public enum KeyMode {
  LIVE,
  TEST;

  private static final String BASIC = "Basic ";

  private static final String BEARER = "Bearer ";

  private String prefix() {
    return name().toLowerCase(Locale.ROOT) + "_";
  }

  /** The token in an {@code Authorization} header; empty if it has another form. */
  static Optional<String> token(String header) {
    return shown(header).map(KeyMode::withoutPrefix);
  }

  private static String withoutPrefix(String key) {
    for (var mode : values()) {
      if (key.startsWith(mode.prefix())) {
        return key.substring(mode.prefix().length());
      }
    }
    return key;
  }

  private static Optional<String> shown(String header) {
    if (header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return Optional.of(header.substring(BEARER.length()).strip());
    }
    return header.regionMatches(true, 0, BASIC, 0, BASIC.length())
        ? user(header.substring(BASIC.length()).strip())
        : Optional.empty();
  }

  private static Optional<String> user(String encoded) {
    try {
      var text = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
      return text.endsWith(":")
          ? Optional.of(text.substring(0, text.length() - 1))
          : Optional.empty();
    } catch (IllegalArgumentException noBase64) {
      return Optional.empty();
    }
  }

  /** What the key of a request says; live unless it says otherwise. */
  public static KeyMode of(HttpServletRequest request) {
    return Optional.ofNullable(request.getHeader("Authorization"))
        .flatMap(KeyMode::shown)
        .filter(key -> key.startsWith(TEST.prefix()))
        .map(_ -> TEST)
        .orElse(LIVE);
  }
}
