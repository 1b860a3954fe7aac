package io.capataz.supervisor.trigger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes tasks and workflows that events start, and plays the agent of their jobs. */
public final class Triggering {

  private static final List<Map<String, ?>> ONE =
      List.of(Map.of("type", "input", "label", "in", "required", false));

  public final TestSupervisor supervisor;
  public final TestWork work;
  public final TestAgent agent;

  public Triggering(TestSupervisor supervisor) {
    this.supervisor = supervisor;
    this.work = new TestWork(supervisor);
    this.agent = TestAgent.enrolled(supervisor);
  }

  /** A task with one argument that these events start; its id. */
  public String task(String... events) {
    return task(Map.of(), events);
  }

  public String task(Map<String, ?> more, String... events) {
    var body = new HashMap<String, Object>(more);
    body.putIfAbsent("task_arguments", ONE);
    body.put("triggers", List.of(events));
    return work.taskOn(agent, body);
  }

  /** A workflow of one step that these events start; its id. */
  public String workflow(String task, String... events) {
    var node = Map.of("v", "a", "value", Map.of("task_id", task));
    var answer =
        supervisor.post(
            "/acme/workflows",
            Map.of(
                "name",
                "w-" + UUID.randomUUID(),
                "triggers",
                List.of(events),
                "graph",
                Map.of("nodes", List.of(node), "edges", List.of())));
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.text("/id");
  }

  /** The id of an event, as the list of events has it. */
  public String event(String emitter, String name) {
    var found = supervisor.get("/acme/event?emitter_id=" + emitter + "&name=" + name);
    assertThat(found.status()).describedAs(found.raw().body()).isEqualTo(200);
    assertThat(found.body().size()).isEqualTo(1);
    return found.text("/0/_id");
  }

  /** The jobs of a task, newest first. */
  public List<JsonNode> jobs(String task) {
    var answer = supervisor.get("/acme/job?task_id=" + task);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body().valueStream().toList();
  }

  /** Waits for the only job of a task. */
  public JsonNode only(String task) {
    return await().until(() -> jobs(task), found -> found.size() == 1).getFirst();
  }

  /** Runs a task, to an end with a result. */
  public WorkOrder run(String task, @Nullable Object result) {
    return end(work.post(task), new Outcome.Succeeded(), result);
  }

  /** Claims a job, and ends it. */
  public WorkOrder end(String job, Outcome outcome, @Nullable Object result) {
    var order = agent.claimHeard(job);
    agent.started(order);
    var answer =
        result == null ? agent.end(order, outcome) : agent.returned(order, outcome, result);
    assertThat(answer.status()).isEqualTo(204);
    return order;
  }
}
