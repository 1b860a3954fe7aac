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
 * The one cookie there is: what a login through the provider must remember between its steps. It is
 * with the browser, so that any supervisor can take the next step, and that no other browser can;
 * and sealed by the vault, so that the browser can neither read it nor make one.
 *
 * <p>Where browsers come by https its name begins with {@code __Host-}: then it was set by this
 * host alone and not by a neighbour, who could else log somebody in as another. Such a name takes
 * the path {@code /}.
 */
final class LoginCookie {

  /** For how long somebody may look for their password at the provider. */
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
   * A login that has begun: the browser is at the provider.
   *
   * @param state comes back with the browser
   * @param nonce comes back in the token, hashed
   * @param verifier of PKCE: proves to the provider that who began is who asks for the token
   * @param customer the organization, where one was named
   * @param returnTo where the browser goes in the end
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
   * A login that is proven: the browser may show this code.
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

  /** Takes it from the browser. */
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
            // The provider sends the browser back from elsewhere, by a link: Strict would lose it.
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
