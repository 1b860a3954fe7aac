package io.capataz.supervisor.workflowrun;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestSupervisor.Answer;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Makes workflows of one task for each node, runs them, and plays the agent of their jobs. */
final class Workflowing {

  private static final List<Map<String, ?>> ONE =
      List.of(Map.of("type", "input", "label", "in", "required", false));

  final TestSupervisor supervisor;
  final TestWork work;
  final TestAgent agent;
  private final List<Map<String, Object>> nodes = new ArrayList<>();
  private final List<Map<String, Object>> edges = new ArrayList<>();
  private final Map<String, String> tasks = new HashMap<>();

  Workflowing(TestSupervisor supervisor) {
    this.supervisor = supervisor;
    this.work = new TestWork(supervisor);
    this.agent = TestAgent.enrolled(supervisor);
  }

  Workflowing node(String id) {
    return node(id, Map.of());
  }

  Workflowing node(String id, Map<String, ?> more) {
    var value = new HashMap<String, Object>(more);
    if (!more.containsKey("workflow_id")) {
      value.putIfAbsent("task_id", tasks.computeIfAbsent(id, _ -> task(ONE)));
    }
    nodes.add(Map.of("v", id, "value", value));
    return this;
  }

  /** A node that is an event, as in the first version of the format. */
  Workflowing event(String id, String name) {
    nodes.add(Map.of("v", id, "value", Map.of("_type", "TaskEvent", "name", name)));
    return this;
  }

  String task(List<Map<String, ?>> parameters) {
    return work.taskOn(agent, Map.of("task_arguments", parameters));
  }

  Workflowing edge(String from, String to) {
    return edge(from, to, "success");
  }

  Workflowing edge(String from, String to, String event) {
    edges.add(Map.of("v", from, "w", to, "value", event));
    return this;
  }

  Workflowing edge(String from, String to, Map<String, Object> when) {
    edges.add(Map.of("v", from, "w", to, "value", "success", "when", List.of(when)));
    return this;
  }

  String made(Map<String, ?> more) {
    var body = new HashMap<String, Object>(more);
    body.put("name", "w-" + UUID.randomUUID());
    body.put("graph", Map.of("nodes", List.copyOf(nodes), "edges", List.copyOf(edges)));
    var answer = supervisor.post("/acme/workflows", body);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    nodes.clear();
    edges.clear();
    return answer.text("/id");
  }

  String made() {
    return made(Map.of());
  }

  /** Runs a workflow; the address of the run. */
  String run(String workflow, Object body) {
    var answer = supervisor.post("/workflows/" + workflow + "/job", body);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return "/workflows/" + workflow + "/job/" + answer.text("/id");
  }

  String run(String workflow) {
    return run(workflow, Map.of());
  }

  /** Waits for the job of a step, and claims it. */
  WorkOrder claim(String run, String step) {
    return claim(run, step, 0);
  }

  WorkOrder claim(String run, String step, int earlier) {
    var job = new String[1];
    await()
        .until(
            () -> {
              var found =
                  timeline(run).stream()
                      .filter(it -> it.path("step").asString().equals(step))
                      .filter(it -> it.has("job_id"))
                      .skip(earlier)
                      .findFirst();
              found.ifPresent(it -> job[0] = it.path("job_id").asString());
              return found.isPresent();
            });
    return agent.claimHeard(job[0]);
  }

  List<JsonNode> timeline(String run) {
    var answer = supervisor.get(run + "/timeline");
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return answer.body().valueStream().toList();
  }

  /** The steps of a run that were visited, in the order of the text. */
  List<String> steps(String run) {
    return timeline(run).stream().map(it -> it.path("step").asString()).sorted().toList();
  }

  void succeed(WorkOrder order, @Nullable Object result) {
    agent.started(order);
    var answer =
        result == null
            ? agent.end(order, new Outcome.Succeeded())
            : agent.returned(order, new Outcome.Succeeded(), result);
    assertThat(answer.status()).isEqualTo(204);
  }

  void fail(WorkOrder order) {
    agent.started(order);
    var answer = agent.end(order, new Outcome.ExitedWith(1));
    assertThat(answer.status()).isEqualTo(204);
  }

  Answer ended(String run) {
    var seen = new Answer[1];
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              seen[0] = supervisor.get(run);
              return !seen[0].text("/state").equals("in_progress");
            });
    return seen[0];
  }
}
