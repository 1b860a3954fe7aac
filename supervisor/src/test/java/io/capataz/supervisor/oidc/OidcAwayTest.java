package io.capataz.supervisor.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The provider goes and comes, and a supervisor does without. */
class OidcAwayTest {

  @Test
  void a_supervisor_starts_and_people_log_in_while_the_provider_is_away() {
    var clock = new TestClock();
    var provider = MadeUpProvider.on(0);
    var port = provider.port();
    provider.close();
    try (var supervisor =
        TestSupervisor.withClock(
            clock,
            "--capataz.oidc.issuer=" + provider.issuer(),
            "--capataz.oidc.client-id=" + MadeUpProvider.CLIENT,
            "--capataz.oidc.client-secret=any",
            "--capataz.oidc.redirect-uri=https://capataz.example.org" + OidcSettings.CALLBACK)) {
      var email = "somebody-" + UUID.randomUUID() + "@example.org";
      var password = "correct horse " + UUID.randomUUID();
      var _ = supervisor.post("/acme/member", Map.of("email", email, "password", password));
      var browser = new Browser();
      var begin = at(supervisor, "/login/oidc");

      var away = browser.get(begin);
      assertThat(away.status()).isEqualTo(503);
      assertThat(away.code()).isEqualTo("oidc_unavailable");
      assertThat(away.raw().headers().firstValue("Retry-After")).contains("5");
      assertThat(
              supervisor
                  .postAs(null, "/login", Map.of("email", email, "password", password))
                  .status())
          .isEqualTo(200);

      var state = "";
      var cookie = "";
      try (var back = MadeUpProvider.on(port)) {
        // It is not asked at once by everybody who comes.
        assertThat(browser.get(begin).status()).isEqualTo(503);
        clock.jump(Duration.ofSeconds(6));
        var begun = browser.get(begin);
        assertThat(begun.status()).isEqualTo(302);
        assertThat(begun.location().toString()).startsWith(back.issuer() + "/authorize?");
        state = Browser.query(begun.location()).get("state");
        var set = begun.raw().headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(set)
            .startsWith("__Host-capataz_login=sealed:")
            .contains("Path=/;", "Max-Age=600", "Secure", "HttpOnly", "SameSite=Lax")
            .doesNotContain(state);
        assertThat(set.length()).isLessThan(4_000);
        cookie = set.substring(0, set.indexOf(';'));
      }

      var gone =
          supervisor.send(
              supervisor
                  .request("/login/oidc/callback?code=any&state=" + state)
                  .header("Cookie", cookie)
                  .GET());
      assertThat(gone.status()).isEqualTo(503);
      assertThat(gone.text("/code")).isEqualTo("oidc_unavailable");
      assertThat(gone.raw().body()).doesNotContain("127.0.0.1");
      // What was known of it will do, for when it is back.
      clock.jump(Duration.ofMinutes(61));
      assertThat(browser.get(begin).status()).isEqualTo(302);
    }
  }

  @Test
  void who_fails_too_often_has_to_wait() {
    try (var provider = MadeUpProvider.on(0);
        var supervisor =
            TestSupervisor.with(
                "--capataz.rate-limit.login-burst=2",
                "--capataz.rate-limit.login-per-minute=1",
                "--capataz.oidc.issuer=" + provider.issuer(),
                "--capataz.oidc.client-id=" + MadeUpProvider.CLIENT,
                "--capataz.oidc.redirect-uri=http://localhost:1" + OidcSettings.CALLBACK)) {
      var email = "somebody-" + UUID.randomUUID() + "@example.org";
      var _ = supervisor.post("/acme/member", Map.of("email", email));
      // Who succeeds is not counted.
      for (var i = 0; i < 3; i++) {
        var browser = new Browser();
        var asked = Browser.query(browser.get(at(supervisor, "/login/oidc")).location());
        var code =
            provider.codeFor(
                MadeUpProvider.signed(
                    provider.claims(email, asked.get("nonce")).build(), MadeUpProvider.KEY));
        var home =
            browser.get(
                at(
                    supervisor,
                    "/login/oidc/callback?code=" + code + "&state=" + asked.get("state")));
        assertThat(home.status()).isEqualTo(302);
        var login =
            browser.json(
                at(supervisor, "/login/oidc"),
                Map.of("login_code", Browser.query(home.location()).get("login_code")));
        assertThat(login.status()).isEqualTo(200);
      }

      var stranger = new Browser();
      assertThat(stranger.get(at(supervisor, "/login/oidc/callback?state=a&code=b")).status())
          .isEqualTo(400);
      assertThat(
              stranger
                  .json(at(supervisor, "/login/oidc"), Map.of("login_code", "cpz_lc_no"))
                  .status())
          .isEqualTo(401);
      var tooMany = stranger.get(at(supervisor, "/login/oidc/callback?state=a&code=b"));
      assertThat(tooMany.status()).isEqualTo(429);
      assertThat(tooMany.raw().headers().firstValue("Retry-After")).isPresent();
    }
  }

  private static URI at(TestSupervisor supervisor, String path) {
    return supervisor.request(path).build().uri();
  }
}
