package io.capataz.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** Tasks, pools and jobs as a test needs them, made over the real routes. */
public final class TestWork {

  private final TestSupervisor supervisor;

  public TestWork(TestSupervisor supervisor) {
    this.supervisor = supervisor;
  }

  /** A task for an agent's host, with whatever else the test wants of it; its id. */
  public String taskOn(TestAgent agent, Map<String, ?> more) {
    return task("host_id", agent.host(), more);
  }

  /** A task for a pool; its id. */
  public String taskIn(String pool, Map<String, ?> more) {
    return task("pool", pool, more);
  }

  private String task(String target, String id, Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    body.put("name", "any");
    body.put(target, id);
    body.put("script", Map.of("filename", "x.sh", "content", "exit 0"));
    return ok(supervisor.post("/acme/task", body)).text("/id");
  }

  /** A pool of these agents' hosts; its id. */
  public String pool(TestAgent... agents) {
    var hosts = Arrays.stream(agents).map(TestAgent::host).toList();
    var body = Map.of("name", "pool-" + UUID.randomUUID(), "hosts", hosts);
    return ok(supervisor.post("/acme/pool", body)).text("/id");
  }

  /** Posts a job; its id. */
  public String post(String task, Map<String, ?> run) {
    return ok(supervisor.post("/acme/task/" + task + "/job", run)).text("/id");
  }

  public String post(String task) {
    return post(task, Map.of());
  }

  public JsonNode job(String id) {
    return ok(supervisor.get("/acme/job/" + id)).body();
  }

  public String status(String id) {
    return job(id).at("/status").asString();
  }

  /** The rule that keeps it waiting. */
  public String why(String id) {
    return ok(supervisor.get("/acme/job/" + id + "/why")).text("/why/rule");
  }

  private static TestSupervisor.Answer ok(TestSupervisor.Answer answer) {
    assertThat(answer.status()).describedAs(answer.raw().body()).isIn(200, 201);
    return answer;
  }
}
