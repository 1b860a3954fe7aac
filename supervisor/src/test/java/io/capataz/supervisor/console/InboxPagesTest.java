package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What waits for a person, and what becomes of what they decide. */
class InboxPagesTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final String ann = "ann-" + UUID.randomUUID() + "@acme.example";
  private final Browser browser = new Browser(supervisor);

  @BeforeEach
  void sign_in() {
    supervisor.post(
        "/acme/member",
        Map.of("email", ann, "name", "Ann", "role", "user", "password", "correct horse battery"));
    browser.post("/console/sign-in", Map.of("email", ann, "password", "correct horse battery"));
  }

  @Test
  void an_approval_is_approved_with_a_note() {
    var job =
        work.post(
            approval(Map.of("success_label", "Ship it", "failure_label", "Stop")),
            Map.of("task_arguments", List.of("<b>1.2</b>")));

    var page = page("/console/inbox");
    assertThat(page)
        .contains(
            "Waiting for you: 1", "Ship it", "Stop", "&lt;b&gt;1.2&lt;/b&gt;", "0 of 1 approvals")
        .containsPattern("<b class=\"due\"[^>]*>1</b>");
    assertThat(page("/console/jobs")).containsPattern("<b class=\"due\"[^>]*>1</b>");

    var done = browser.post("/console/inbox/" + job + "/approve", Map.of("comment", "tested"));

    var to = done.headers().firstValue("Location").orElseThrow();
    assertThat(to).endsWith("/console/inbox?approved=" + job);
    assertThat(page("/console/inbox?approved=" + job))
        .contains("Approved", "/console/jobs/" + job, "Nothing waits for you")
        .doesNotContain("class=\"due\"");
    assertThat(work.status(job)).isEqualTo("succeeded");
    assertThat(work.job(job).at("/approvals/0/comment").asString()).isEqualTo("tested");
  }

  @Test
  void a_decision_that_comes_too_late_is_said_on_the_page() {
    var job = work.post(approval(Map.of()), Map.of("task_arguments", List.of("1.2")));
    browser.post("/console/inbox/" + job + "/reject", Map.of("comment", ""));
    assertThat(work.status(job)).isEqualTo("failed");

    var late = browser.post("/console/inbox/" + job + "/approve", Map.of());

    assertThat(late.statusCode()).isEqualTo(409);
    assertThat(late.body()).contains("Not recorded");
    var stranger = Browser.signedIn(supervisor, supervisor.tokenWith(Role.VIEWER));
    assertThat(stranger.get("/console/inbox").body()).doesNotContain(job);
  }

  @Test
  void an_input_is_asked_again_until_its_values_are_right() {
    var task =
        made(
            Map.of(
                "name",
                "how many",
                "type",
                "input",
                "user_inputs_members",
                List.of(ann),
                "acls",
                List.of("user"),
                "task_arguments",
                List.of(
                    Map.of("type", "number", "label", "Count", "max", 5),
                    Map.of("type", "input", "label", "Why", "required", false))));
    var job = work.post(task);
    assertThat(page("/console/inbox?job=" + job)).contains("Count", "At most 5.", "Answer");

    var wrong = browser.post("/console/inbox/" + job + "/answer", Map.of("a0", "9", "a1", "two"));
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("value=\"9\"", "value=\"two\"", "class=\"field bad\"");

    browser.post("/console/inbox/" + job + "/answer", Map.of("a0", "3", "a1", ""));
    assertThat(work.status(job)).isEqualTo("succeeded");
    assertThat(work.job(job).at("/output/0").asString()).isEqualTo("3");
  }

  @Test
  void the_inbox_speaks_spanish() {
    browser.reading("es");

    assertThat(page("/console/inbox")).contains("Bandeja", "Nada espera por usted");
  }

  private String approval(Map<String, ?> more) {
    var task = new TreeMap<String, Object>(more);
    task.put("name", "release");
    task.put("type", "approval");
    task.put("approvers", List.of(ann));
    task.put("task_arguments", List.of(Map.of("type", "input", "label", "version")));
    return made(task);
  }

  private String made(Map<String, ?> task) {
    return supervisor.post("/acme/task", task).body().path("id").asString();
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
