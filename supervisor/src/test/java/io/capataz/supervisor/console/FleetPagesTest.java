package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Fleet runs as people see and steer them. */
class FleetPagesTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final List<TestAgent> agents =
      IntStream.range(0, 3).mapToObj(_ -> TestAgent.enrolled(supervisor)).toList();
  private final Browser browser = Browser.signedIn(supervisor, supervisor.token());

  @Test
  void a_run_is_a_matrix_whose_failed_hosts_come_first_and_are_tried_again() {
    var id = started(Map.of("waves", "1, rest", "failure_budget", "1"));
    var path = "/console/fleet/" + id;
    assertThat(page("/console/fleet")).contains(path, "3 hosts");
    var job = failed(id);

    assertThat(page(path))
        .contains("Wave 2", "class=\"cell failed\"", "/console/jobs/" + job, "class=\"cell idle\"")
        .contains("Failure budget", "Retry 1 failed");
    assertThat(page(path + "?show=failed")).contains("/console/jobs/" + job, "All hosts");
    assertThat(page(path + "?show=running")).contains("No host is in this state");

    var retried = browser.post(path + "/retry", Map.of("host", agents.getFirst().host()));
    assertThat(retried.headers().firstValue("Location")).isPresent();
    assertThat(run(id).at("/totals/failed").asInt()).isZero();
  }

  @Test
  void a_run_is_paused_resumed_a_host_skipped_and_all_cancelled() {
    var id = started(Map.of("waves", "1, rest"));
    var path = "/console/fleet/" + id;

    browser.post(path + "/pause", Map.of("note", "a <freeze>"));
    assertThat(page(path)).contains("a &lt;freeze&gt;", "Resume").doesNotContain("id=\"pause\"");
    browser.post(path + "/skip", Map.of("host", agents.getLast().host()));
    assertThat(run(id).at("/totals/skipped").asInt()).isEqualTo(1);
    browser.post(path + "/resume", Map.of());
    assertThat(run(id).path("state").asString()).isEqualTo("running");
    browser.post(path + "/cancel", Map.of());
    assertThat(run(id).path("state").asString()).startsWith("cancel");
  }

  @Test
  void what_cannot_be_done_is_said_on_the_page() {
    var path = "/console/fleet/" + started(Map.of());

    var refused = browser.post(path + "/approve", Map.of());

    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(refused.body()).contains("Not changed", "role=\"alert\"", "class=\"cells\"");
    assertThat(browser.get("/console/fleet/" + "0".repeat(24)).statusCode()).isEqualTo(404);
  }

  @Test
  void the_last_wave_begins_after_an_approval() {
    var id = started(Map.of("waves", "1, rest", "approval", "last"));
    var order = orderOf(agents.getFirst());
    agents.getFirst().started(order);
    agents.getFirst().end(order, new Outcome.Succeeded());
    awaitRun(id, "/why/rule", "approval");

    assertThat(page("/console/fleet/" + id)).contains("Let the next wave begin");
    browser.post("/console/fleet/" + id + "/approve", Map.of());
    awaitRun(id, "/waves/1/begun", "true");
  }

  @Test
  void who_may_only_look_is_offered_no_change() {
    var id = started(Map.of("waves", "1, rest"));
    var path = "/console/fleet/" + id;
    var viewer = Browser.signedIn(supervisor, supervisor.tokenWith(Role.VIEWER));

    assertThat(viewer.get(path).body())
        .contains("Hosts by wave")
        .doesNotContain("id=\"pause\"", "id=\"cancel\"", path + "/");
    assertThat(viewer.post(path + "/cancel", Map.of()).statusCode()).isEqualTo(403);
    assertThat(viewer.get("/console/fleet").statusCode()).isEqualTo(200);
  }

  private String started(Map<String, ?> more) {
    var task = work.taskOn(agents.getFirst(), Map.of("acls", List.of("viewer")));
    var body = new HashMap<String, Object>(more);
    body.put("hosts", agents.stream().map(TestAgent::host).toList());
    agents.forEach(agent -> agent.open(List.of()));
    var answer = supervisor.post("/task/" + task + "/fleet", body);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.text("/id");
  }

  /** The job of the first host, which has failed. */
  private String failed(String id) {
    var first = agents.getFirst();
    var order = orderOf(first);
    first.started(order);
    first.end(order, new Outcome.ExitedWith(3));
    awaitRun(id, "/totals/failed", "1");
    return order.grant().job();
  }

  private static WorkOrder orderOf(TestAgent agent) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> agent.claim(TestAgent.newClaimId(), 1), it -> !it.isEmpty())
        .getFirst();
  }

  private void awaitRun(String id, String pointer, String value) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> run(id).at(pointer).asString(""), it -> it.equals(value));
  }

  private JsonNode run(String id) {
    return supervisor.get("/fleet/" + id).body();
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
