package io.capataz.supervisor.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.oidc.Browser.Page;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A provider says what is not so, or nothing that can be read. */
class OidcTokenTest {

  private static final MadeUpProvider PROVIDER = MadeUpProvider.on(0);
  private static final String EMAIL = "somebody-" + UUID.randomUUID() + "@example.org";
  private static final TestSupervisor SUPERVISOR =
      TestSupervisor.with(
          "--capataz.rate-limit.enabled=false",
          "--capataz.oidc.issuer=" + PROVIDER.issuer(),
          "--capataz.oidc.client-id=" + MadeUpProvider.CLIENT,
          "--capataz.oidc.redirect-uri=http://localhost:1" + OidcSettings.CALLBACK);

  private final Browser browser = new Browser();

  @BeforeAll
  static void member() {
    assertThat(SUPERVISOR.post("/acme/member", Map.of("email", EMAIL)).status()).isEqualTo(200);
  }

  @AfterAll
  static void stop() {
    SUPERVISOR.close();
    PROVIDER.close();
  }

  @Test
  void a_public_client_proves_itself_by_pkce_alone() throws Exception {
    var begun = browser.get(at("/login/oidc"));
    var asked = Browser.query(begun.location());
    var code = PROVIDER.codeFor(right(asked));

    var home = comeBack(asked, code);

    assertThat(home.status()).describedAs(home.raw().body()).isEqualTo(302);
    // What the metadata has in its query stays.
    assertThat(asked.all()).containsEntry("tenant", "a").containsEntry("response_type", "code");
    var form = PROVIDER.asked(code);
    assertThat(form.all())
        .containsEntry("client_id", MadeUpProvider.CLIENT)
        .containsEntry("authorization", "null");
    assertThat(
            Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(
                    MessageDigest.getInstance("SHA-256")
                        .digest(form.get("code_verifier").getBytes(StandardCharsets.US_ASCII))))
        .isEqualTo(asked.get("code_challenge"));
  }

  static Stream<Arguments> lies() {
    var other = MadeUpProvider.key("other");
    return Stream.of(
        lie("the nonce of another login", (c, _) -> signed(c.claim("nonce", "another"))),
        lie("no nonce", (c, _) -> signed(c.claim("nonce", null))),
        lie("for another client", (c, _) -> signed(c.audience("somebody-else"))),
        lie(
            "for several, given to another",
            (c, _) ->
                signed(
                    c.audience(List.of(MadeUpProvider.CLIENT, "somebody-else"))
                        .claim("azp", "somebody-else"))),
        lie("for nobody", (c, _) -> signed(c.audience((String) null))),
        lie("by another issuer", (c, _) -> signed(c.issuer("https://other.example.org"))),
        lie("by no issuer", (c, _) -> signed(c.issuer(null))),
        lie("about nobody", (c, _) -> signed(c.subject(null))),
        lie(
            "expired",
            (c, _) ->
                signed(
                    c.issueTime(ago(Duration.ofMinutes(10)))
                        .expirationTime(ago(Duration.ofMinutes(2))))),
        lie("without an end", (c, _) -> signed(c.expirationTime(null))),
        lie("not yet", (c, _) -> signed(c.notBeforeTime(ago(Duration.ofMinutes(-10))))),
        lie("unsigned", (c, _) -> MadeUpProvider.unsigned(c.build())),
        lie("signed by another key", (c, _) -> MadeUpProvider.signed(c.build(), other)),
        lie("changed afterwards", (c, _) -> changed(signed(c))),
        lie("no token at all", (_, _) -> "nonsense"));
  }

