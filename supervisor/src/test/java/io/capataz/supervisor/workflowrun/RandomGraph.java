package io.capataz.supervisor.workflowrun;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Graphs of all kinds: branches, joins, lists, loops, conditions. */
final class RandomGraph {

  static final List<String> EVENTS = List.of("success", "failure", "timeout", "mine");

  private final Random random;
  private final String task;
  private final List<Map<String, Object>> nodes = new ArrayList<>();
  private final List<Map<String, Object>> edges = new ArrayList<>();

  private RandomGraph(Random random, String task) {
    this.random = random;
    this.task = task;
  }

  /** A workflow as it is sent; it may be one that is refused. */
  static Map<String, Object> of(long seed, String task) {
    return new RandomGraph(new Random(seed), task).made(seed);
  }

  private Map<String, Object> made(long seed) {
    var size = 1 + random.nextInt(8);
    var in = new int[size];
    for (var to = 1; to < size; to++) {
      var sources = 1 + random.nextInt(Math.min(to, 3));
      for (var i = 0; i < sources; i++) {
        if (edge(random.nextInt(to), to)) {
          in[to]++;
        }
      }
    }
    if (size > 2 && random.nextInt(4) == 0) {
      var to = 1 + random.nextInt(size - 1);
      edge(size - 1, to);
    }
    for (var i = 0; i < size; i++) {
      node(i, in[i]);
    }
    return Map.of(
        "name",
        "random " + seed,
        "start_task_id",
        "n0",
        "graph",
        Map.of("nodes", nodes, "edges", edges));
  }

  private boolean edge(int from, int to) {
    if (edges.stream()
        .anyMatch(e -> ("n" + from).equals(e.get("v")) && ("n" + to).equals(e.get("w")))) {
      return false;
    }
    var edge = new HashMap<String, Object>();
    edge.put("v", "n" + from);
    edge.put("w", "n" + to);
    edge.put("value", random.nextInt(3) > 0 ? "success" : EVENTS.get(random.nextInt(4)));
    if (random.nextInt(6) == 0) {
      edge.put("when", List.of(Map.of("pointer", "/output/0", "greater", 4)));
    }
    edges.add(edge);
    return true;
  }

  private void node(int place, int in) {
    var value = new HashMap<String, Object>();
    value.put("task_id", task);
    if (in > 1) {
      value.put("join", List.of("each", "any", "all", "all", 2).get(random.nextInt(5)));
    }
    // What arrives first at a join of some of its edges is a matter of chance.
    if (place > 0 && List.of("each", "all").contains(value.getOrDefault("join", "each"))) {
      if (random.nextInt(4) == 0) {
        value.put("for_each", Map.of("in", "/output", "limit", 1 + random.nextInt(3)));
      }
    }
    value.put("continue_on_error", random.nextInt(5) == 0);
    value.put("max_attempts", random.nextInt(4) == 0 ? 2 : 1);
    value.put("retry_delay", 0);
    nodes.add(Map.of("v", "n" + place, "value", value));
  }
}
