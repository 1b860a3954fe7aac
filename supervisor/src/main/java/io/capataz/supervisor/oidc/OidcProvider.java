package io.capataz.supervisor.oidc;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.web.ApiProblem;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConversionException;
import org.springframework.security.oauth2.client.authentication.OAuth2LoginAuthenticationToken;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.http.OAuth2ErrorResponseErrorHandler;
import org.springframework.security.oauth2.client.oidc.authentication.OidcAuthorizationCodeAuthenticationProvider;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenDecoderFactory;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenValidator;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserRequest;
import org.springframework.security.oauth2.client.oidc.userinfo.OidcUserService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.userinfo.DefaultOAuth2UserService;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.converter.ClaimTypeConverter;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationExchange;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationResponse;
import org.springframework.security.oauth2.core.endpoint.PkceParameterNames;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestTemplate;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The organization's OpenID Connect provider: redirects browsers to it and identifies who returns.
 * Its metadata is read when first needed, so that nothing here waits for an unavailable provider.
 */
final class OidcProvider {

  private static final Logger log = LoggerFactory.getLogger(OidcProvider.class);

  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration ANSWER = Duration.ofSeconds(5);

  /** How long after a failure its metadata is not requested again. */
  private static final Duration PAUSE = Duration.ofSeconds(5);

  /** How long its metadata is cached. */
  private static final Duration KEPT = Duration.ofHours(1);

  private static final int RANDOM_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final String VERIFIED = "email_verified";

  /**
   * Error codes, from the provider or the library, for an invalid response brought by the browser.
   */
  private static final Set<String> REFUSED =
      Set.of("invalid_grant", "access_denied", "invalid_nonce", "invalid_id_token");

  private final OidcSettings settings;
  private final String issuer;
  private final String redirectUri;
  private final InstantSource clock;
  private final Optional<Secret> secret;
  private final RestTemplate rest;

  private @Nullable Known known;
  private Instant again = Instant.MIN;

  OidcProvider(OidcSettings settings, String issuer, InstantSource clock) {
    this.settings = settings;
    this.issuer = issuer;
    this.redirectUri = Objects.requireNonNull(settings.redirectUri());
    this.clock = clock;
    this.secret = settings.secret();
    var requests =
        new JdkClientHttpRequestFactory(
            HttpClient.newBuilder()
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build());
    requests.setReadTimeout(ANSWER);
    this.rest = new RestTemplate(requests);
  }

  /** The provider's metadata, and the components that verify its responses. */
  private record Known(
      ClientRegistration registration,
      OidcAuthorizationCodeAuthenticationProvider check,
      Instant until) {}

  /**
   * A redirect to the provider.
   *
   * @param to the address, with all but the verifier in it
   */
  record Asked(URI to, String state, String nonce, String verifier) {}

  /**
   * The identity of a person.
   *
   * @param email their address; empty: the provider named none
   * @param verified whether it counts
   */
  record Identity(Optional<String> email, boolean verified) {}

  /** Creates a redirect for one browser. */
  Asked ask() {
    var registration = known().registration();
    var nonce = random();
    var request =
        request(registration, random(), nonce)
            .additionalParameters(more -> more.put(OidcParameterNames.NONCE, hashed(nonce)));
    OAuth2AuthorizationRequestCustomizers.withPkce().accept(request);
    var built = request.build();
    return new Asked(
        URI.create(built.getAuthorizationRequestUri()),
        Objects.requireNonNull(built.getState()),
        nonce,
        Objects.requireNonNull(built.getAttribute(PkceParameterNames.CODE_VERIFIER)));
  }

  /**
   * Identifies the person who returned with that code.
   *
   * @throws ApiProblem 401 if that proves nobody, 503 if the provider does not answer as it should
   */
  Identity identify(LoginCookie.Begun begun, String code) {
    var known = known();
    var request =
        request(known.registration(), begun.state(), begun.nonce())
            .attributes(kept -> kept.put(PkceParameterNames.CODE_VERIFIER, begun.verifier()))
            .build();
    var response =
        OAuth2AuthorizationResponse.success(code)
            .state(begun.state())
            .redirectUri(redirectUri)
            .build();
    try {
      var proven =
          known
              .check()
              .authenticate(
                  new OAuth2LoginAuthenticationToken(
                      known.registration(), new OAuth2AuthorizationExchange(request, response)));
      return proven != null && proven.getPrincipal() instanceof OidcUser user
          ? identity(user)
          : new Identity(Optional.empty(), false);
    } catch (OAuth2AuthenticationException failure) {
      throw told(failure);
    } catch (HttpMessageConversionException | IllegalArgumentException nonsense) {
      throw away("unreadable response", nonsense);
    }
  }

