package io.capataz.supervisor.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** What is wrong with the settings is told at the start, and not to the first who logs in. */
class OidcSettingsTest {

  private static final Map<String, String> RIGHT =
      Map.of(
          "issuer", "https://id.example.org/realms/acme",
          "client-id", "capataz",
          "redirect-uri", "https://capataz.example.org/login/oidc/callback");

  @Test
  void nothing_is_set_and_nothing_is_on() {
    var settings = bound(Map.of("issuer", ""));

    assertThat(settings.issuer()).isNull();
    assertThat(settings.scopes()).containsExactly("openid", "email");
  }

  @Test
  void the_least_is_enough_and_the_secret_is_not_told() {
    var settings =
        bound(with(Map.of("client-secret", "between the two", "scopes", "openid,email,x")));

    assertThat(settings.secret()).contains(Secret.of("between the two"));
    assertThat(settings.scopes()).contains("x");
    assertThat(settings.toString()).doesNotContain("between the two");
    assertThat(settings.comesByHttps()).isTrue();
    assertThat(bound(RIGHT).secret()).isEmpty();
  }

  @Test
  void the_secret_may_be_in_a_file(@TempDir Path folder) throws IOException {
    var file = Files.writeString(folder.resolve("secret"), "between the two\n");

    assertThat(bound(with(Map.of("client-secret-file", file.toString()))).secret())
        .contains(Secret.of("between the two"));
    var missing = bound(with(Map.of("client-secret-file", folder.resolve("none").toString())));
    assertThatThrownBy(missing::secret).hasMessageContaining("client-secret-file");
    assertThatThrownBy(
            () -> bound(with(Map.of("client-secret", "a", "client-secret-file", file.toString()))))
        .rootCause()
        .hasMessageContaining("both set");
  }

  @ParameterizedTest
  @ValueSource(strings = {"client-id", "redirect-uri", "issuer"})
  void half_of_it_is_refused_with_the_name_of_what_misses(String missing) {
    var half = new HashMap<>(RIGHT);
    half.remove(missing);

    assertThatThrownBy(() -> bound(half))
        .rootCause()
        .hasMessageContaining("capataz.oidc." + missing + " is not set");
  }

  @ParameterizedTest
  @CsvSource({
    "issuer,       http://id.example.org",
    "issuer,       id.example.org",
    "issuer,       https://id.example.org?a=b",
    "issuer,       https://a@id.example.org",
    "redirect-uri, http://capataz.example.org/login/oidc/callback",
    "redirect-uri, https://capataz.example.org/",
    "redirect-uri, https://capataz.example.org/login/oidc/callback?a=b",
    "redirect-uri, /login/oidc/callback",
    "scopes,       email"
  })
  void what_would_not_work_or_not_safely_is_refused(String name, String value) {
    assertThatThrownBy(() -> bound(with(Map.of(name, value))))
        .rootCause()
        .hasMessageContaining("capataz.oidc." + name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:8080/login/oidc/callback",
        "http://[::1]:8080/login/oidc/callback",
        "https://example.org/behind/a/proxy/login/oidc/callback"
      })
  void loopback_and_paths_of_proxies_will_do(String address) {
    assertThat(bound(with(Map.of("redirect-uri", address))).redirectUri()).isEqualTo(address);
  }

  @Test
  void another_claim_than_email_takes_a_word_that_it_is_trusted() {
    assertThatThrownBy(() -> bound(with(Map.of("email-claim", "upn"))))
        .rootCause()
        .hasMessageContaining("trust-unverified-email");
    assertThat(
            bound(with(Map.of("email-claim", "upn", "trust-unverified-email", "true")))
                .emailClaim())
        .isEqualTo("upn");
  }

  private static Map<String, String> with(Map<String, String> more) {
    var all = new HashMap<>(RIGHT);
    all.putAll(more);
    return all;
  }

  private static OidcSettings bound(Map<String, String> settings) {
    var source = new MapConfigurationPropertySource();
    settings.forEach((name, value) -> source.put("capataz.oidc." + name, value));
    return new Binder(source).bindOrCreate("capataz.oidc", OidcSettings.class);
  }
}
