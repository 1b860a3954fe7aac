package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The secret keys of a task, as people make, see and end them. */
class TaskKeyPagesTest {

  private static final Pattern ROUTE = Pattern.compile("(/acme/task/\\w+/secret/[\\w.-]+/job)");
  private static final Pattern REVOKE = Pattern.compile("action=\"(/console/[^\"]+/revoke)\"");

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final Browser browser = Browser.signedIn(supervisor, supervisor.token());

  @Test
  void a_key_is_shown_once_with_a_command_that_runs_the_task() {
    var path = keysOf(work.taskOn(agent, Map.of()));
    assertThat(REVOKE.matcher(page(path)).results()).as("the key it was created with").hasSize(1);

    var made = browser.post(path, Map.of("overlap", "86400"));

    assertThat(made.statusCode()).describedAs(made.body()).isEqualTo(200);
    assertThat(made.headers().firstValue("Cache-Control")).contains("no-store");
    var route = first(ROUTE, made.body());
    assertThat(supervisor.post(route, Map.of("task_arguments", List.of())).status())
        .isLessThan(300);
    assertThat(page(path)).doesNotContain(route).contains("Revoke");
  }

  @Test
  void older_keys_end_after_the_overlap_and_a_revoked_one_at_once() {
    var path = keysOf(work.taskOn(agent, Map.of()));
    var older = first(ROUTE, browser.post(path, Map.of("overlap", "0")).body());
    var newer = first(ROUTE, browser.post(path, Map.of("overlap", "3600")).body());
    assertThat(REVOKE.matcher(page(path)).results()).hasSize(2);

    browser.post(path, Map.of("overlap", "0"));
    assertThat(REVOKE.matcher(page(path)).results()).hasSize(1);
    assertThat(List.of(older, newer))
        .allSatisfy(route -> assertThat(supervisor.post(route, Map.of()).status()).isEqualTo(404));

    var last = first(REVOKE, page(path));
    assertThat(browser.post(last, Map.of()).statusCode()).isIn(302, 303);
    assertThat(page(path)).contains("No keys yet");
    assertThat(browser.post(last, Map.of()).statusCode()).isEqualTo(404);
  }

  @Test
  void a_command_has_the_defaults_but_no_masked_one_and_stays_one_command() {
    var parameters =
        List.of(
            Map.of("type", "input", "label", "Region", "default", "it's <eu>"),
            Map.of("type", "input", "label", "Password", "default", "hunter2", "masked", true));
    var path = keysOf(work.taskOn(agent, Map.of("task_arguments", parameters)));

    var made = browser.post(path, Map.of("overlap", "0")).body();

    assertThat(made).contains("it&#39;\\&#39;&#39;s &lt;eu&gt;").doesNotContain("hunter2");
  }

  @Test
  void a_wrong_overlap_makes_no_key() {
    var path = keysOf(work.taskOn(agent, Map.of()));

    var refused = browser.post(path, Map.of("overlap", "soon"));

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("No key was made");
    assertThat(REVOKE.matcher(page(path)).results()).hasSize(1);
  }

  @Test
  void who_may_not_change_the_task_sees_no_keys() {
    var task = work.taskOn(agent, Map.of("acls", List.of("user")));
    var user = Browser.signedIn(supervisor, supervisor.tokenWith(Role.USER));

    assertThat(user.get("/console/tasks/" + task).body()).doesNotContain(keysOf(task));
    assertThat(user.get(keysOf(task)).statusCode()).isEqualTo(403);
    assertThat(user.post(keysOf(task), Map.of()).statusCode()).isEqualTo(403);
    assertThat(page("/console/tasks/" + task)).contains(keysOf(task));
    assertThat(browser.get(keysOf("0".repeat(24))).statusCode()).isEqualTo(404);
  }

  private static String keysOf(String task) {
    return "/console/tasks/" + task + "/keys";
  }

  private static String first(Pattern pattern, String page) {
    var found = pattern.matcher(page);
    assertThat(found.find()).describedAs(page).isTrue();
    return found.group(1);
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