  @ParameterizedTest
  @MethodSource("lies")
  void a_token_that_is_not_right_proves_nobody(
      BiFunction<JWTClaimsSet.Builder, String, String> lie) {
    var asked = Browser.query(browser.get(at("/login/oidc")).location());
    var nonce = asked.get("nonce");

    var refused =
        comeBack(asked, PROVIDER.codeFor(lie.apply(PROVIDER.claims(EMAIL, nonce), nonce)));

    assertThat(refused.status()).describedAs(refused.raw().body()).isEqualTo(401);
    assertThat(refused.code()).isEqualTo("oidc_refused");
    assertThat(refused.raw().headers().firstValue("Location")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"made-up", "", "%20", "a%26code%3Db"})
  void a_code_that_the_provider_does_not_know_proves_nobody(String code) {
    var asked = Browser.query(browser.get(at("/login/oidc")).location());

    assertThat(comeBack(asked, code).code()).isEqualTo("oidc_refused");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | text/html        | <html>moved</html>",
        "200 | application/json | []",
        "200 | application/json | {}",
        "200 | application/json | {\"access_token\": 1",
        "200 | application/json | ''",
        "302 | text/plain       | elsewhere",
        "400 | application/json | {\"error\": \"invalid_client\"}",
        "400 | application/json | nonsense",
        "400 | text/html        | <html>no</html>",
        "401 | application/json | {\"error\": \"invalid_client\"}",
        "500 | text/plain       | fault",
        "503 | text/plain       | later"
      })
  void a_provider_that_answers_nonsense_counts_as_away(int status, String type, String body) {
    var asked = Browser.query(browser.get(at("/login/oidc")).location());

    var answer = comeBack(asked, PROVIDER.codeFor(status, type, body));

    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(503);
    assertThat(answer.code()).isEqualTo("oidc_unavailable");
    assertThat(answer.raw().headers().firstValue("Retry-After")).isPresent();
  }

  @Test
  void a_token_response_without_an_identity_proves_nobody() {
    var asked = Browser.query(browser.get(at("/login/oidc")).location());
    var code =
        PROVIDER.codeFor(
            200, "application/json", "{\"access_token\": \"a\", \"token_type\": \"Bearer\"}");

    assertThat(comeBack(asked, code).code()).isEqualTo("oidc_refused");
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "\"false\"", "\"\"", "0"})
  void an_address_that_is_not_verified_is_nobodys(String said) {
    var asked = Browser.query(browser.get(at("/login/oidc")).location());
    var verified = MessageJson.mapper().readValue(said, Object.class);

    var refused =
        comeBack(
            asked,
            PROVIDER.codeFor(
                signed(
                    PROVIDER.claims(EMAIL, asked.get("nonce")).claim("email_verified", verified))));

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.code()).isEqualTo("oidc_email");
  }

  @Test
  void some_providers_say_it_in_a_text() {
    var asked = Browser.query(browser.get(at("/login/oidc")).location());
    var token = signed(PROVIDER.claims(EMAIL, asked.get("nonce")).claim("email_verified", "true"));

    assertThat(comeBack(asked, PROVIDER.codeFor(token)).status()).isEqualTo(302);
  }

  @Test
  void an_address_that_is_not_in_the_token_is_asked_for_and_must_be_the_same_persons() {
    PROVIDER.user(Map.of("sub", "person-" + EMAIL, "email", EMAIL, "email_verified", true));
    var asked = Browser.query(browser.get(at("/login/oidc")).location());
    var without = signed(PROVIDER.claims(EMAIL, asked.get("nonce")).claim("email", null));
    assertThat(comeBack(asked, PROVIDER.codeFor(without)).status()).isEqualTo(302);

    PROVIDER.user(Map.of("sub", "somebody-else", "email", EMAIL, "email_verified", true));
    var again = Browser.query(browser.get(at("/login/oidc")).location());
    var others = signed(PROVIDER.claims(EMAIL, again.get("nonce")).claim("email", null));
    assertThat(comeBack(again, PROVIDER.codeFor(others)).status()).isEqualTo(503);

    PROVIDER.user(Map.of());
    var empty = Browser.query(browser.get(at("/login/oidc")).location());
    var about = signed(PROVIDER.claims(EMAIL, empty.get("nonce")).claim("email", null));
    assertThat(comeBack(empty, PROVIDER.codeFor(about)).status()).isEqualTo(503);

    PROVIDER.user(Map.of("sub", "person-" + EMAIL));
    var nowhere = Browser.query(browser.get(at("/login/oidc")).location());
    var none = signed(PROVIDER.claims(EMAIL, nowhere.get("nonce")).claim("email", null));
    assertThat(comeBack(nowhere, PROVIDER.codeFor(none)).code()).isEqualTo("oidc_email");
  }

  private static Arguments lie(String name, BiFunction<JWTClaimsSet.Builder, String, String> lie) {
    return Arguments.of(Named.of(name, lie));
  }

  private static String right(Browser.Query asked) {
    return signed(PROVIDER.claims(EMAIL, asked.get("nonce")));
  }

  private static String signed(JWTClaimsSet.Builder claims) {
    return MadeUpProvider.signed(claims.build(), MadeUpProvider.KEY);
  }

  /** The same head and signature around other claims. */
  private static String changed(String token) {
    var parts = token.split("\\.", -1);
    var claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    var others = claims.replace("person-", "another-");
    return parts[0]
        + "."
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(others.getBytes(StandardCharsets.UTF_8))
        + "."
        + parts[2];
  }

  private static Date ago(Duration time) {
    return Date.from(Instant.now().minus(time));
  }

  private Page comeBack(Browser.Query asked, String code) {
    return browser.get(at("/login/oidc/callback?code=" + code + "&state=" + asked.get("state")));
  }

  private static URI at(String path) {
    return SUPERVISOR.request(path).build().uri();
  }
}
