package io.capataz.supervisor.oidc;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configuration.OAuth2AuthorizationServerConfiguration;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.web.SecurityFilterChain;

/**
 * A real provider, Spring's, on a free port of this JVM. It knows everybody, by their address, and
 * all have one password; who begins with {@code unverified-} has an address nobody has verified.
 */
final class OpenIdProvider implements AutoCloseable {

  static final String CLIENT = "capataz";
  static final String SECRET = "secret-between-the-two";
  static final String REDIRECT = "http://127.0.0.1" + OidcSettings.CALLBACK;

  private static final String PASSWORD = "known to the provider alone";
  private static final Pattern CSRF = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"");

  private final ConfigurableApplicationContext context;
  private final int port;

  private OpenIdProvider(ConfigurableApplicationContext context) {
    this.context = context;
    this.port =
        Objects.requireNonNull(((WebServerApplicationContext) context).getWebServer()).getPort();
  }

  static OpenIdProvider start() {
    return new OpenIdProvider(
        new SpringApplicationBuilder(Setup.class)
            .run("--server.port=0", "--logging.level.root=warn"));
  }

  String issuer() {
    return "http://127.0.0.1:" + port;
  }

  /** Logs somebody in at the provider; the answer is where that sends the browser in the end. */
  URI login(Browser browser, URI authorize, String email) {
    var page = browser.get(authorize);
    var form = page.location();
    var csrf = CSRF.matcher(browser.get(form).raw().body());
    if (!csrf.find()) {
      throw new IllegalStateException("There is no form at " + form);
    }
    var fields = new LinkedHashMap<String, String>();
    fields.put("username", email);
    fields.put("password", PASSWORD);
    fields.put("_csrf", csrf.group(1));
    var back = browser.form(form, Map.copyOf(fields));
    return browser.get(back.location()).location();
  }

  @Override
  public void close() {
    context.close();
  }

  /** No configuration that the supervisor's scan of this package would find. */
  @EnableWebSecurity
  @ImportAutoConfiguration({
    TomcatServletWebServerAutoConfiguration.class,
    DispatcherServletAutoConfiguration.class,
    WebMvcAutoConfiguration.class,
    SecurityFilterAutoConfiguration.class
  })
  static class Setup {

    @Bean
    SecurityFilterChain provider(HttpSecurity http) {
      return http.oauth2AuthorizationServer(server -> server.oidc(Customizer.withDefaults()))
          .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
          .formLogin(Customizer.withDefaults())
          .build();
    }

    @Bean
    RegisteredClientRepository clients() {
      return new InMemoryRegisteredClientRepository(
          RegisteredClient.withId("1")
              .clientId(CLIENT)
              .clientSecret("{noop}" + SECRET)
              .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
              .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
              .redirectUri(REDIRECT)
              .scope("openid")
              .scope("email")
              .clientSettings(ClientSettings.builder().requireProofKey(true).build())
              .build());
    }

    @Bean
    AuthorizationServerSettings settings() {
      return AuthorizationServerSettings.builder().build();
    }

    @Bean
    UserDetailsService people() {
      return name -> User.withUsername(name).password("{noop}" + PASSWORD).roles("USER").build();
    }

    @Bean
    JWKSource<SecurityContext> keys() {
      return new ImmutableJWKSet<>(new JWKSet(MadeUpProvider.KEY));
    }

    @Bean
    JwtDecoder decoder(JWKSource<SecurityContext> keys) {
      return OAuth2AuthorizationServerConfiguration.jwtDecoder(keys);
    }

    @Bean
    OAuth2TokenCustomizer<JwtEncodingContext> addresses() {
      return token -> {
        if (token.getTokenType().getValue().equals(OidcParameterNames.ID_TOKEN)) {
          Authentication principal = token.getPrincipal();
          var email = Objects.requireNonNull(principal).getName();
          token.getClaims().claim("email", email);
          token.getClaims().claim("email_verified", !email.startsWith("unverified-"));
        }
      };
    }
  }
}
