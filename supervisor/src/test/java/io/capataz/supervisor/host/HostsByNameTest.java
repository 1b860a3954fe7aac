package io.capataz.supervisor.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Where a pool may be given by its name, so may a host. */
class HostsByNameTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String id = agent.host();
  private final String name = supervisor.get("/acme/host/" + id).text("/name");
  private final Map<String, String> script = Map.of("filename", "x.sh", "content", "exit 0");

  @Test
  void in_a_task() {
    for (var field : List.of("host_id", "host")) {
      var task = supervisor.post("/acme/task", Map.of("name", "x", field, name, "script", script));
      assertThat(task.text("/host_id")).describedAs(task.raw().body()).isEqualTo(id);
    }
    var tasks =
        supervisor.post(
            "/acme/task", Map.of("name", "x", "hosts", List.of(name), "script", script));
    assertThat(tasks.body().toString()).contains("\"host_id\":\"" + id + "\"");
  }

  @Test
  void in_a_pool() {
    var body = Map.of("name", "pool-" + UUID.randomUUID(), "hosts", List.of(name, id));

    var pool = supervisor.post("/acme/pool", body);

    assertThat(pool.body().get("hosts").toString()).isEqualTo("[\"" + id + "\"]");
    assertThat(pool.status()).isEqualTo(201);
    var location = pool.raw().headers().firstValue("Location").orElse("");
    assertThat(supervisor.get(location).text("/id")).isEqualTo(pool.text("/id"));
    var wrong = supervisor.put("/acme/pool/" + pool.text("/id"), Map.of("hosts", List.of("no")));
    assertThat(wrong.text("/errors/0/pointer")).isEqualTo("/hosts/0");
  }

  @Test
  void in_a_path() {
    assertThat(supervisor.get("/acme/host/" + name).text("/id")).isEqualTo(id);
    assertThat(supervisor.put("/acme/host/" + name + "/disable").text("/id")).isEqualTo(id);
    assertThat(supervisor.put("/acme/host/" + name + "/enable").text("/id")).isEqualTo(id);
    var labelled =
        supervisor.ask("PATCH", "/acme/host/" + name, Map.of("labels", Map.of("a", "b")));
    assertThat(labelled.body().toString()).contains("\"a\":\"b\"");
    var task = work.taskOn(agent, Map.of());
    assertThat(supervisor.ask("DELETE", "/acme/host/" + name, null).text("/code"))
        .isEqualTo("in_use");
    assertThat(supervisor.ask("DELETE", "/acme/task/" + task, null).status()).isEqualTo(200);
    assertThat(supervisor.ask("DELETE", "/acme/host/" + name, null).status()).isEqualTo(200);
    assertThat(supervisor.get("/acme/host/" + id).status()).isEqualTo(404);
  }
}
