package io.capataz.supervisor.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.member.Member;
import io.capataz.supervisor.member.Members;
import io.capataz.supervisor.oidc.Browser.Page;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.mongodb.core.MongoOperations;

/** A person logs in at their organization's provider, a real one, and works here. */
@ExtendWith(OutputCaptureExtension.class)
class OidcLoginTest {

  private static final OpenIdProvider PROVIDER = OpenIdProvider.start();
  private static final TestSupervisor SUPERVISOR = TestSupervisor.with(settings());

  private final Browser browser = new Browser();

  @AfterAll
  static void stop() {
    SUPERVISOR.close();
    PROVIDER.close();
  }

  private static String[] settings() {
    return new String[] {
      "--capataz.rate-limit.enabled=false",
      "--capataz.oidc.issuer=" + PROVIDER.issuer(),
      "--capataz.oidc.client-id=" + OpenIdProvider.CLIENT,
      "--capataz.oidc.client-secret=" + OpenIdProvider.SECRET,
      "--capataz.oidc.redirect-uri=" + OpenIdProvider.REDIRECT
    };
  }

  @Test
  void who_is_known_at_the_provider_works_here_with_a_session() {
    var person = member("acme", true);

    var begun =
        browser.get(at("/login/oidc?customer=acme&return_to=%2Fjobs%3Fstate%3Dfailed%23top"));
    assertThat(begun.status()).isEqualTo(302);
    assertThat(begun.location().toString()).startsWith(PROVIDER.issuer() + "/");
    assertThat(Browser.query(begun.location()).all())
        .containsEntry("code_challenge_method", "S256")
        .containsEntry("scope", "openid email")
        .containsKeys("state", "nonce", "code_challenge");
    var back = PROVIDER.login(browser, begun.location(), person.email());
    assertThat(back.toString()).startsWith(OpenIdProvider.REDIRECT + "?");
    var home = browser.get(here(back));
    assertThat(home.status()).isEqualTo(302);
    assertThat(home.location().toString())
        .startsWith(at("/jobs?state=failed&login_code=cpz_lc_").toString())
        .endsWith("#top");
    var login = finish(browser, home);

    assertThat(login.status()).describedAs(login.raw().body()).isEqualTo(200);
    var session = login.json();
    assertThat(session.path("customer").asString()).isEqualTo("acme");
    assertThat(session.path("expires_in").asLong()).isEqualTo(86_400);
    assertThat(session.path("member").path("has_password").asBoolean()).isFalse();
    var key = session.path("access_token").asString();
    assertThat(SUPERVISOR.getAs(key, "/session").text("/principal/email"))
        .isEqualTo(person.email());
    assertThat(SUPERVISOR.getAs(key, "/acme/task").status()).isEqualTo(200);
    assertThat(SUPERVISOR.getAs(key, "/elsewhere/task").status()).isEqualTo(404);
    assertThat(browser.cookies()).noneMatch(cookie -> cookie.getName().contains("capataz"));

    var acts = SUPERVISOR.get("/acme/audit?sort=at&actor=user:" + person.email()).body();
    assertThat(acts.valueStream().map(act -> act.get("action").asString()))
        .containsExactly("GET /login/oidc/callback", "POST /login/oidc");
    assertThat(acts.valueStream().map(act -> act.get("status").asInt())).containsExactly(302, 200);
    assertThat(acts.valueStream().map(act -> act.get("object").asString()))
        .containsOnly(person.id());
  }

  @Test
  void the_address_counts_whatever_its_case_and_need_not_name_the_organization() {
    var person = member("acme", true);

    var home = comeBack("/login/oidc", person.email().toUpperCase(Locale.ROOT));

    assertThat(home.location().getPath()).isEqualTo("/");
    assertThat(finish(browser, home).json().path("customer").asString()).isEqualTo("acme");
  }

  @Test
  void a_login_code_works_once_and_only_in_its_browser() {
    var person = member("acme", true);
    var home = comeBack("/login/oidc", person.email());

    var elsewhere = finish(new Browser(), home);
    assertThat(elsewhere.status()).isEqualTo(401);
    var another = new Browser();
    var stolen = Browser.query(home.location()).get("login_code");
    var _ = comeBack(another, "/login/oidc", person.email());
    assertThat(another.json(at("/login/oidc"), Map.of("login_code", stolen)).status())
        .isEqualTo(401);

    var copy = new Browser().withCookiesOf(browser);
    assertThat(finish(browser, home).status()).isEqualTo(200);
    assertThat(finish(browser, home).status()).isEqualTo(401);
    assertThat(finish(copy, home).raw().body()).isEqualTo(elsewhere.raw().body());
  }

  @Test
  void of_many_who_show_a_login_code_at_once_one_gets_a_session() {
    var home = comeBack("/login/oidc", member("acme", true).email());

    var answers =
        IntStream.range(0, 8)
            .mapToObj(_ -> new Browser().withCookiesOf(browser))
            .toList()
            .parallelStream()
            .map(each -> finish(each, home).status())
            .toList();

    assertThat(answers).containsOnlyOnce(200).hasSize(8);
  }

