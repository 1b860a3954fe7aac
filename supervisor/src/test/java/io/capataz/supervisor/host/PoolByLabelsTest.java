package io.capataz.supervisor.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Sync;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Pools that find their hosts by labels: a host that is labelled anew changes its pools by that.
 */
class PoolByLabelsTest {

  private static final TestSupervisor supervisor = TestSupervisor.shared();
  private static final TestWork work = new TestWork(supervisor);

  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String mark = "m" + UUID.randomUUID();
  private final String name = "pool-" + UUID.randomUUID();

  @Test
  void a_host_takes_the_pools_jobs_for_as_long_as_its_labels_fit() {
    var pool = make(Map.of("name", name, "labels", "mark=" + mark + ",!retired")).text("/id");
    var task = work.taskIn(pool, Map.of());
    var first = work.post(task);
    assertThat(work.why(first)).isEqualTo("pool_empty");
    assertThat(agent.claim(TestAgent.newClaimId(), 1)).isEmpty();

    label(Map.of("mark", mark));
    assertThat(supervisor.get("/acme/pool/" + pool).body().at("/hosts/0").asString())
        .isEqualTo(agent.host());
    assertThat(supervisor.get("/acme/pool?name=" + name).body().at("/0/hosts/0").asString())
        .isEqualTo(agent.host());
    var told = sync();
    assertThat(told.waiting()).containsExactly(first);
    assertThat(told.pools().getFirst().topic()).isEqualTo("capataz.pool." + pool);
    assertThat(agent.claimOne().job()).isEqualTo(first);

    var second = work.post(task);
    label(Map.of("mark", mark, "retired", ""));
    assertThat(agent.claim(TestAgent.newClaimId(), 1, second)).isEmpty();
    assertThat(sync().pools()).isEmpty();
    assertThat(work.why(second)).isEqualTo("pool_empty");

    label(Map.of("mark", mark));
    assertThat(agent.claimOne().job()).isEqualTo(second);
  }

  /** Otherwise any host could have the jobs and secrets of any pool. */
  @Test
  void what_an_agent_says_of_itself_makes_its_host_no_part_of_a_pool() {
    var pool = make(Map.of("name", name, "labels", "mark=" + mark)).text("/id");
    var job = work.post(work.taskIn(pool, Map.of()));

    agent.openLabelled(Map.of("mark", mark));

    assertThat(supervisor.get("/acme/pool/" + pool).body().at("/hosts")).isEmpty();
    assertThat(sync().pools()).isEmpty();
    assertThat(agent.claim(TestAgent.newClaimId(), 1, job)).isEmpty();
    assertThat(work.why(job)).isEqualTo("pool_empty");
  }

  @Test
  void a_join_token_gives_its_host_labels() {
    var pool = make(Map.of("name", name, "labels", "mark=" + mark)).text("/id");

    var joined = TestAgent.enrolled(supervisor, Map.of("labels", Map.of("mark", mark)));

    assertThat(supervisor.get("/acme/pool/" + pool).body().at("/hosts/0").asString())
        .isEqualTo(joined.host());
    assertThat(
            supervisor
                .post("/acme/host/join-token", Map.of("labels", Map.of("a b", "c")))
                .text("/errors/0/pointer"))
        .isEqualTo("/labels");
  }

  @Test
  void a_pool_is_shown_and_changed_by_its_name_too_and_removed_when_no_task_is_for_it() {
    var id = make(Map.of("name", name, "labels", "mark=" + mark)).text("/id");
    assertThat(supervisor.get("/acme/pool/" + name).text("/id")).isEqualTo(id);

    var changed =
        send("PATCH", "/acme/pool/" + name, Map.of("labels", "mark in (x, " + mark + ")"));
    assertThat(changed.status()).isEqualTo(200);
    assertThat(changed.text("/labels")).isEqualTo("mark in (x, " + mark + ")");
    var named = send("PATCH", "/acme/pool/" + id, Map.of("name", name + "-2"));
    assertThat(named.text("/name")).isEqualTo(name + "-2");
    assertThat(named.text("/labels")).isEqualTo("mark in (x, " + mark + ")");
    var listed = send("PUT", "/acme/pool/" + id, Map.of("hosts", List.of(agent.host())));
    assertThat(listed.body().has("labels")).isFalse();
    assertThat(listed.body().at("/hosts/0").asString()).isEqualTo(agent.host());

    work.taskIn(id, Map.of());
    var refused = send("DELETE", "/acme/pool/" + id, Map.of());
    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.text("/detail")).contains("any");
    var unused = make(Map.of("name", name)).text("/id");
    assertThat(send("PATCH", "/acme/pool/" + unused, Map.of("name", name + "-2")).text("/code"))
        .isEqualTo("name_taken");
    assertThat(send("DELETE", "/acme/pool/" + unused, Map.of()).status()).isEqualTo(200);
    assertThat(supervisor.get("/acme/pool/" + unused).status()).isEqualTo(404);
  }

  @Test
  void what_is_no_selector_is_told() {
    var answer = make(Map.of("name", name, "labels", "os=linux && gpu"));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo("/labels");
    assertThat(answer.text("/errors/0/detail")).contains("os=linux && gpu").contains("notin");
    assertThat(
            make(Map.of("name", name, "labels", "gpu", "hosts", List.of(agent.host())))
                .text("/errors/0/code"))
        .isEqualTo("conflict");
  }

  private Answer make(Map<String, ?> pool) {
    return supervisor.post("/acme/pool", pool);
  }

  private void label(Map<String, String> labels) {
    assertThat(send("PATCH", "/acme/host/" + agent.host(), Map.of("labels", labels)).status())
        .isEqualTo(200);
  }

  private Sync.Answer sync() {
    return MessageJson.mapper()
        .treeToValue(agent.say("sync", new Sync(agent.epoch(), true)).body(), Sync.Answer.class);
  }

  private static Answer send(String method, String path, Object body) {
    return supervisor.send(
        supervisor
            .request(path)
            .header("Authorization", "Bearer " + supervisor.token())
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofByteArray(MessageJson.write(body))));
  }
}
