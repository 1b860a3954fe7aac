package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What scripts have reported, as people see it. */
class IndicatorPagesTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final Browser browser = Browser.signedIn(supervisor, supervisor.token());
  private final String state = "s" + UUID.randomUUID().toString().replace("-", "");

  @Test
  void a_tile_has_the_value_the_state_and_how_long_ago_it_was_reported() {
    var html = indicator("html", Map.of());
    report(html, Map.of("state", state, "value", "<b>hi</b><script>alert(1)</script>"));
    var progress = indicator("progress", Map.of("tags", List.of("nightly")));
    report(progress, Map.of("state", state, "value", 40));

    assertThat(page("/console/indicators?state=" + state))
        .contains("&lt;b&gt;hi&lt;/b&gt;", "value=\"40\"", "nightly", "s ago", state)
        .doesNotContain("<script>alert");
    assertThat(page("/console/indicators?state=none-of-them"))
        .contains("No indicator is in the state none-of-them");
  }

  @Test
  void a_counter_is_set_to_zero_and_removed() {
    var id = indicator("counter", Map.of());
    report(id, Map.of("state", state, "value", 7));

    browser.post("/console/indicators/" + id + "/restart", Map.of());
    assertThat(supervisor.get("/indicator/" + id).text("/value")).isEqualTo("0");

    browser.post("/console/indicators/" + id + "/remove", Map.of());
    assertThat(supervisor.get("/indicator/" + id).status()).isEqualTo(404);
    var gone = browser.post("/console/indicators/" + id + "/remove", Map.of());
    assertThat(gone.statusCode()).isEqualTo(404);
    assertThat(gone.body()).contains("Not changed");
  }

  @Test
  void who_may_only_look_sees_what_is_open_to_them_and_changes_nothing() {
    var open = indicator("counter", Map.of("acl", List.of("viewer")));
    report(open, Map.of("state", state, "value", 1));
    var closed = indicator("counter", Map.of("acl", List.of("team:other")));
    report(closed, Map.of("state", state, "value", 987_654));
    var viewer = Browser.signedIn(supervisor, supervisor.tokenWith(Role.VIEWER));

    assertThat(viewer.get("/console/indicators?state=" + state).body())
        .contains("class=\"figure\">1<")
        .doesNotContain("987654", "/restart", "/remove");
    assertThat(viewer.post("/console/indicators/" + open + "/restart", Map.of()).statusCode())
        .isEqualTo(403);
  }

  private String indicator(String type, Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    body.put("type", type);
    body.put("title", "indicator-" + UUID.randomUUID());
    var made = supervisor.post("/indicator", body);
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    return made.text("/id");
  }

  private void report(String id, Map<String, ?> report) {
    var answer = supervisor.ask("PATCH", "/indicator/" + id + "/state", report);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
