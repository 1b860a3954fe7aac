package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What schedules will start, and what people may change about that. */
class SchedulePagesTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final Browser browser = Browser.signedIn(supervisor, supervisor.token());

  @Test
  void a_schedule_is_shown_paused_resumed_and_an_instant_skipped() {
    var schedule = schedule(List.of());
    var path = "/console/schedules/" + schedule;
    assertThat(page("/console/schedules")).contains(path, "the &lt;report&gt;", "Next 24 hours");
    assertThat(page(path)).contains("30 6 * * * Europe/Madrid", "Next starts", "Pause");
    assertThat(page(path).split("name=\"at\"", -1)).hasSize(51);

    browser.post(path + "/pause", Map.of("note", "release freeze", "until", ""));
    assertThat(page(path)).contains("release freeze", "Resume");
    assertThat(page("/console/schedules")).contains("paused");
    browser.post(path + "/resume", Map.of());
    assertThat(page(path)).doesNotContain("release freeze");

    var next = supervisor.get("/acme/schedule/" + schedule + "/next?count=1").body().get(0);
    browser.post(path + "/skip", Map.of("at", next.asString()));
    assertThat(page(path)).contains("Skipped");
    assertThat(supervisor.get("/acme/schedule/" + schedule).body().at("/skips/0")).isEqualTo(next);
  }

  @Test
  void a_pause_until_a_time_that_has_passed_is_refused_on_the_page() {
    var path = "/console/schedules/" + schedule(List.of());

    var refused = browser.post(path + "/pause", Map.of("until", "2001-01-01T00:00:00Z"));

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("Not changed", "in the future");
  }

  @Test
  void who_may_only_look_changes_nothing() {
    var path = "/console/schedules/" + schedule(List.of("viewer"));
    var viewer = Browser.signedIn(supervisor, supervisor.tokenWith(Role.VIEWER));

    assertThat(viewer.get(path).statusCode()).isEqualTo(200);
    assertThat(viewer.get(path).body()).doesNotContain("name=\"at\"", "id=\"pause\"");
    assertThat(viewer.post(path + "/pause", Map.of()).statusCode()).isEqualTo(403);
    assertThat(viewer.get("/console/schedules/" + schedule(List.of())).statusCode()).isEqualTo(404);
  }

  private String schedule(List<String> acls) {
    var task = work.taskOn(agent, Map.of("acls", acls));
    var made =
        supervisor.post(
            "/acme/task/" + task + "/schedule",
            Map.of("description", "the <report>", "cron", "30 6 * * *", "zone", "Europe/Madrid"));
    return made.body().path("id").asString();
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
