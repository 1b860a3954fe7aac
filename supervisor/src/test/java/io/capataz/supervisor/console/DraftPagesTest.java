package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.draft.TestDrafts;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Drafts as people read, check, approve and reject them. */
class DraftPagesTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final Browser browser = Browser.signedIn(supervisor, supervisor.token());

  @Test
  void a_draft_is_read_checked_and_rejected_for_a_reason() {
    var id = TestDrafts.put(supervisor, "acme", List.of());
    var path = "/console/drafts/" + id;
    assertThat(page("/console/drafts")).contains(path, "Double", "Ask for a draft");
    assertThat(page(path)).contains("def main_function(n):", "double it", "Check it", "Reject");

    browser.post(path + "/check", Map.of("host_id", agent.host()));
    assertThat(page(path)).contains("A job is looking at it").doesNotContain("Check it");

    browser.post(path + "/reject", Map.of("reason", "not <this> one"));
    assertThat(page(path))
        .contains("Rejected", "not &lt;this&gt; one")
        .doesNotContain("\"reject\"");
  }

  @Test
  void what_cannot_be_done_is_said_on_the_page() {
    var id = TestDrafts.put(supervisor, "acme", List.of());
    var path = "/console/drafts/" + id;
    var digest = supervisor.get("/draft/" + id).text("/digest");
    var person = TestPerson.loggedIn(supervisor, Role.ADMIN);
    var admin = Browser.signedIn(supervisor, person.session());

    var early = admin.post(path + "/approve", Map.of("digest", digest, "host_id", agent.host()));
    assertThat(early.statusCode()).isEqualTo(409);
    assertThat(early.body()).contains("Not changed");

    var noModel =
        browser.post(
            "/console/drafts", Map.of("desired_action", "sort <it>", "task_type", "input"));
    assertThat(noModel.statusCode()).isEqualTo(503);
    assertThat(noModel.body()).contains("No draft was written", "sort &lt;it&gt;</textarea>");
  }

  @Test
  void who_may_only_look_reads_it_and_decides_nothing() {
    var path = "/console/drafts/" + TestDrafts.put(supervisor, "acme", List.of("viewer"));
    var hidden = "/console/drafts/" + TestDrafts.put(supervisor, "acme", List.of("team:other"));
    var viewer = Browser.signedIn(supervisor, supervisor.tokenWith(Role.VIEWER));

    assertThat(viewer.get(path).body())
        .contains("def main_function(n):")
        .doesNotContain(path + "/", "id=\"reject\"");
    assertThat(viewer.get("/console/drafts").body()).doesNotContain("Ask for a draft");
    assertThat(viewer.post(path + "/reject", Map.of("reason", "x")).statusCode()).isEqualTo(403);
    assertThat(viewer.get(hidden).statusCode()).isEqualTo(404);
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
