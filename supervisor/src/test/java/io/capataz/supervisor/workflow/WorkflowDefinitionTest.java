package io.capataz.supervisor.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Workflows are made, changed and refused over HTTP. */
class WorkflowDefinitionTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task =
      work.taskOn(
          agent, Map.of("task_arguments", List.of(Map.of("type", "input", "label", "who"))));

  @Test
  void a_workflow_is_made_shown_changed_and_removed() {
    var graph = graph(List.of(node("a"), node("b")), List.of(edge("a", "b", "success")));
    var made = supervisor.post("/acme/workflows", workflow(graph));
    assertThat(made.status()).describedAs(made.raw().body()).isEqualTo(200);
    var path = "/workflows/" + made.text("/id");

    assertThat(made.body().at("/version").asInt()).isEqualTo(1);
    assertThat(supervisor.get(path + "/graph").body().toString())
        .isEqualTo(made.body().at("/graph").toString());
    var changed = new HashMap<>(workflow(graph(List.of(node("a")), List.of())));
    var after = supervisor.ask("PUT", path, changed, "If-Match", "\"1\"");
    assertThat(after.body().at("/version").asInt()).isEqualTo(2);
    assertThat(supervisor.ask("PUT", path, changed, "If-Match", "\"1\"").status()).isEqualTo(412);
    assertThat(supervisor.put(path, changed).body().at("/version").asInt()).isEqualTo(2);
    assertThat(supervisor.get(path + "/credentials").text("/secret")).isNotEmpty();
    assertThat(
            supervisor
                .ask("PATCH", path + "/acl", Map.of("users", List.of("user"), "action", "add"))
                .body()
                .at("/acl/0")
                .asString())
        .isEqualTo("user");
    assertThat(supervisor.ask("DELETE", path, null).status()).isEqualTo(200);
    assertThat(supervisor.get(path).status()).isEqualTo(404);
  }

  @Test
  void what_cannot_be_run_is_refused_and_the_node_is_named() {
    refused(graph(List.of(), List.of()), "/graph", "empty");
    refused(
        graph(List.of(node("a"), node("b")), List.of(edge("a", "b", "x"), edge("b", "a", "y"))),
        "/start_task_id",
        "no_start");
    refused(
        graph(List.of(node("a")), List.of(edge("a", "z", "x"))), "/graph/edges/0/w", "not_found");
    refused(
        graph(List.of(Map.of("v", "a", "value", Map.of("task_id", "0".repeat(24)))), List.of()),
        "/graph/nodes/0",
        "not_found");
    refused(
        graph(
            List.of(node("s"), node("a"), node("b")),
            List.of(edge("s", "a", "success"), edge("a", "b", "x"), edge("b", "a", "y"))),
        "/graph/nodes/1",
        "endless");
    refused(
        graph(List.of(node("a"), node("b", Map.of("join", 2))), List.of(edge("a", "b", "x"))),
        "/graph/nodes/1/value/join",
        "never_met");
    refused(
        graph(List.of(node("a", Map.of("arguments", Map.of("nobody", "/output/0")))), List.of()),
        "/graph/nodes/0/value/arguments/nobody",
        "not_found");
    var many = IntStream.range(0, 10_000).mapToObj(i -> node("n" + i)).toList();
    refused(graph(many, List.of()), "/graph", "too_many");
  }

  @Test
  void a_node_that_is_not_reached_is_named() {
    var body =
        new HashMap<>(
            workflow(
                graph(
                    List.of(node("a"), node("b"), node("c")), List.of(edge("b", "c", "success")))));
    body.put("start_task_id", "a");

    var answer = supervisor.post("/acme/workflows", body);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().at("/errors").findValuesAsString("pointer"))
        .containsExactly("/graph/nodes/1", "/graph/nodes/2");
  }

  /** The two branches of a decision never both end. */
  @Test
  void a_join_of_the_two_branches_of_a_decision_is_never_met() {
    var nodes = List.of(node("a"), node("b"), node("c"), node("j", Map.of("join", "all")));
    var edges =
        new ArrayList<>(
            List.of(
                edge("a", "b", "success"),
                edge("a", "c", "failure"),
                edge("b", "j", "success"),
                edge("c", "j", "success")));
    refused(graph(nodes, edges), "/graph/nodes/3/value/join", "never_met");

    edges.set(1, edge("a", "c", "success"));
    assertThat(supervisor.post("/acme/workflows", workflow(graph(nodes, edges))).status())
        .isEqualTo(200);
  }

  private void refused(Map<String, Object> graph, String pointer, String code) {
    var answer = supervisor.post("/acme/workflows", workflow(graph));
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
    assertThat(answer.text("/errors/0/pointer")).isEqualTo(pointer);
    assertThat(answer.text("/errors/0/code")).isEqualTo(code);
  }

  private static Map<String, Object> workflow(Map<String, Object> graph) {
    return Map.of("name", "w-" + UUID.randomUUID(), "graph", graph);
  }

  private static Map<String, Object> graph(List<?> nodes, List<?> edges) {
    return Map.of("nodes", nodes, "edges", edges);
  }

  private Map<String, Object> node(String id) {
    return node(id, Map.of());
  }

  private Map<String, Object> node(String id, Map<String, ?> more) {
    var value = new HashMap<String, Object>(more);
    value.put("task_id", task);
    return Map.of("v", id, "value", value);
  }

  private static Map<String, Object> edge(String from, String to, String event) {
    return Map.of("v", from, "w", to, "value", event);
  }
}
