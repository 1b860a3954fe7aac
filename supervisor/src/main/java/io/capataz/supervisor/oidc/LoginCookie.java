package io.capataz.supervisor.oidc;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.vault.CannotOpen;
import io.capataz.supervisor.vault.Sealed;
import io.capataz.supervisor.vault.Vault;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import tools.jackson.core.JacksonException;

/**
 * The only cookie: the state of a login through the provider between its steps. It is kept in the
 * browser, so that any supervisor can handle the next step and no other browser can; and it is
 * sealed by the vault, so that the browser can neither read nor forge it.
 *
 * <p>Where browsers use https its name begins with {@code __Host-}: then it was set by this host
 * and not by a neighbouring one, which could otherwise log somebody in as another person. Such a
 * name requires the path {@code /}.
 */
final class LoginCookie {

  /** How long a person may take to log in at the provider. */
  static final Duration LIFE = Duration.ofMinutes(10);

  private static final String BEGUN = Vault.context("", "login", "oidc", "begun");
  private static final String DONE = Vault.context("", "login", "oidc", "done");

  private final Vault vault;
  private final InstantSource clock;
  private final boolean secure;
  private final String name;

  LoginCookie(Vault vault, InstantSource clock, boolean secure) {
    this.vault = vault;
    this.clock = clock;
    this.secure = secure;
    this.name = secure ? "__Host-capataz_login" : "capataz_login";
  }

  /**
   * A login in progress: the browser is at the provider.
   *
   * @param state returned with the browser
   * @param nonce returned in the token, hashed
   * @param verifier the PKCE verifier: proves to the provider that the token is requested by
   *     whoever started the login
   * @param customer the organization, if specified
   * @param returnTo the final destination of the browser
   * @param until in seconds of the epoch
   */
  record Begun(
      String state,
      String nonce,
      String verifier,
      @Nullable String customer,
      String returnTo,
      long until) {}

  /**
   * A completed login: the browser may present this code.
   *
   * @param code its public part
   * @param until in seconds of the epoch
   */
  record Done(String code, long until) {}

  void set(HttpServletResponse response, Begun begun) {
    set(response, BEGUN, begun, LIFE);
  }

  void set(HttpServletResponse response, Done done) {
    set(response, DONE, done, LoginCodes.LIFE);
  }

  /** Removes it from the browser. */
  void end(HttpServletResponse response) {
    set(response, "", Duration.ZERO);
  }

  Optional<Begun> begun(HttpServletRequest request) {
    return opened(BEGUN, Begun.class, request).filter(begun -> isYet(begun.until()));
  }

  Optional<Done> done(HttpServletRequest request) {
    return opened(DONE, Done.class, request).filter(done -> isYet(done.until()));
  }

  private boolean isYet(long until) {
    return clock.instant().isBefore(Instant.ofEpochSecond(until));
  }

  private void set(HttpServletResponse response, String context, Object content, Duration life) {
    set(response, vault.sealBytes(context, Bytes.of(MessageJson.write(content))).text(), life);
  }

  private void set(HttpServletResponse response, String value, Duration life) {
    response.setHeader(
        HttpHeaders.SET_COOKIE,
        ResponseCookie.from(name, value)
            .path("/")
            .maxAge(life)
            .httpOnly(true)
            .secure(secure)
            // The provider redirects the browser from another site; Strict would drop the cookie.
            .sameSite("Lax")
            .build()
            .toString());
  }

  private <T> Optional<T> opened(String context, Class<T> type, HttpServletRequest request) {
    var cookies = request.getCookies();
    return (cookies == null ? Stream.<Cookie>empty() : Arrays.stream(cookies))
        .filter(cookie -> cookie.getName().equals(name))
        .findFirst()
        .flatMap(cookie -> Sealed.read(cookie.getValue()))
        .flatMap(box -> opened(context, type, box));
  }

  private <T> Optional<T> opened(String context, Class<T> type, Sealed box) {
    try {
      return Optional.of(MessageJson.read(vault.openBytes(context, box).toArray(), type));
    } catch (CannotOpen | JacksonException notOurs) {
      return Optional.empty();
    }
  }
}
