package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.callback.Receiver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Callbacks that nobody took, and sending them again from their page. */
class CallbackPagesTest {

  private static final TestSupervisor supervisor =
      TestSupervisor.with(
          "--capataz.outbound.allowed-networks=127.0.0.1/32", "--capataz.rate-limit.enabled=false");

  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final Browser browser = Browser.signedIn(supervisor, supervisor.token());

  @AfterAll
  static void stop() {
    supervisor.close();
  }

  @Test
  void a_dead_letter_shows_its_tries_and_is_sent_again() {
    var here = "/console/settings/callbacks";
    assertThat(page(here)).contains("No dead letters");
    try (var receiver = new Receiver()) {
      receiver.answers(new Receiver.Reply(410, Map.of(), "<b>gone</b>"));
      var job = ended(receiver.url());
      var id = deliveryIn(job, "failed").path("id").asString();
      var path = here + "/" + id;
      assertThat(page(here)).contains(path, receiver.url(), "Send all again");
      assertThat(page(path))
          .contains("410", "&lt;b&gt;gone&lt;/b&gt;", "/console/jobs/" + job, "task_id");

      receiver.answers(200);
      browser.post(path + "/replay", Map.of());
      deliveryIn(job, "succeeded");
      assertThat(page(here)).doesNotContain(path);
      assertThat(page(here + "?show=succeeded")).contains(path, "Delivered");
    }
    var user = Browser.signedIn(supervisor, supervisor.tokenWith(Role.USER));
    assertThat(user.get(here).statusCode()).isEqualTo(403);
    assertThat(user.post(here + "/replay", Map.of()).statusCode()).isEqualTo(403);
  }

  @Test
  void all_dead_letters_are_sent_again() {
    try (var receiver = new Receiver()) {
      receiver.answers(410);
      var job = ended(receiver.url());
      deliveryIn(job, "failed");
      receiver.answers(200);

      browser.post("/console/settings/callbacks/replay", Map.of());

      deliveryIn(job, "succeeded");
    }
  }

  private String ended(String target) {
    agent.open(List.of());
    var job = work.post(work.taskOn(agent, Map.of("callback_url", target)));
    var order = agent.claimHeard(job);
    agent.started(order);
    agent.end(order, new Outcome.Succeeded());
    return job;
  }

  private static JsonNode deliveryIn(String job, String state) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> supervisor.get("/acme/job/" + job + "/callbacks").body().path(0),
            it -> it.path("state").asString("").equals(state));
  }

  private String page(String path) {
    var answer = browser.get(path);
    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
    return answer.body();
  }
}
