package io.capataz.supervisor.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.dispatch.EventTopic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A client of one supervisor follows jobs that are reported to another one. */
class TwoSupervisorsEventsTest {

  private static final TestClock clock = new TestClock();
  private static final TestSupervisor one = TestSupervisor.withClock(clock);
  private static final TestSupervisor other = one.another(clock);

  /** Nobody listens there. */
  private static final TestSupervisor withoutBroker =
      one.another(clock, "--capataz.kafka=127.0.0.1:1", "--capataz.rate-limit.enabled=false");

  private final TestWork work = new TestWork(one);
  private final TestAgent agent = TestAgent.enrolled(one);
  private final String task = work.taskOn(agent, Map.of());

  @AfterAll
  static void stop() {
    withoutBroker.close();
    other.close();
    one.close();
  }

  @Test
  void a_client_there_hears_what_is_reported_here() throws Exception {
    jobIsFollowedAt(other);
  }

  @Test
  void while_the_broker_is_away_changes_are_found_in_the_store() throws Exception {
    jobIsFollowedAt(withoutBroker);
  }

  private void jobIsFollowedAt(TestSupervisor there) throws Exception {
    try (var events = TestEvents.of(there, "/acme/events?task=" + task)) {
      assertThat(events.next().name()).isEqualTo("snapshot");

      var order = claimed();
      var job = order.job();
      events.until(job, "running");
      report(order, 0, 30, "first");
      assertThat(events.next("progress", job).text("/percent")).isEqualTo("30");
      report(order, 1, 60, "second");
      assertThat(events.next("progress", job).text("/message")).isEqualTo("second");
      agent.end(order, new Outcome.Succeeded());
      events.until(job, "succeeded");
    }
  }

  @Test
  void a_job_that_ends_there_ends_the_stream_here() throws Exception {
    var order = claimed();

    try (var events = TestEvents.of(other, "/acme/job/" + order.job() + "/events")) {
      assertThat(events.next().name()).isEqualTo("snapshot");
      agent.end(order, new Outcome.Succeeded());
      events.until(order.job(), "succeeded");
      assertThat(events.next().name()).isEqualTo("end");
      events.awaitEnd();
    }
  }

  @Test
  void a_token_that_is_revoked_there_hears_nothing_more_here() throws Exception {
    var token = one.post("/acme/integration-token", Map.of("name", "reader"));

    try (var events = TestEvents.as(token.text("/token"), other, "/acme/events")) {
      assertThat(events.next().name()).isEqualTo("snapshot");
      one.ask("DELETE", "/acme/integration-token/" + token.text("/id"), null);
      events.awaitEnd();
    }
  }

  @Test
  void records_of_strangers_show_nobody_anything() throws Exception {
    var topic = one.context().getBean(EventTopic.class);
    try (var events = TestEvents.of(other, "/acme/events?task=" + task)) {
      events.next();
      for (var forged :
          List.of(
              "not json",
              "[{\"specversion\":\"1.0\",\"type\":\"io.capataz.job.moved\",\"customer\":\"acme\","
                  + "\"subject\":\"ffffffffffffffffffffffff\",\"data\":{\"status\":\"failed\"}}]")) {
        assertThat(topic.publish("stranger", "text/plain", forged.getBytes(StandardCharsets.UTF_8)))
            .isTrue();
      }

      var job = work.post(task);
      await().until(() -> events.next().text("/id").equals(job));
    }
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
