package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Members, tokens, credentials and the audit log: what is shown, and what never is. */
class SettingsPagesTest {

  private static final Pattern SHOWN = Pattern.compile("data-text=\"([^\"]+)\"");

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Browser browser = Browser.signedIn(supervisor, supervisor.token());
  private final String unique = UUID.randomUUID().toString();

  @Test
  void a_member_is_added_changed_shut_out_and_removed() {
    var email = "m" + unique + "@example.org";
    browser.post(
        "/console/settings/members",
        Map.of("email", email, "name", "<b>Ana</b>", "role", "user", "tags", "team:a, team:b"));
    var member = supervisor.get("/acme/member?email=" + email).body().get(0);
    var path = "/console/settings/members/" + member.path("id").asString();
    assertThat(page("/console/settings/members"))
        .contains(email, "&lt;b&gt;Ana&lt;/b&gt;", "team:a, team:b");

    browser.post(path, Map.of("name", "Ana", "role", "manager", "tags", ""));
    browser.post(path + "/disable", Map.of());
    var changed = supervisor.get("/acme/member?email=" + email).body().get(0);
    assertThat(changed.path("role").asString()).isEqualTo("manager");
    assertThat(changed.path("tags")).isEmpty();
    assertThat(changed.path("enabled").asBoolean()).isFalse();
    browser.post(path + "/enable", Map.of());

    var taken = browser.post("/console/settings/members", Map.of("email", email));
    assertThat(taken.statusCode()).isEqualTo(409);
    assertThat(taken.body()).contains("A member with that address exists.");
    browser.post(path + "/remove", Map.of());
    assertThat(page("/console/settings/members")).doesNotContain(email);
  }

  @Test
  void a_token_of_ones_own_is_shown_once_and_revoked() {
    var person = TestPerson.loggedIn(supervisor, Role.USER);
    var own = Browser.signedIn(supervisor, person.session());
    var here = "/console/settings/tokens";

    var made =
        own.post(here, Map.of("name", unique, "expires", "2099-01-31", "scope_task:run", "true"));

    var token = shown(made.body());
    assertThat(supervisor.getAs(token, "/acme/task").status()).isEqualTo(403); // Not in its scope.
    assertThat(own.get(here).body()).contains(unique, "task:run").doesNotContain(token);
    var id = person.get("/token").body().get(0).path("id").asString();
    own.post(here + "/" + id + "/revoke", Map.of());
    assertThat(supervisor.getAs(token, "/acme/task").status()).isEqualTo(401);
    assertThat(page(here)).contains("Only members have tokens of their own.");
  }

  @Test
  void a_token_of_the_organization_is_shown_once_and_revoked() {
    var here = "/console/settings/integrations";
    var token = shown(browser.post(here, Map.of("name", unique, "role", "viewer")).body());
    assertThat(supervisor.getAs(token, "/acme/task").status()).isEqualTo(200);
    assertThat(page(here)).contains(unique).doesNotContain(token);

    var id = supervisor.get("/acme/integration-token?name=" + unique).body().get(0);
    browser.post(here + "/" + id.path("id").asString() + "/revoke", Map.of());

    assertThat(supervisor.getAs(token, "/acme/task").status()).isEqualTo(401);
    assertThat(browser.post(here, Map.of("role", "viewer")).body()).contains("Not changed");
  }

  @Test
  void what_a_credential_contains_is_never_shown() {
    var here = "/console/settings/credentials";
    var secret = "s3cret " + unique;
    browser.post(here, Map.of("name", unique, "user", "backup", "value", secret));
    var kept = supervisor.get("/acme/credential/" + unique);
    assertThat(kept.text("/type")).isEqualTo("pair");
    assertThat(page(here)).contains(unique, "user and password").doesNotContain(secret);

    var path = here + "/" + kept.text("/id");
    browser.post(path + "/content", Map.of("value", "another " + secret));
    assertThat(supervisor.get("/acme/credential/" + unique).text("/name")).isEqualTo(unique);
    var taken = browser.post(here, Map.of("name", unique, "value", secret));
    assertThat(taken.statusCode()).isEqualTo(409);
    assertThat(taken.body()).contains("Not changed").doesNotContain(secret);
    browser.post(path + "/remove", Map.of());
    assertThat(page(here)).doesNotContain(unique);
  }

  @Test
  void the_audit_log_is_filtered() {
    supervisor.post("/acme/webhook", Map.of("name", unique));
    var id = supervisor.get("/acme/webhook/" + unique).text("/id");
    var here = "/console/settings/audit";

    assertThat(page(here + "?object=" + id)).contains("POST /{customer}/webhook", "200");
    assertThat(page(here + "?object=" + id + "&until=2001-01-01")).contains("No act matches");
    assertThat(page(here)).contains("object=", "actor=");
    var wrong = browser.get(here + "?status=fine");
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("The filter was not understood", "value=\"fine\"");
  }

  @Test
  void each_role_is_led_to_what_it_may_see() {
    var viewer = Browser.signedIn(supervisor, supervisor.tokenWith(Role.VIEWER));
    assertThat(viewer.get("/console/settings/tokens").body())
        .contains("My tokens")
        .doesNotContain("settings/members", "settings/audit", "settings/credentials");
    for (var page : new String[] {"members", "integrations", "credentials", "audit"}) {
      assertThat(viewer.get("/console/settings/" + page).statusCode()).as(page).isEqualTo(403);
    }
    var manager = Browser.signedIn(supervisor, supervisor.tokenWith(Role.MANAGER));
    assertThat(manager.get("/console/settings/credentials").body())
        .contains("settings/members")
        .doesNotContain("settings/audit", "id=\"create\"");
    assertThat(manager.post("/console/settings/credentials", Map.of("name", "x")).statusCode())
        .isEqualTo(403);
  }

  private static String shown(String page) {
    var found = SHOWN.matcher(page);
    assertThat(found.find()).as(page).isTrue();
    return found.group(1);
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
