package io.capataz.supervisor.oidc;

import io.capataz.common.command.StartFailure;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The OpenID Connect provider through which members log in: {@code capataz.oidc.*}. Without an
 * issuer the feature is off.
 *
 * @param issuer the provider's issuer, an https URL
 * @param clientId the provider's id for this installation
 * @param clientSecret the client secret; neither it nor a file: a public client, protected only by
 *     PKCE
 * @param clientSecretFile a file containing it instead
 * @param scopes the requested scopes
 * @param redirectUri where browsers find {@code /login/oidc/callback}, as they see it from outside
 * @param emailClaim the claim that is a member's address
 * @param trustUnverifiedEmail whether an address counts for which the provider does not say {@code
 *     email_verified}
 */
@ConfigurationProperties("capataz.oidc")
record OidcSettings(
    @Nullable String issuer,
    @Nullable String clientId,
    @Nullable Secret clientSecret,
    @Nullable Path clientSecretFile,
    @DefaultValue({"openid", "email"}) List<String> scopes,
    @Nullable String redirectUri,
    @DefaultValue(OidcSettings.EMAIL) String emailClaim,
    @DefaultValue("false") boolean trustUnverifiedEmail) {

  /** The claim to which {@code email_verified} applies. */
  static final String EMAIL = "email";

  /** The path to which the provider redirects the browser. */
  static final String CALLBACK = "/login/oidc/callback";

  private static final Pattern SCOPE = Pattern.compile("[\\x21-\\x7e&&[^\"\\\\]]{1,100}");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  OidcSettings {
    issuer = orNull(issuer);
    clientId = orNull(clientId);
    redirectUri = orNull(redirectUri);
    scopes = List.copyOf(scopes);
    if (issuer == null) {
      if (clientId != null || redirectUri != null) {
        throw new IllegalArgumentException(
            "capataz.oidc.issuer is not set, but another capataz.oidc.* setting is. Set the"
                + " provider's"
                + " issuer as well, or remove the others.");
      }
    } else {
      check(issuer, clientId, redirectUri);
      if (!scopes.contains("openid") || !scopes.stream().allMatch(SCOPE.asMatchPredicate())) {
        throw new IllegalArgumentException(
            "capataz.oidc.scopes must be a list of scopes that includes openid, such as"
                + " openid,email.");
      }
      if (clientSecret != null && clientSecretFile != null) {
        throw new IllegalArgumentException(
            "capataz.oidc.client-secret and capataz.oidc.client-secret-file are both set; set"
                + " only one"
                + " of them.");
      }
      if (!emailClaim.equals(EMAIL) && !trustUnverifiedEmail) {
        throw new IllegalArgumentException(
            "capataz.oidc.email-claim is "
                + emailClaim
                + ", which providers do not mark as verified: email_verified applies to the claim"
                + " email only. If users cannot choose the value themselves, set"
                + " capataz.oidc.trust-unverified-email to true.");
      }
    }
  }

  private static void check(
      String issuer, @Nullable String clientId, @Nullable String redirectUri) {
    if (clientId == null) {
      throw new IllegalArgumentException(
          "capataz.oidc.client-id is not set. It is the id that the provider assigned to this"
              + " installation.");
    }
    if (redirectUri == null) {
      throw new IllegalArgumentException(
          "capataz.oidc.redirect-uri is not set. It is the URL under which browsers reach this"
              + " supervisor's "
              + CALLBACK
              + ", such as https://capataz.example.org"
              + CALLBACK
              + ", and must be registered with the provider. It is not taken from requests,"
              + " because the"
              + " sender controls the Host header.");
    }
    if (!isProtected(issuer) || issuer.contains("?")) {
      throw new IllegalArgumentException(
          "capataz.oidc.issuer must be an https URL without query and fragment (http is allowed on"
              + " loopback), not "
              + issuer
              + ".");
    }
    if (!isProtected(redirectUri)
        || redirectUri.contains("?")
        || !URI.create(redirectUri).getPath().endsWith(CALLBACK)) {
      throw new IllegalArgumentException(
          "capataz.oidc.redirect-uri must be an https URL that ends with "
              + CALLBACK
              + " (http is allowed on loopback), not "
              + redirectUri
              + ".");
    }
  }

  /** Whether traffic to this URL cannot be intercepted. */
  static boolean isProtected(String address) {
    URI uri;
    try {
      uri = URI.create(address);
    } catch (IllegalArgumentException noAddress) {
      return false;
    }
    return uri.getHost() != null
        && uri.getUserInfo() == null
        && uri.getRawFragment() == null
        && ("https".equals(uri.getScheme())
            || ("http".equals(uri.getScheme()) && LOOPBACK.contains(uri.getHost())));
  }

  /** Whether browsers use https, so that the cookie can require it. */
  boolean comesByHttps() {
    return redirectUri != null && redirectUri.startsWith("https:");
  }

  /** The client secret; empty for a public client. */
  Optional<Secret> secret() {
    if (clientSecretFile == null) {
      return Optional.ofNullable(clientSecret);
    }
    try {
      return Optional.of(Secret.of(Files.readString(clientSecretFile).strip()));
    } catch (IOException | IllegalArgumentException unreadable) {
      throw new StartFailure(
          "capataz.oidc.client-secret-file, "
              + clientSecretFile
              + ", cannot be read or is empty ("
              + unreadable.getClass().getSimpleName()
              + "). Check its path and permissions.");
    }
  }

  private static @Nullable String orNull(@Nullable String text) {
    return text == null || text.isBlank() ? null : text.strip();
  }
}