  private Identity identity(OidcUser user) {
    var email =
        Optional.ofNullable(user.getClaims().get(settings.emailClaim()))
            .filter(String.class::isInstance)
            .map(String.class::cast)
            .filter(text -> !text.isBlank());
    return new Identity(email, settings.trustUnverifiedEmail() || isVerified(user.getClaims()));
  }

  /** Some providers send it as a string. */
  private static boolean isVerified(Map<String, Object> claims) {
    return "true".equals(String.valueOf(claims.get(VERIFIED)));
  }

  private static ApiProblem told(OAuth2AuthenticationException failure) {
    var error = failure.getError().getErrorCode();
    // A token that cannot be verified because the keys are unavailable is not invalid.
    var unchecked =
        failure.getCause() instanceof JwtException cause && !(cause instanceof BadJwtException);
    if (!REFUSED.contains(error) || unchecked) {
      return away(error, failure);
    }
    log.atInfo().addKeyValue("error", error).log("login through the OpenID provider rejected");
    return ApiProblem.unauthorized(
        "oidc_refused",
        "The provider's response is invalid or was already used. Start again at" + " /login/oidc.");
  }

  private static ApiProblem away(String why, Exception failure) {
    log(why, failure);
    return unavailable();
  }

  /** The provider's own text is not logged, because it may contain anything. */
  private static void log(String why, Exception failure) {
    log.atWarn()
        .addKeyValue("why", why)
        .addKeyValue("failure", NestedExceptionUtils.getMostSpecificCause(failure).getClass())
        .log("OpenID provider not available or its response is invalid");
  }

  private static ApiProblem unavailable() {
    return ApiProblem.unavailable(
        "oidc_unavailable",
        "The OpenID Connect provider is unavailable or its response is invalid. Retry in a"
            + " few seconds or log in with a password. See the supervisor's log for details.",
        PAUSE.toSeconds());
  }

  private OAuth2AuthorizationRequest.Builder request(
      ClientRegistration registration, String state, String nonce) {
    return OAuth2AuthorizationRequest.authorizationCode()
        .authorizationUri(
            Objects.requireNonNull(registration.getProviderDetails().getAuthorizationUri()))
        .clientId(registration.getClientId())
        .redirectUri(redirectUri)
        .scopes(registration.getScopes())
        .state(state)
        .attributes(kept -> kept.put(OidcParameterNames.NONCE, nonce));
  }

  /**
   * One thread requests it, and the others wait. Old metadata is used while there is no new one.
   */
  private synchronized Known known() {
    var now = clock.instant();
    if (known != null && now.isBefore(known.until())) {
      return known;
    }
    if (now.isBefore(again)) {
      return orAway(known);
    }
    try {
      var said =
          rest.getForObject(
              URI.create(issuer.replaceFirst("/$", "") + "/.well-known/openid-configuration"),
              String.class);
      known = read(MessageJson.mapper().readTree(said == null ? "" : said), now.plus(KEPT));
      return known;
    } catch (RestClientException | JacksonException | IllegalArgumentException failure) {
      again = now.plus(PAUSE);
      log("its metadata", failure);
      return orAway(known);
    }
  }

  private static Known orAway(@Nullable Known before) {
    if (before == null) {
      throw unavailable();
    }
    return before;
  }

  /**
   * @throws IllegalArgumentException if that is no provider's metadata, or another provider's
   */
  private Known read(JsonNode metadata, Instant until) {
    if (!issuer.equals(metadata.path("issuer").asString(""))) {
      log.atWarn()
          .addKeyValue("set", issuer)
          .addKeyValue("said", metadata.path("issuer").asString(""))
          .log("the issuer in the provider's metadata differs from capataz.oidc.issuer");
      throw new IllegalArgumentException("different issuer");
    }
    var registration =
        ClientRegistration.withRegistrationId("oidc")
            .clientId(Objects.requireNonNull(settings.clientId()))
            .clientAuthenticationMethod(method(metadata))
            .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
            .redirectUri(redirectUri)
            .scope(settings.scopes())
            .issuerUri(issuer)
            .authorizationUri(address(metadata, "authorization_endpoint"))
            .tokenUri(address(metadata, "token_endpoint"))
            .jwkSetUri(address(metadata, "jwks_uri"))
            .userNameAttributeName("sub");
    secret.ifPresent(text -> registration.clientSecret(text.reveal()));
    if (metadata.has("userinfo_endpoint")) {
      registration.userInfoUri(address(metadata, "userinfo_endpoint"));
    }
    var client = registration.build();
    var check = new OidcAuthorizationCodeAuthenticationProvider(tokens(), people());
    var decoder = decoder(client, metadata);
    check.setJwtDecoderFactory(_ -> decoder);
    return new Known(client, check, until);
  }

