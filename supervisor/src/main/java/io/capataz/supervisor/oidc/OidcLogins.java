package io.capataz.supervisor.oidc;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Addresses;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.RateLimits;
import io.capataz.supervisor.access.RateLimits.Limit;
import io.capataz.supervisor.member.Member;
import io.capataz.supervisor.member.Members;
import io.capataz.supervisor.vault.Vault;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Authenticates people through the organization's provider. This does not create members: unknown
 * and disabled members get the same response.
 */
@Component
class OidcLogins {

  private static final Pattern ERROR_CODE = Pattern.compile("[a-z_]{1,50}");

  private final Members members;
  private final LoginCodes codes;
  private final RateLimits limits;
  private final Addresses addresses;
  private final InstantSource clock;
  private final LoginCookie cookie;

  /** Null: no provider is configured, and nothing of the library is loaded. */
  private final @Nullable OidcProvider provider;

  OidcLogins(
      OidcSettings settings,
      Vault vault,
      InstantSource clock,
      Members members,
      LoginCodes codes,
      RateLimits limits,
      Addresses addresses) {
    this.members = members;
    this.codes = codes;
    this.limits = limits;
    this.addresses = addresses;
    this.clock = clock;
    this.cookie = new LoginCookie(vault, clock, settings.comesByHttps());
    this.provider =
        settings.issuer() == null ? null : new OidcProvider(settings, settings.issuer(), clock);
  }

  /**
   * A login proven by the provider.
   *
   * @param returnTo the destination of the browser
   * @param code the code it may present there; available only here
   */
  record Done(String returnTo, Secret code) {}

  /**
   * @throws ApiProblem 404 if there is no provider
   */
  OidcProvider mustBeOn() {
    if (provider == null) {
      throw ApiProblem.notSetUp(
          "oidc_off",
          "No OpenID Connect provider is configured. Log in with a password, or ask an"
              + " administrator to"
              + " set capataz.oidc.issuer.");
    }
    return provider;
  }

  /** Starts a login; returns where to redirect the browser. */
  URI begin(Optional<String> customer, String returnTo, HttpServletResponse response) {
    var asked = mustBeOn().ask();
    cookie.set(
        response,
        new LoginCookie.Begun(
            asked.state(),
            asked.nonce(),
            asked.verifier(),
            customer.orElse(null),
            returnTo,
            clock.instant().plus(LoginCookie.LIFE).getEpochSecond()));
    return asked.to();
  }

  /**
   * Handles a browser returning from the provider.
   *
   * @throws ApiProblem 400 if the browser did not start this login, 401 if nobody is authenticated,
   *     429 after too many failures, 503 if the provider is unavailable or its response is invalid
   */
  Done comeBack(
      Optional<String> state,
      Optional<String> code,
      Optional<String> error,
      HttpServletRequest request,
      HttpServletResponse response) {
    var asked = mustBeOn();
    var address = addresses.of(request);
    limits.take(Limit.LOGIN, address, response);
    var begun =
        cookie
            .begun(request)
            .filter(kept -> state.isPresent() && same(kept.state(), state.get()))
            .orElseThrow(
                () ->
                    ApiProblem.badRequest(
                        "oidc_state",
                        "This login was not started in this browser, was started more than ten"
                            + " minutes"
                            + " ago, or was replaced by a newer one. Start again at /login/oidc."));
    // From here on the state is consumed, whatever the result.
    cookie.end(response);
    if (error.isPresent() || code.isEmpty() || code.get().isBlank()) {
      throw ApiProblem.unauthorized(
          "oidc_refused",
          "The provider did not log you in"
              + error
                  .filter(ERROR_CODE.asMatchPredicate())
                  .map(text -> " (" + text + ")")
                  .orElse("")
              + ". Start again at /login/oidc.");
    }
    var identity = asked.identify(begun, code.get());
    var meant =
        identity
            .email()
            .map(email -> email.toLowerCase(Locale.ROOT))
            .flatMap(email -> members.meant(email, Optional.ofNullable(begun.customer())));
    meant.ifPresent(
        member ->
            new AuditedAct(member.organization(), "anonymous", member.id()).attachTo(request));
    if (identity.email().isEmpty() || !identity.verified()) {
      throw ApiProblem.unauthorized(
          "oidc_email",
          "The provider did not confirm a verified e-mail address. Verify your address"
              + " there, or ask the operator of this installation which addresses are trusted.");
    }
    var member =
        meant
            .filter(Member::enabled)
            .orElseThrow(
                () ->
                    ApiProblem.unauthorized(
                        "oidc_unknown",
                        "No member has your address at the provider"
                            + (begun.customer() != null
                                ? " in this organization."
                                : ". If you belong to more than one organization, specify it as"
                                    + " customer.")));
    limits.giveBack(Limit.LOGIN, address);
    attachAct(member, request);
    var issued = codes.issue(member);
    cookie.set(
        response,
        new LoginCookie.Done(
            issued.key().id(), clock.instant().plus(LoginCodes.LIFE).getEpochSecond()));
    return new Done(begun.returnTo(), issued.text());
  }

  /**
   * The member for a login code, which is consumed.
   *
   * @throws ApiProblem 401 if it belongs to another browser, was used, or has expired; 429 after
   *     too many failures
   */
  Member proven(Secret shown, HttpServletRequest request, HttpServletResponse response) {
    var _ = mustBeOn();
    var address = addresses.of(request);
    limits.take(Limit.LOGIN, address, response);
    // Somebody who found only the URL, in a history or a log, must not even be able to consume the
    // code.
    var code =
        LoginCodes.read(shown)
            .filter(
                key ->
                    cookie.done(request).filter(done -> done.code().equals(key.id())).isPresent())
            .flatMap(codes::use);
    var member =
        code.flatMap(kept -> members.find(kept.organization(), kept.member()))
            .filter(found -> found.enabled() && found.keys() == code.orElseThrow().keys())
            .orElseThrow(
                () ->
                    ApiProblem.unauthorized(
                        "This login code belongs to another browser, was already used, or has"
                            + " expired. Start"
                            + " again at /login/oidc."));
    limits.giveBack(Limit.LOGIN, address);
    attachAct(member, request);
    cookie.end(response);
    return member;
  }

  private static void attachAct(Member member, HttpServletRequest request) {
    new AuditedAct(member.organization(), "user:" + member.email(), member.id()).attachTo(request);
  }

  private static boolean same(String kept, String sent) {
    return MessageDigest.isEqual(
        kept.getBytes(StandardCharsets.UTF_8), sent.getBytes(StandardCharsets.UTF_8));
  }
}
