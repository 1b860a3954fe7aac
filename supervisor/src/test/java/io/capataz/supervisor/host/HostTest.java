package io.capataz.supervisor.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.Sync;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Hosts get labels, are taken out of work and back into it, and are removed. */
class HostTest {

  private static final TestSupervisor supervisor = TestSupervisor.shared();
  private static final TestWork work = new TestWork(supervisor);

  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final TestAgent other = TestAgent.enrolled(supervisor);
  private final String mark = "m" + UUID.randomUUID();

  @Test
  void labels_are_given_from_both_sides_and_those_by_api_count_first() {
    agent.openLabelled(Map.of("zone", "a", "disk", "ssd", "no label!", "x"));
    label(agent, Map.of("zone", "b", "mark", mark));

    var host = host(agent);

    assertThat(texts(host.at("/labels")))
        .isEqualTo(Map.of("zone", "b", "disk", "ssd", "mark", mark));
    assertThat(texts(host.at("/labels_by_api"))).isEqualTo(Map.of("zone", "b", "mark", mark));
    assertThat(texts(host.at("/labels_by_agent"))).isEqualTo(Map.of("zone", "a", "disk", "ssd"));

    agent.openLabelled(Map.of("zone", "c"));
    assertThat(texts(host(agent).at("/labels"))).isEqualTo(Map.of("zone", "b", "mark", mark));
    label(agent, Map.of());
    assertThat(texts(host(agent).at("/labels"))).isEqualTo(Map.of("zone", "c"));
  }

  @Test
  void labels_that_cannot_be_are_refused() {
    for (var labels :
        List.<Object>of(
            Map.of("a b", "x"), Map.of("", "x"), Map.of("a", "x=y"), Map.of("a", 7), "x", 7)) {
      var answer = patch("/acme/host/" + agent.host(), Map.of("labels", labels));
      assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
      assertThat(answer.text("/errors/0/pointer")).startsWith("/labels");
    }
    assertThat(patch("/acme/host/" + agent.host(), Map.of("colour", "red")).status())
        .isEqualTo(400);
    assertThat(patch("/acme/host/nobody", Map.of("labels", Map.of())).status()).isEqualTo(404);
  }

  @Test
  void a_list_is_filtered_by_label_name_and_state() {
    label(agent, Map.of("mark", mark));
    label(other, Map.of("mark", mark));
    supervisor.put("/acme/host/" + other.host() + "/drain");

    assertThat(ids("label=mark%3D" + mark)).containsExactlyInAnyOrder(agent.host(), other.host());
    assertThat(ids("label=mark%3D" + mark + "&state=online")).containsExactly(agent.host());
    assertThat(ids("label=mark%3D" + mark + "&state=draining&state=silent"))
        .containsExactly(other.host());
    assertThat(ids("name=" + host(agent).at("/name").asString())).containsExactly(agent.host());
    assertThat(ids("label=mark%3D" + mark + "&limit=1")).hasSize(1);
    assertThat(supervisor.get("/acme/host?state=tired").text("/errors/0/pointer"))
        .isEqualTo("/state");
  }

  @Test
  void a_host_is_silent_and_then_offline_when_it_is_not_heard_of() {
    var clock = new TestClock();
    try (var alone = TestSupervisor.withClock(clock)) {
      var host = "/acme/host/" + TestAgent.enrolled(alone).host();
      for (var expected : List.of("online", "silent", "offline")) {
        assertThat(alone.get(host).text("/state")).isEqualTo(expected);
        for (var state : List.of("online", "silent", "offline")) {
          assertThat(alone.get("/acme/host?state=" + state).body().size())
              .isEqualTo(state.equals(expected) ? 1 : 0);
        }
        clock.jump(Duration.ofSeconds(60));
      }
    }
  }