  private ClientAuthenticationMethod method(JsonNode metadata) {
    if (secret.isEmpty()) {
      return ClientAuthenticationMethod.NONE;
    }
    var offered = texts(metadata.path("token_endpoint_auth_methods_supported"));
    return offered.contains("client_secret_post") && !offered.contains("client_secret_basic")
        ? ClientAuthenticationMethod.CLIENT_SECRET_POST
        : ClientAuthenticationMethod.CLIENT_SECRET_BASIC;
  }

  private static String address(JsonNode metadata, String name) {
    var address = metadata.path(name).asString("");
    if (!OidcSettings.isProtected(address)) {
      throw new IllegalArgumentException("no URL for " + name);
    }
    return address;
  }

  private RestClientAuthorizationCodeTokenResponseClient tokens() {
    var client = new RestClientAuthorizationCodeTokenResponseClient();
    client.setRestClient(
        RestClient.builder()
            .requestFactory(rest.getRequestFactory())
            .configureMessageConverters(
                converters ->
                    converters
                        .addCustomConverter(new FormHttpMessageConverter())
                        .addCustomConverter(new OAuth2AccessTokenResponseHttpMessageConverter()))
            .defaultStatusHandler(new OAuth2ErrorResponseErrorHandler())
            .build());
    return client;
  }

  /** Queries the user-info endpoint if the token contains no address, as with some providers. */
  private OidcUserService people() {
    var users = new DefaultOAuth2UserService();
    users.setRestOperations(rest);
    var people = new OidcUserService();
    people.setOauth2UserService(users);
    people.setRetrieveUserInfo(this::mustBeAsked);
    return people;
  }

  private boolean mustBeAsked(OidcUserRequest request) {
    var claims = request.getIdToken().getClaims();
    return request.getClientRegistration().getProviderDetails().getUserInfoEndpoint().getUri()
            != null
        && !(claims.containsKey(settings.emailClaim())
            && (settings.trustUnverifiedEmail() || claims.containsKey(VERIFIED)));
  }

  /**
   * Verifies signature, issuer, audience and times; {@code none} and shared keys are not accepted.
   */
  private JwtDecoder decoder(ClientRegistration client, JsonNode metadata) {
    var offered = texts(metadata.path("id_token_signing_alg_values_supported"));
    var decoder =
        NimbusJwtDecoder.withJwkSetUri(address(metadata, "jwks_uri"))
            .restOperations(rest)
            .jwsAlgorithms(
                algorithms -> {
                  for (var algorithm : SignatureAlgorithm.values()) {
                    if (offered.contains(algorithm.getName())) {
                      algorithms.add(algorithm);
                    }
                  }
                  if (algorithms.isEmpty()) {
                    algorithms.add(SignatureAlgorithm.RS256);
                  }
                })
            .build();
    var now = clock.withZone(ZoneOffset.UTC);
    var times = new JwtTimestampValidator();
    times.setClock(now);
    var claims = new OidcIdTokenValidator(client);
    claims.setClock(now);
    decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(times, claims));
    decoder.setClaimSetConverter(
        new ClaimTypeConverter(OidcIdTokenDecoderFactory.createDefaultClaimTypeConverters()));
    return decoder;
  }

  private static Set<String> texts(JsonNode list) {
    var texts = new HashSet<String>();
    list.forEach(text -> texts.add(text.asString("")));
    return texts;
  }

  private static String random() {
    var bytes = new byte[RANDOM_BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** As the library compares it: the token contains the hash, the browser's cookie the original. */
  private static String hashed(String nonce) {
    try {
      return Base64.getUrlEncoder()
          .withoutPadding()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(nonce.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform supports SHA-256.", e);
    }
  }
}
