package io.capataz.supervisor.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestPerson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who follows jobs sees them move as it happens, and nothing that is not for them. */
class LiveEventsTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = work.taskOn(agent, Map.of());

  @Test
  void first_comes_what_there_is_and_then_what_changes() throws Exception {
    var waiting = work.post(task, Map.of("hold", true));

    try (var events = TestEvents.of(supervisor, "/acme/events?task=" + task)) {
      var first = events.next();
      assertThat(first.name()).isEqualTo("snapshot");
      assertThat(first.data().at("/jobs").findValuesAsString("id")).containsExactly(waiting);
      assertThat(first.text("/jobs/0/status")).isEqualTo("held");
      assertThat(first.data().at("/complete").asBoolean()).isTrue();

      var job = work.post(task);
      assertThat(events.next().text("/status")).isEqualTo("ready");
      var order = agent.claimHeard(job);
      assertThat(events.next("job", job).text("/status")).isEqualTo("assigned");
      agent.started(order);
      assertThat(events.next("job", job).text("/status")).isEqualTo("running");
      report(order, 0, 40, "half");
      var progress = events.next("progress", job);
      assertThat(progress.text("/percent")).isEqualTo("40");
      assertThat(progress.text("/message")).isEqualTo("half");
      agent.end(order, new Outcome.ExitedWith(3));
      var end = events.next("job", job);
      assertThat(end.text("/status")).isEqualTo("failed");
      assertThat(end.text("/end/outcome/type")).isEqualTo("exited_with");
    }
  }

  @Test
  void what_there_is_can_be_read_first_and_followed_then() throws Exception {
    var job = work.post(task);
    var there = supervisor.get("/acme/events?task=" + task);
    assertThat(there.text("/jobs/0/id")).isEqualTo(job);
    supervisor.put("/acme/job/" + job + "/cancel");

    var last = there.text("/last_event_id");
    try (var events = TestEvents.after(last, supervisor, "/acme/events?task=" + task)) {
      assertThat(events.until(job, "canceled").name()).isEqualTo("job");
    }
  }

  @Test
  void the_stream_of_one_job_ends_with_it() throws Exception {
    var order = claimed();
    var path = "/acme/job/" + order.job() + "/events";

    try (var events = TestEvents.of(supervisor, path)) {
      assertThat(events.next().text("/jobs/0/status")).isEqualTo("running");
      work.post(task);
      report(order, 0, 7, "begun");
      assertThat(events.next().text("/message")).isEqualTo("begun");
      agent.end(order, new Outcome.Succeeded());

      assertThat(events.next().text("/status")).isEqualTo("succeeded");
      assertThat(events.next().name()).isEqualTo("end");
      events.awaitEnd();
    }
    try (var again = TestEvents.after("end", supervisor, path)) {
      assertThat(again.status()).isEqualTo(204);
    }
    try (var late = TestEvents.of(supervisor, "/job/" + order.job() + "/events")) {
      var all = late.next();
      assertThat(all.text("/jobs/0/status")).isEqualTo("succeeded");
      assertThat(all.text("/jobs/0/progress/message")).isEqualTo("begun");
      assertThat(late.next().name()).isEqualTo("end");
      late.awaitEnd();
    }
  }

  @Test
  void who_comes_back_gets_what_he_has_missed_and_nothing_twice() throws Exception {
    var order = claimed();
    var path = "/acme/events?task=" + task;
    String last;
    try (var events = TestEvents.of(supervisor, path)) {
      events.next();
      report(order, 0, 1, "one");
      last = events.next().id();
    }
    for (var i = 2; i <= 9; i++) {
      report(order, i - 1, i, "number " + i);
    }

    try (var events = TestEvents.after(last, supervisor, path)) {
      for (var i = 2; i <= 9; i++) {
        var event = events.next();
        assertThat(event.name()).isEqualTo("progress");
        assertThat(event.text("/message")).isEqualTo("number " + i);
      }
      report(order, 9, 10, "live");
      assertThat(events.next().text("/message")).isEqualTo("live");
    }
  }

  @Test
  void who_comes_back_to_another_place_begins_anew() throws Exception {
    var job = work.post(task);

    for (var unknown : List.of("0123456789abcdef-3", "nonsense", "end")) {
      try (var events = TestEvents.after(unknown, supervisor, "/acme/events?task=" + task)) {
        var first = events.next();
        assertThat(first.name()).isEqualTo("snapshot");
        assertThat(first.text("/jobs/0/id")).isEqualTo(job);
      }
    }
  }

  @Test
  void nobody_hears_of_jobs_that_he_may_not_see() throws Exception {
    var team = TestPerson.loggedIn(supervisor, Role.USER, "team:live");
    var hidden = work.taskOn(agent, Map.of("acls", List.of("team:other")));
    var shown = work.taskOn(agent, Map.of("acls", List.of("team:live")));
    var secret = work.post(hidden, Map.of("hold", true));

    try (var events = TestEvents.as(team.session(), supervisor, "/acme/events")) {
      assertThat(events.next().data().at("/jobs").findValuesAsString("id")).doesNotContain(secret);
      var other = work.post(hidden);
      var job = work.post(shown);

      assertThat(events.next(event -> event.text("/id").equals(job)).name()).isEqualTo("job");
      supervisor.put("/acme/job/" + other + "/cancel");
      supervisor.put("/acme/job/" + job + "/cancel");
      assertThat(events.next().text("/id")).isEqualTo(job);
    }
    try (var one = TestEvents.as(team.session(), supervisor, "/acme/job/" + secret + "/events")) {
      assertThat(one.status()).isEqualTo(404);
    }
  }

  @Test
  void a_token_that_is_revoked_hears_nothing_more() throws Exception {
    var token = supervisor.post("/acme/integration-token", Map.of("name", "reader"));

    try (var events =
        TestEvents.as(token.text("/token"), supervisor, "/acme/events?task=" + task)) {
      assertThat(events.next().name()).isEqualTo("snapshot");
      supervisor.ask("DELETE", "/acme/integration-token/" + token.text("/id"), null);
      events.awaitEnd();
      work.post(task);

      assertThat(events.arrived()).isEmpty();
    }
  }

  @Test
  void a_token_without_the_scope_or_of_another_organization_is_refused() {
    var limited =
        supervisor
            .post("/acme/integration-token", Map.of("name", "x", "scopes", List.of("task:read")))
            .text("/token");

    assertThat(supervisor.getAs(limited, "/acme/events").status()).isEqualTo(403);
    assertThat(supervisor.get("/other/events").status()).isEqualTo(404);
    assertThat(supervisor.getAs("cpz_it_x", "/acme/events").status()).isEqualTo(401);
    assertThat(supervisor.get("/acme/events?taks=1").status()).isEqualTo(400);
  }

  @Test
  void clients_choose_by_host_and_by_task() throws Exception {
    var elsewhere = TestAgent.enrolled(supervisor);
    var other = work.taskOn(elsewhere, Map.of());

    try (var events = TestEvents.of(supervisor, "/acme/events?host=" + elsewhere.host())) {
      events.next();
      work.post(task);
      var job = work.post(other);
      assertThat(events.next().text("/id")).isEqualTo(job);
    }
  }

  @Test
  void a_log_is_forgotten_only_when_it_is_long_unused() {
    var logs = new EventLogs();
    try (var use = logs.use("acme")) {
      logs.forgetUnused();
      assertThat(logs.of("acme")).hasValue(use.log());
    }
    logs.forgetUnused();

    assertThat(logs.of("acme")).isPresent();
    assertThat(logs.of("other")).isEmpty();
  }

  private WorkOrder claimed() {
    var order = agent.claimHeard(work.post(task));
    agent.started(order);
    return order;
  }

  private void report(WorkOrder order, long before, int percent, String message) {
    var report =
        new ProgressReport(
            order.claim(), before, List.of(new ProgressReport.Entry(percent, message)));
    var path = "jobs/" + order.job() + "/attempts/" + order.attempt() + "/progress";
    assertThat(agent.say(path, report).status()).isEqualTo(204);
  }
}
