package io.capataz.supervisor.console;

import io.capataz.common.secret.Secret;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;

/**
 * The cookies of the console. They are sent to {@code /console} only, so no route of the API ever
 * sees one, and no page of another site can use the API with them.
 *
 * <p>The session's cookie holds the key that the person signed in with: ending that key ends the
 * session. It is gone when the browser is closed.
 */
final class ConsoleCookie {

  private static final String PATH = "/console";
  private static final String SESSION = "capataz_session";
  private static final Pattern KEY = Pattern.compile("cpz_[a-z]{2}_[0-9A-Za-z]{65}");
  private static final Duration A_YEAR = Duration.ofDays(365);

  private ConsoleCookie() {}

  /** How a page looks; what the reader chose is kept in a cookie each. */
  enum Choice {
    THEME("capataz_theme", "light", "dark"),
    LANGUAGE("capataz_language", "en", "es");

    private final String cookie;
    private final String one;
    private final String other;

    Choice(String cookie, String one, String other) {
      this.cookie = cookie;
      this.one = one;
      this.other = other;
    }

    /** Its name in a form. */
    String field() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean knows(String value) {
      return value.equals(one) || value.equals(other);
    }
  }

  /** The key of the person who looks. */
  static Optional<Secret> session(HttpServletRequest request) {
    return named(request, SESSION).filter(KEY.asMatchPredicate()).map(Secret::of);
  }

  static void begin(HttpServletRequest request, HttpServletResponse response, Secret key) {
    add(
        response,
        ResponseCookie.from(SESSION, key.reveal())
            .path(PATH)
            .httpOnly(true)
            .secure(isSecure(request))
            // A link from a mail or a chat opens a page; it never changes anything.
            .sameSite("Lax")
            .build());
  }

  static void end(HttpServletRequest request, HttpServletResponse response) {
    add(
        response,
        ResponseCookie.from(SESSION, "")
            .path(PATH)
            .httpOnly(true)
            .secure(isSecure(request))
            .sameSite("Lax")
            .maxAge(Duration.ZERO)
            .build());
  }

  static Optional<String> chosen(HttpServletRequest request, Choice choice) {
    return named(request, choice.cookie).filter(choice::knows);
  }

  /** Keeps a choice; anything that is none forgets it. */
  static void choose(
      HttpServletRequest request, HttpServletResponse response, Choice choice, String value) {
    add(
        response,
        ResponseCookie.from(choice.cookie, choice.knows(value) ? value : "")
            .path(PATH)
            .httpOnly(true)
            .secure(isSecure(request))
            .sameSite("Lax")
            .maxAge(choice.knows(value) ? A_YEAR : Duration.ZERO)
            .build());
  }

  /**
   * What a form must send back with the session's cookie. A page of another site can have the
   * cookie sent, but cannot read it, and so cannot know this.
   */
  static String formToken(Secret session) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update("form ".getBytes(StandardCharsets.US_ASCII));
      return HexFormat.of()
          .formatHex(digest.digest(session.reveal().getBytes(StandardCharsets.US_ASCII)), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform supports SHA-256.", e);
    }
  }

  /** A proxy that says it encrypts can only make the cookie stricter. */
  private static boolean isSecure(HttpServletRequest request) {
    return request.isSecure() || "https".equals(request.getHeader("X-Forwarded-Proto"));
  }

  private static Optional<String> named(HttpServletRequest request, String name) {
    var cookies = request.getCookies();
    return (cookies == null ? Stream.<Cookie>empty() : Arrays.stream(cookies))
        .filter(cookie -> cookie.getName().equals(name))
        .map(Cookie::getValue)
        .findFirst();
  }

  private static void add(HttpServletResponse response, ResponseCookie cookie) {
    response.addHeader(HttpHeaders.SET_COOKIE, cookie.toString());
  }
}