  @Test
  void another_browser_cannot_take_a_callback() {
    var person = member("acme", true);
    var begun = browser.get(at("/login/oidc?customer=acme"));
    var back = here(PROVIDER.login(browser, begun.location(), person.email()));

    var without = new Browser().get(back);
    var other = new Browser();
    var _ = other.get(at("/login/oidc?customer=acme"));
    var others = other.get(back);
    var wrong =
        browser.get(at("/login/oidc/callback?state=x&code=" + Browser.query(back).get("code")));

    for (var refused : List.of(without, others, wrong)) {
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.code()).isEqualTo("oidc_state");
      assertThat(refused.raw().headers().firstValue("Content-Type").orElse(""))
          .startsWith("application/problem+json");
    }
    // None of them has ended what the right browser had begun.
    assertThat(browser.get(back).status()).isEqualTo(302);
  }

  @Test
  void a_callback_that_is_sent_again_leads_nowhere() {
    var person = member("acme", true);
    var begun = browser.get(at("/login/oidc"));
    var copy = new Browser();
    var back = here(PROVIDER.login(browser, begun.location(), person.email()));
    var _ = copy.withCookiesOf(browser);

    assertThat(browser.get(back).status()).isEqualTo(302);
    assertThat(browser.get(back).code()).isEqualTo("oidc_state");
    var again = copy.get(back);

    assertThat(again.status()).isEqualTo(401);
    assertThat(again.code()).isEqualTo("oidc_refused");
  }

  @Test
  void who_is_unknown_or_disabled_or_elsewhere_gets_the_same_answer() {
    var disabled = member("acme", false);
    var elsewhere = member("elsewhere", true);
    var twice = member("acme", true);
    var _ = add("elsewhere", twice.email(), true);

    var unknown = comeBack("/login/oidc?customer=acme", "nobody-" + UUID.randomUUID() + "@a.org");
    var isDisabled = comeBack("/login/oidc?customer=acme", disabled.email());
    var isElsewhere = comeBack("/login/oidc?customer=acme", elsewhere.email());
    var isTwice = comeBack("/login/oidc", twice.email());

    assertThat(unknown.status()).isEqualTo(401);
    assertThat(unknown.code()).isEqualTo("oidc_unknown");
    assertThat(isDisabled.raw().body()).isEqualTo(unknown.raw().body());
    assertThat(isElsewhere.raw().body()).isEqualTo(unknown.raw().body());
    assertThat(isTwice.code()).isEqualTo("oidc_unknown");
    var there = comeBack("/login/oidc?customer=elsewhere", twice.email());
    assertThat(finish(browser, there).json().path("customer").asString()).isEqualTo("elsewhere");

    var acts = SUPERVISOR.get("/acme/audit?object=" + disabled.id()).body();
    assertThat(acts.size()).isEqualTo(1);
    assertThat(acts.get(0).get("actor").asString()).isEqualTo("anonymous");
    assertThat(acts.get(0).get("status").asInt()).isEqualTo(401);
  }

  @Test
  void an_address_that_nobody_verified_is_nobodys() {
    var person = add("acme", "unverified-" + UUID.randomUUID() + "@example.org", true);

    var refused = comeBack("/login/oidc", person.email());

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.code()).isEqualTo("oidc_email");
  }

  @Test
  void who_says_no_at_the_provider_is_told_so() {
    var begun = browser.get(at("/login/oidc"));
    var state = Browser.query(begun.location()).get("state");

    var refused =
        browser.get(
            at(
                "/login/oidc/callback?error=access_denied&error_description=%3Cb%3E&state="
                    + state));

    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.code()).isEqualTo("oidc_refused");
    assertThat(refused.raw().body()).contains("access_denied").doesNotContain("<b>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//evil.example.org/",
        "///evil.example.org/",
        "/\\evil.example.org/",
        "\\\\evil.example.org/",
        "https://evil.example.org/",
        "javascript:alert(1)",
        "/\t/evil.example.org/",
        "/\r\nSet-Cookie: a=b",
        "evil.example.org",
        "@evil.example.org",
        "/%zz",
        "/ö",
        ""
      })
  void nobody_is_sent_to_another_host(String to) {
    var refused = browser.get(at("/login/oidc?return_to=" + Browser.encoded(to)));

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.json().at("/errors/0/pointer").asString()).isEqualTo("/return_to");
  }

  @Test
  void a_member_without_a_password_is_told_that_there_is_none_to_change() {
    var home = comeBack("/login/oidc", member("acme", true).email());
    var key = finish(browser, home).json().path("access_token").asString();

    var refused =
        SUPERVISOR.sendAs(
            key,
            "PUT",
            "/session/password",
            Map.of("old_password", "there is none", "password", "another long one"));

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/code")).isEqualTo("no_password");
  }

  @Test
  void what_was_begun_or_proven_too_long_ago_is_over_and_any_supervisor_takes_the_next_step() {
    var clock = new TestClock();
    try (var first = TestSupervisor.withClock(clock, settings());
        var second = first.another(clock, settings())) {
      var email = "somebody-" + UUID.randomUUID() + "@example.org";
      assertThat(first.post("/acme/member", Map.of("email", email)).status()).isEqualTo(200);

      var home = comeBack(browser, first, second, email);
      assertThat(finish(browser, home, first).status()).isEqualTo(200);

      var late = comeBack(browser, first, second, email);
      clock.jump(Duration.ofSeconds(61));
      assertThat(finish(browser, late, second).status()).isEqualTo(401);

      forget(browser);
      var begun = browser.get(first.request("/login/oidc").build().uri());
      var back = PROVIDER.login(browser, begun.location(), email);
      clock.jump(Duration.ofMinutes(10));
      var over = browser.get(first.request(pathOf(back)).build().uri());
      assertThat(over.code()).isEqualTo("oidc_state");
    }
  }

  @Test
  void nothing_of_it_is_in_the_log_or_the_store(CapturedOutput output) {
    var person = member("acme", true);
    var begun = browser.get(at("/login/oidc?customer=acme"));
    var back = here(PROVIDER.login(browser, begun.location(), person.email()));
    var home = browser.get(back);
    var query = Browser.query(back);
    var code = Browser.query(home.location()).get("login_code").substring("cpz_lc_".length() + 16);
    var kept =
        SUPERVISOR
            .context()
            .getBean(MongoOperations.class)
            .getCollection("login_codes")
            .find()
            .map(Document::toJson)
            .into(new ArrayList<>())
            .toString();
    var session = finish(browser, home).json().path("access_token").asString();
    var _ = browser.get(back);
    var _ = browser.get(URI.create(home.location().toString()));

    assertThat(kept).contains("sha256:").doesNotContain(code);
    for (var secret :
        List.of(
            code,
            query.get("code"),
            query.get("state"),
            session.substring("cpz_se_".length() + 16),
            OpenIdProvider.SECRET)) {
      assertThat(output.getAll()).doesNotContain(secret);
    }
  }

  @Test
  void where_no_provider_is_set_up_there_is_none() {
    var off = TestSupervisor.shared();

    for (var answer :
        List.of(
            off.send(off.request("/login/oidc").GET()),
            off.send(off.request("/login/oidc/callback?code=a&state=b").GET()),
            off.postAs("x", "/login/oidc", Map.of("login_code", "x")))) {
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.text("/code")).isEqualTo("oidc_off");
    }
  }

  @Test
  void the_library_brings_no_filter_and_no_route_of_its_own() {
    for (var path : List.of("/oauth2/authorization/oidc", "/login/oauth2/code/oidc", "/login")) {
      var answer = SUPERVISOR.send(SUPERVISOR.request(path).GET());

      assertThat(answer.status()).describedAs(path).isIn(404, 405);
    }
  }

  /** Somebody who was added to an organization, without a password. */
  private record Added(String id, String email) {}

  private static Added member(String organization, boolean enabled) {
    return add(organization, "somebody-" + UUID.randomUUID() + "@example.org", enabled);
  }

  private static Added add(String organization, String email, boolean enabled) {
    var member =
        new Member(
            ObjectId.get().toHexString(),
            organization,
            email,
            email,
            Role.USER,
            List.of(),
            enabled,
            null,
            0,
            0,
            Instant.EPOCH,
            "test");
    var added = SUPERVISOR.context().getBean(Members.class).add(member).orElseThrow();
    return new Added(added.id(), added.email());
  }

  private Page comeBack(String begin, String email) {
    return comeBack(browser, begin, email);
  }

  /** Each time anew: at the provider nobody is logged in any more. */
  private static Page comeBack(Browser browser, String begin, String email) {
    forget(browser);
    var begun = browser.get(at(begin));
    assertThat(begun.status()).describedAs(begun.raw().body()).isEqualTo(302);
    return browser.get(here(PROVIDER.login(browser, begun.location(), email)));
  }

  private static Page comeBack(
      Browser browser, TestSupervisor first, TestSupervisor second, String email) {
    forget(browser);
    var begun = browser.get(first.request("/login/oidc").build().uri());
    var back = PROVIDER.login(browser, begun.location(), email);
    return browser.get(second.request(pathOf(back)).build().uri());
  }

  private static void forget(Browser browser) {
    browser.forget("JSESSIONID");
  }

  private static Page finish(Browser browser, Page home) {
    return finish(browser, home, SUPERVISOR);
  }

  private static Page finish(Browser browser, Page home, TestSupervisor supervisor) {
    return browser.json(
        supervisor.request("/login/oidc").build().uri(),
        Map.of("login_code", Browser.query(home.location()).get("login_code")));
  }

  private static URI at(String path) {
    return SUPERVISOR.request(path).build().uri();
  }

  /** Where the provider sends the browser, with the port that this supervisor happens to have. */
  private static URI here(URI back) {
    return at(pathOf(back));
  }

  private static String pathOf(URI back) {
    return back.getRawPath() + "?" + back.getRawQuery();
  }
}
