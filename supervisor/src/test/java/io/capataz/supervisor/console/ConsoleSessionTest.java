package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.runtime.CapatazSettings;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets into the console, with what, and what a page of another site can do with it. */
class ConsoleSessionTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @Test
  void whoever_is_not_signed_in_is_led_to_sign_in_and_comes_back() {
    var browser = new Browser(supervisor);

    var led = browser.get("/console/components?x=1");
    assertThat(led.statusCode()).isEqualTo(303);
    var to = led.headers().firstValue("Location").orElseThrow();
    assertThat(to).isEqualTo("/console/sign-in?to=%2Fconsole%2Fcomponents%3Fx%3D1");
    assertThat(browser.get(to).body()).contains("value=\"/console/components?x=1\"");

    var signedIn =
        browser.post(
            "/console/sign-in/token",
            Map.of("token", supervisor.token(), "to", "/console/components?x=1"));
    assertThat(signedIn.statusCode()).isIn(302, 303);
    assertThat(signedIn.headers().firstValue("Location").orElseThrow())
        .endsWith("/console/components?x=1");
    assertThat(browser.get("/console/components").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//evil.example",
        "https://evil.example/console",
        "/console\\evil",
        "/consolee",
        "/console/../task",
        "javascript:alert(1)"
      })
  void nobody_is_led_to_another_site(String to) {
    var answer =
        new Browser(supervisor)
            .post("/console/sign-in/token", Map.of("token", supervisor.token(), "to", to));

    assertThat(answer.headers().firstValue("Location").orElseThrow())
        .matches("(http://127.0.0.1:\\d+)?/console");
  }

  @Test
  void the_cookie_is_for_the_console_alone_and_out_of_reach_of_scripts() {
    var answer =
        new Browser(supervisor).post("/console/sign-in/token", Map.of("token", supervisor.token()));

    assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow())
        .contains("Path=/console", "HttpOnly", "SameSite=Lax")
        .doesNotContain("Max-Age");
  }

  @Test
  void a_wrong_token_or_password_is_said_on_the_page() {
    var browser = new Browser(supervisor);

    var token = browser.post("/console/sign-in/token", Map.of("token", "cpz_it_nonsense"));
    assertThat(token.statusCode()).isEqualTo(422);
    assertThat(token.body()).contains("The token is unknown or no longer valid");
    var password =
        browser.post(
            "/console/sign-in", Map.of("email", "nobody@acme.example", "password", "wrong one"));
    assertThat(password.statusCode()).isEqualTo(422);
    assertThat(password.body())
        .contains("Unknown address or wrong password", "nobody@acme.example")
        .doesNotContain("wrong one");
    assertThat(browser.cookies()).isEmpty();
  }

  @Test
  void a_member_signs_in_with_a_password_and_out_again() {
    supervisor.post(
        "/acme/member",
        Map.of(
            "email", "console@acme.example",
            "name", "Con Sole",
            "role", "user",
            "password", "correct horse battery"));
    var browser = new Browser(supervisor);

    browser.post(
        "/console/sign-in",
        Map.of("email", "console@acme.example", "password", "correct horse battery"));
    var page = browser.get("/console/components");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("Con Sole", ">CS<");
    var key = browser.cookies().getOrDefault("capataz_session", "");
    assertThat(supervisor.getAs(key, "/session").status()).isEqualTo(200);

    browser.post("/console/sign-out", Map.of());
    assertThat(browser.cookies()).doesNotContainKey("capataz_session");
    assertThat(supervisor.getAs(key, "/session").status()).isEqualTo(401);
    assertThat(browser.get("/console/components").statusCode()).isEqualTo(303);
  }

  @Test
  void the_link_of_the_first_start_signs_the_owner_in_once() throws IOException {
    try (var fresh = TestSupervisor.with()) {
      var file = fresh.context().getBean(CapatazSettings.class).data().resolve("login.link");
      var link = URI.create(Files.readString(file).strip()).getPath();
      var browser = new Browser(fresh);

      assertThat(browser.get(link).statusCode()).isIn(302, 303);
      assertThat(browser.get("/console/components").body()).contains("console, first visit");
      assertThat(browser.cookies().get("capataz_session")).isNotEqualTo(fresh.token());
      assertThat(file).doesNotExist();

      var second = new Browser(fresh);
      assertThat(second.get(link).statusCode()).isEqualTo(422);
      assertThat(second.cookies()).isEmpty();
    }
  }

  @Test
  void a_form_of_another_site_is_refused() {
    var browser = Browser.signedIn(supervisor, supervisor.token());
    var form = Map.of("theme", "dark", "form_token", browser.formToken());

    assertThat(browser.postAsIs("/console/look", Map.of("theme", "dark")).statusCode())
        .isEqualTo(403);
    assertThat(
            browser.postAsIs("/console/look", form, "Origin", "https://evil.example").statusCode())
        .isEqualTo(403);
    assertThat(browser.postAsIs("/console/look", form, "Sec-Fetch-Site", "cross-site").statusCode())
        .isEqualTo(403);
    assertThat(browser.postAsIs("/console/look", form).statusCode()).isIn(302, 303);
    assertThat(browser.get("/console/components").body()).contains("data-theme=\"dark\"");
  }

  @Test
  void the_cookie_opens_no_route_of_the_api() {
    var browser = Browser.signedIn(supervisor, supervisor.token());

    assertThat(browser.get("/acme/task").statusCode()).isEqualTo(401);
    assertThat(browser.get("/console/live/acme/task").statusCode()).isEqualTo(404);
    assertThat(browser.get("/console/live/acme/events").statusCode()).isEqualTo(200);
    assertThat(browser.get("/console/live/other/events").statusCode()).isEqualTo(404);
  }

  @Test
  void a_revoked_token_ends_the_session() {
    var token = supervisor.tokenWith(Role.VIEWER);
    var browser = Browser.signedIn(supervisor, token);
    assertThat(browser.get("/console/components").statusCode()).isEqualTo(200);

    assertThat(
            supervisor
                .ask("DELETE", "/acme/integration-token/" + token.substring(7, 23), null)
                .status())
        .isEqualTo(200);

    assertThat(browser.get("/console/components").statusCode()).isEqualTo(303);
  }

  @Test
  void a_problem_is_a_page_with_the_id_of_the_request() {
    var browser = Browser.signedIn(supervisor, supervisor.token());

    var page = browser.get("/console/nothing-here");

    assertThat(page.statusCode()).isEqualTo(404);
    assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
    assertThat(page.body())
        .contains(page.headers().firstValue("X-Request-Id").orElseThrow())
        .contains("Not Found");
  }

  @Test
  void every_answer_tells_the_browser_to_load_nothing_from_elsewhere() {
    var browser = Browser.signedIn(supervisor, supervisor.token());

    for (var path : new String[] {"/console/components", "/console/sign-in", "/console/none"}) {
      var headers = browser.get(path).headers();
      assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
          .contains("default-src 'none'", "frame-ancestors 'none'")
          .doesNotContain("unsafe");
      assertThat(headers.firstValue("X-Frame-Options")).contains("DENY");
      assertThat(headers.allValues("Referrer-Policy")).containsExactly("same-origin");
      assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
    }
  }

  @Test
  void files_are_kept_by_browsers_for_ever_and_an_old_address_is_not() {
    var browser = Browser.signedIn(supervisor, supervisor.token());
    var page = browser.get("/console/components").body();
    var sheet = page.replaceAll("(?s).*href=\"([^\"]*/console.css)\".*", "$1");

    assertThat(browser.get(sheet).headers().firstValue("Cache-Control").orElseThrow())
        .contains("immutable");
    assertThat(
            browser
                .get("/console/assets/000000000000/fonts/plex-sans.woff2")
                .headers()
                .firstValue("Cache-Control"))
        .contains("no-store");
    assertThat(browser.get("/console/assets/000000000000/nothing.js").statusCode()).isEqualTo(404);
  }
}