  @Test
  void a_disabled_host_is_granted_nothing_and_what_runs_there_goes_on() {
    var task = work.taskOn(agent, Map.of());
    work.post(task);
    var runs = agent.claimOne();
    agent.started(runs);
    var waits = work.post(task);

    assertThat(supervisor.put("/acme/host/" + agent.host() + "/disable").text("/state"))
        .isEqualTo("disabled");

    assertThat(agent.claim(TestAgent.newClaimId(), 4)).isEmpty();
    assertThat(agent.claim(TestAgent.newClaimId(), 4, waits)).isEmpty();
    assertThat(sync(agent).waiting()).isEmpty();
    assertThat(work.why(waits)).isEqualTo("host_disabled");
    assertThat(host(agent).at("/running").asInt()).isEqualTo(1);
    assertThat(host(agent).at("/online").asBoolean()).isTrue();
    assertThat(agent.end(runs, new Outcome.Succeeded()).status()).isEqualTo(204);
    assertThat(host(agent).at("/running").asInt()).isZero();

    var enabled = supervisor.put("/host/" + agent.host() + "/enable");
    assertThat(enabled.text("/state")).isEqualTo("online");
    assertThat(enabled.body().at("/enable").asBoolean()).isTrue();
    assertThat(agent.claimOne().job()).isEqualTo(waits);
  }

  @Test
  void what_waits_for_the_pool_of_a_draining_host_goes_to_another() {
    var pool = work.pool(agent, other);
    supervisor.put("/host/" + agent.host() + "/drain");
    var job = work.post(work.taskIn(pool, Map.of()));

    assertThat(agent.claim(TestAgent.newClaimId(), 1, job)).isEmpty();
    assertThat(sync(agent).pools()).isEmpty();
    supervisor.put("/host/" + other.host() + "/disable");
    assertThat(work.why(job)).isEqualTo("pool_disabled");
    supervisor.put("/host/" + other.host() + "/enable");

    assertThat(other.claimOne().job()).isEqualTo(job);
    var own = work.post(work.taskOn(agent, Map.of()));
    assertThat(work.why(own)).isEqualTo("host_draining");
  }

  @Test
  void a_host_is_removed_when_nothing_is_under_way_and_its_agent_is_nobody_then() {
    var pool = work.pool(agent, other);
    var task = work.taskIn(pool, Map.of());
    work.post(task);
    var runs = agent.claimOne();

    var refused = delete("/acme/host/" + agent.host());
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/code")).isEqualTo("jobs_under_way");
    assertThat(host(agent).at("/state").asString()).isEqualTo("online");
    agent.end(runs, new Outcome.Succeeded());

    assertThat(delete("/acme/host/" + agent.host()).status()).isEqualTo(200);

    assertThat(supervisor.get("/acme/host/" + agent.host()).status()).isEqualTo(404);
    assertThat(agent.say("sync", new Sync(agent.epoch(), true)).status()).isEqualTo(401);
    assertThat(supervisor.get("/acme/pool/" + pool).body().at("/hosts").toString())
        .doesNotContain(agent.host())
        .contains(other.host());
    assertThat(delete("/acme/host/" + agent.host()).status()).isEqualTo(404);
  }

  @Test
  void a_host_that_tasks_are_for_is_removed_by_force_alone() {
    var job = work.post(work.taskOn(agent, Map.of()));

    var refused = delete("/acme/host/" + agent.host());
    assertThat(refused.text("/code")).isEqualTo("in_use");
    assertThat(refused.text("/detail")).contains("any");

    assertThat(delete("/acme/host/" + agent.host() + "?force=true").status()).isEqualTo(200);
    assertThat(work.why(job)).isEqualTo("host_unknown");
  }

  private static Sync.Answer sync(TestAgent agent) {
    return MessageJson.mapper()
        .treeToValue(agent.say("sync", new Sync(agent.epoch(), true)).body(), Sync.Answer.class);
  }

  private static void label(TestAgent agent, Map<String, String> labels) {
    var answer = patch("/acme/host/" + agent.host(), Map.of("labels", labels));
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
  }

  private static JsonNode host(TestAgent agent) {
    return supervisor.get("/acme/host/" + agent.host()).body();
  }

  private static List<String> ids(String query) {
    var answer = supervisor.get("/acme/host?" + query);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body().valueStream().map(host -> host.at("/id").asString()).toList();
  }

  private static Map<String, Object> texts(JsonNode object) {
    return MessageJson.mapper().treeToValue(object, MAP);
  }

  private static final tools.jackson.core.type.TypeReference<Map<String, Object>> MAP =
      new tools.jackson.core.type.TypeReference<>() {};

  private static Answer patch(String path, Object body) {
    return supervisor.send(
        supervisor
            .request(path)
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", "application/json")
            .method(
                "PATCH",
                java.net.http.HttpRequest.BodyPublishers.ofByteArray(MessageJson.write(body))));
  }

  private static Answer delete(String path) {
    return supervisor.send(
        supervisor.request(path).header("Authorization", "Bearer " + supervisor.token()).DELETE());
  }
}
