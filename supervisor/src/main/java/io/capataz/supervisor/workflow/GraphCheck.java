package io.capataz.supervisor.workflow;

import io.capataz.supervisor.web.ApiProblem.FieldError;
import io.capataz.supervisor.workflow.Plan.Edge;
import io.capataz.supervisor.workflow.Plan.Step;
import io.capataz.supervisor.workflow.Plan.Value;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** Whether a graph can be run: where it begins, what is reached, whether loops and joins end. */
final class GraphCheck {

  private final GraphFields.Read graph;
  private final List<FieldError> errors;
  private final Map<String, List<Edge>> out = new HashMap<>();
  private final Map<String, List<Edge>> in = new HashMap<>();

  GraphCheck(GraphFields.Read graph, List<FieldError> errors) {
    this.graph = graph;
    this.errors = errors;
    for (var edge : graph.edges()) {
      out.computeIfAbsent(edge.from(), _ -> new ArrayList<>()).add(edge);
      in.computeIfAbsent(edge.to(), _ -> new ArrayList<>()).add(edge);
    }
  }

  void check() {
    if (graph.starts().isEmpty()) {
      errors.add(
          new FieldError(
              "/start_task_id",
              "no_start",
              "is required: an edge leads to every node, so a run would not know where to begin."));
      return;
    }
    var reached = reached();
    graph.steps().keySet().stream()
        .filter(step -> !reached.contains(step))
        .forEach(step -> wrong(step, "", "unreachable", "is not reached from the start."));
    graph.steps().values().forEach(this::sources);
    var loops = loops();
    loops.forEach(this::loop);
    var looped = new HashSet<String>();
    loops.forEach(looped::addAll);
    looped.stream()
        .filter(step -> need(step) > 0)
        .forEach(
            step ->
                wrong(
                    step,
                    "/value/join",
                    "join_in_loop",
                    "is part of a loop, and a join begins once in a run. Put the loop into a"
                        + " workflow of its own."));
    if (errors.isEmpty()) {
      joins(looped);
    }
  }

  private int need(String step) {
    return step(step).need();
  }

  private Step step(String id) {
    return Objects.requireNonNull(graph.steps().get(id));
  }

  private List<Edge> out(String step) {
    return out.getOrDefault(step, List.of());
  }

  private List<Edge> in(String step) {
    return in.getOrDefault(step, List.of());
  }

  private Set<String> reached() {
    var reached = new HashSet<>(graph.starts());
    var next = new ArrayDeque<>(graph.starts());
    while (!next.isEmpty()) {
      out(next.remove()).stream().map(Edge::to).filter(reached::add).forEach(next::add);
    }
    return reached;
  }

  /** A value that is looked up in a step that is none. */
  private void sources(Step step) {
    var each = step.forEach();
    Stream.concat(
            step.arguments().values().stream(), each == null ? Stream.of() : Stream.of(each.in()))
        .map(Value::step)
        .filter(source -> source != null && !graph.steps().containsKey(source))
        .forEach(
            source ->
                wrong(
                    step.id(),
                    "/value",
                    "not_found",
                    "takes a value from step " + source + ", which is none of the nodes."));
  }

  private void loop(Set<String> loop) {
    var left =
        loop.stream().flatMap(step -> out(step).stream()).anyMatch(e -> !loop.contains(e.to()));
    if (!left) {
      var some = loop.stream().sorted().findFirst().orElseThrow();
      wrong(some, "", "endless", "is part of a loop that no edge leaves, so a run would not end.");
    }
  }

  /** The steps that can reach themselves, those of each loop together. */
  private List<Set<String>> loops() {
    var done = new HashSet<String>();
    var order = new ArrayList<String>();
    for (var step : graph.steps().keySet()) {
      finish(step, done, order);
    }
    done.clear();
    var loops = new ArrayList<Set<String>>();
    for (var step : order.reversed()) {
      var together = new HashSet<String>();
      var next = new ArrayDeque<>(List.of(step));
      while (!next.isEmpty()) {
        var at = next.remove();
        if (done.add(at)) {
          together.add(at);
          in(at).forEach(edge -> next.add(edge.from()));
        }
      }
      if (together.size() > 1
          || (together.contains(step)
              && out(step).stream().anyMatch(edge -> edge.to().equals(step)))) {
        loops.add(together);
      }
    }
    return loops;
  }

  /** Depth first without recursion: a graph may be a chain of thousands. */
  private void finish(String from, Set<String> done, List<String> order) {
    if (!done.add(from)) {
      return;
    }
    var path = new ArrayDeque<String>(List.of(from));
    var left = new HashMap<String, ArrayDeque<Edge>>();
    while (!path.isEmpty()) {
      var at = path.getLast();
      var edges = left.computeIfAbsent(at, step -> new ArrayDeque<>(out(step)));
      var edge = edges.poll();
      if (edge == null) {
        order.add(path.removeLast());
      } else if (done.add(edge.to())) {
        path.add(edge.to());
      }
    }
  }

  /**
   * Joins of all edges that need two different ends of one step. What has to have happened before a
   * step begins is known as far as steps are visited once.
   */
  private void joins(Set<String> looped) {
    var before = new HashMap<String, Map<String, String>>();
    var once = new HashSet<String>();
    for (var step : inOrder(looped)) {
      var edges = in(step);
      var isStart = graph.starts().contains(step);
      if (need(step) > 0
          || (isStart && edges.isEmpty())
          || (!isStart && edges.size() == 1 && once.contains(edges.getFirst().from()))) {
        once.add(step);
      }
      before.put(step, isStart ? Map.of() : before(step, edges, before, once));
    }
  }

  private Map<String, String> before(
      String step, List<Edge> edges, Map<String, Map<String, String>> before, Set<String> once) {
    var of = edges.stream().map(edge -> before(edge, before, once)).toList();
    if (need(step) < edges.size() || edges.size() < 2) {
      var common = new HashMap<>(of.isEmpty() ? Map.<String, String>of() : of.getFirst());
      of.forEach(other -> common.entrySet().retainAll(other.entrySet()));
      return common;
    }
    var all = new HashMap<String, String>();
    for (var one : of) {
      one.forEach(
          (source, event) -> {
            var other = all.put(source, event);
            if (other != null && !other.equals(event)) {
              wrong(
                  step,
                  "/value/join",
                  "never_met",
                  "waits for all edges, and can never have them: step %s would have to end with"
                          .formatted(source)
                      + " both %s and %s.".formatted(other, event));
            }
          });
    }
    return all;
  }

  private static Map<String, String> before(
      Edge edge, Map<String, Map<String, String>> before, Set<String> once) {
    var of = new HashMap<>(before.getOrDefault(edge.from(), Map.of()));
    if (once.contains(edge.from())) {
      of.put(edge.from(), edge.event());
    }
    return of;
  }

  /** The steps outside of loops, each after those that lead to it. */
  private List<String> inOrder(Set<String> looped) {
    var done = new HashSet<String>();
    var order = new ArrayList<String>();
    graph.starts().forEach(start -> finish(start, done, order));
    return order.reversed().stream().filter(step -> !looped.contains(step)).toList();
  }

  private void wrong(String step, String field, String code, String what) {
    errors.add(
        new FieldError(graph.pointers().get(step) + field, code, "Step " + step + " " + what));
  }
}
