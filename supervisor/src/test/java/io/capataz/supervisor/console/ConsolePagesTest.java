package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the pages show, and that they show no more than the API would. */
class ConsolePagesTest {

  /** Each would run if it were taken for markup. */
  private static final List<String> PAYLOADS =
      List.of(
          "<script>alert(1)</script>",
          "\"><img src=x onerror=alert(1)>",
          "'};alert(1);//",
          "${1237*8641}",
          "[[${1237*8641}]]",
          "__${1237*8641}__::x",
          "javascript:alert(1)");

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final Browser browser = Browser.signedIn(supervisor, supervisor.token());

  @Test
  void a_job_is_shown_from_its_start_to_its_result() {
    var task = work.taskOn(agent, Map.of());
    var job = work.post(task);
    assertThat(page("/console/jobs/" + job)).contains("Ready", "Cancel the job");

    agent.open(List.of());
    var order = agent.claimHeard(job);
    agent.started(order);
    agent.print(order, Stream.STDOUT, 0, "hello\n");
    assertThat(page("/console/jobs/" + job)).contains("Running", "data-since");
    agent.returned(
        order, new Outcome.Succeeded(), List.of(Map.of("shard", 1, "state", "<b>fine</b>")));

    assertThat(page("/console/jobs/" + job))
        .contains("Succeeded", "Run again", "<th>shard</th>", "&lt;b&gt;fine&lt;/b&gt;")
        .doesNotContain("Cancel the job");
    assertThat(page("/console/jobs?task=" + task)).contains(job, "Succeeded");
    assertThat(page("/console/jobs?show=failed&task=" + task)).doesNotContain(job);
    assertThat(browser.get("/console/jobs?search=" + job).headers().firstValue("Location"))
        .hasValueSatisfying(to -> assertThat(to).endsWith("/console/jobs/" + job));
  }

  @Test
  void the_charts_of_the_first_page_lead_to_the_jobs_that_they_count() {
    agent.open(List.of());
    var job = work.post(work.taskOn(agent, Map.of()));
    var order = agent.claimHeard(job);
    agent.started(order);
    agent.end(order, new Outcome.ExitedWith(7));

    var home = page("/console?window=week");

    assertThat(home).contains("Queue wait", "aria-current=\"true\">Week<", "class=\"ln tone\"");
    var bar = Pattern.compile("/console/jobs[?]show=failed&amp;from=[^\"]+").matcher(home);
    var listed = bar.results().map(it -> it.group().replace("&amp;", "&")).toList();
    assertThat(page(listed.getLast())).contains(job, "Created:");
    assertThat(page("/console?window=bogus")).contains("aria-current=\"true\">Hour<");
  }

  @Test
  void a_form_shows_what_is_wrong_beside_its_field_and_keeps_what_was_typed() {
    var task =
        work.taskOn(
            agent,
            Map.of(
                "task_arguments",
                List.of(
                    Map.of("type", "number", "label", "Rows", "min", 1, "max", 5000),
                    Map.of("type", "input", "label", "Key", "masked", true),
                    Map.of("type", "fixed", "value", "--import"),
                    Map.of("type", "input", "label", "Region", "default", "eu"))));
    var form = "/console/tasks/" + task + "/run";
    assertThat(page(form)).contains("From 1 to 5,000.".replace(",", ""), "value=\"eu\"");

    var wrong = browser.post(form, Map.of("a0", "12000", "a1", "s3cret", "a3", "us"));

    assertThat(wrong.statusCode()).isEqualTo(422);
    assertThat(wrong.body())
        .contains("Must be from 1 to 5000.", "value=\"12000\"", "value=\"us\"")
        .doesNotContain("s3cret");

    var right = browser.post(form, Map.of("a0", "12", "a1", "s3cret", "a3", "us"));
    var job = right.headers().firstValue("Location").orElseThrow().replaceAll(".*/", "");
    assertThat(work.job(job).path("task_arguments_values").valueStream().map(it -> it.asString()))
        .containsExactly("12", "********", "--import", "us");
    assertThat(page("/console/jobs/" + job)).contains("Rows", "Region").doesNotContain("s3cret");
    assertThat(page(form + "?like=" + job)).contains("value=\"12\"", "value=\"us\"");
  }

  @Test
  void a_job_is_held_released_and_cancelled_from_its_page() {
    var job = work.post(work.taskOn(agent, Map.of()));

    browser.post("/console/jobs/" + job + "/hold", Map.of());
    assertThat(work.status(job)).isEqualTo("held");
    browser.post("/console/jobs/" + job + "/release", Map.of());
    assertThat(work.status(job)).isEqualTo("ready");
    browser.post("/console/jobs/" + job + "/cancel", Map.of());
    assertThat(work.status(job)).isEqualTo("canceled");
  }

  @Test
  void names_arguments_and_results_are_only_ever_text() {
    for (var payload : PAYLOADS) {
      var task =
          work.taskOn(
              agent,
              Map.of(
                  "name",
                  payload,
                  "description",
                  payload,
                  "tags",
                  List.of(payload),
                  "task_arguments",
                  List.of(Map.of("type", "input", "label", payload, "help", payload))));
      assertThat(supervisor.ask("PATCH", "/acme/task/" + task, Map.of("name", payload)).status())
          .isEqualTo(200);
      var job = work.post(task, Map.of("task_arguments", List.of(payload)));
      for (var path :
          List.of(
              "/console/jobs/" + job,
              "/console/jobs?task=" + task,
              "/console/tasks",
              "/console/tasks/" + task,
              "/console/tasks/" + task + "/run?like=" + job,
              "/console")) {
        assertThat(page(path))
            .describedAs(path)
            .doesNotContain("<script>alert", "<img src=x", "10688917", "href=\"javascript:")
            .containsPattern("<h1");
      }
      browser.post("/console/jobs/" + job + "/cancel", Map.of());
    }
  }

  @Test
  void who_may_only_look_is_offered_nothing_else_and_gets_nothing_else() {
    var task = work.taskOn(agent, Map.of("acls", List.of("viewer")));
    var hidden = work.taskOn(agent, Map.of("acls", List.of("team:other")));
    var job = work.post(task);
    var viewer = Browser.signedIn(supervisor, supervisor.tokenWith(Role.VIEWER));

    assertThat(viewer.get("/console/jobs/" + job).body()).doesNotContain("Cancel the job</button>");
    assertThat(viewer.get("/console/tasks/" + task + "/run").statusCode()).isEqualTo(403);
    assertThat(viewer.post("/console/jobs/" + job + "/cancel", Map.of()).statusCode())
        .isEqualTo(403);
    assertThat(viewer.get("/console/tasks/" + hidden).statusCode()).isEqualTo(404);
    assertThat(viewer.get("/console").statusCode()).isEqualTo(200);
    assertThat(viewer.get("/console/hosts").statusCode()).isEqualTo(200);
  }

  @Test
  void a_host_says_whether_it_would_get_a_job() {
    agent.open(List.of());
    assertThat(page("/console/hosts")).contains(agent.host());
    assertThat(page("/console/hosts/" + agent.host())).contains("Would it get a job?", "Online");

    browser.post("/console/hosts/" + agent.host() + "/drain", Map.of());

    assertThat(page("/console/hosts/" + agent.host())).contains("Draining", "Give it jobs again");
  }

  @Test
  void pages_speak_spanish() {
    browser.reading("es");

    assertThat(page("/console/jobs")).contains("Iniciado por", "lang=\"es\"");
    assertThat(page("/console/tasks")).contains("Tareas");
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(path + " " + answer.body()).isEqualTo(200);
    return answer.body();
  }
}
