package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Draws the graph of a workflow: as it is, or as a run of it stands. */
@Component
class GraphDrawing {

  private static final int MOST_STEPS = 200;
  private static final int LONGEST_NAME = 15;
  private static final int LONGEST_DETAIL = 18;

  private final Words words;

  GraphDrawing(Words words) {
    this.words = words;
  }

  /**
   * How a step stands.
   *
   * @param href where it leads; null: nowhere
   * @param isTaken whether it has begun
   */
  record Look(String state, String word, String detail, @Nullable String href, boolean isTaken) {}

  /**
   * The graph of a workflow.
   *
   * @param tasks their names by their ids
   */
  @Nullable RunGraph plain(JsonNode graph, Map<String, String> tasks) {
    var looks = new HashMap<String, Look>();
    for (var node : graph.path("nodes")) {
      var value = node.path("value");
      var task = value.path("task_id").asString("");
      var workflow = value.path("workflow_id").asString("");
      var href =
          tasks.containsKey(task)
              ? "/console/tasks/" + task
              : workflow.isEmpty() ? null : "/console/workflows/" + workflow;
      var detail = tasks.getOrDefault(task, workflow.isEmpty() ? "" : words.say("workflows.one"));
      if (value.hasNonNull("for_each")) {
        detail = words.say("workflows.each", detail);
      }
      looks.put(node.path("v").asString(""), new Look("idle", "", detail, href, false));
    }
    return draw(graph, looks, Set.of());
  }

  /**
   * A graph.
   *
   * @param looks by step
   * @param ends the events by which steps have ended, as {@code step event}
   */
  @Nullable RunGraph draw(JsonNode graph, Map<String, Look> looks, Set<String> ends) {
    if (graph.path("nodes").size() > MOST_STEPS) {
      return null;
    }
    var layout = GraphLayout.of(graph);
    var nodes = new ArrayList<RunGraph.Node>();
    var said = new ArrayList<String>();
    for (var node : graph.path("nodes")) {
      var step = node.path("v").asString("");
      var look = looks.getOrDefault(step, new Look("idle", "", "", null, false));
      said.add(look.word().isEmpty() ? step : step + ": " + look.word());
      nodes.add(
          new RunGraph.Node(
              layout.x(step),
              layout.y(step),
              cut(step, LONGEST_NAME),
              said.getLast(),
              cut(look.detail(), LONGEST_DETAIL),
              look.state(),
              look.href()));
    }
    var edges = new ArrayList<RunGraph.Edge>();
    var taken = new HashSet<>(ends);
    for (var node : graph.path("nodes")) {
      var step = node.path("v").asString("");
      if (node.path("value").path("continue_on_error").asBoolean(false)
          && ends.contains(step + " failure")) {
        taken.add(step + " success");
      }
    }
    graph.path("edges").forEach(edge -> edges.add(edge(edge, layout, looks, taken)));
    return new RunGraph(layout.width(), layout.height(), nodes, edges, String.join(", ", said));
  }

  private static RunGraph.Edge edge(
      JsonNode edge, GraphLayout layout, Map<String, Look> looks, Set<String> ends) {
    var from = edge.path("v").asString("");
    var to = edge.path("w").asString("");
    var event = edge.path("value").asString("");
    var target = looks.get(to);
    var taken = ends.contains(from + " " + event) ? taken(target) : "";
    return new RunGraph.Edge(
        layout.path(from, to),
        taken,
        event.equals("success") ? "" : cut(event, LONGEST_DETAIL),
        (layout.x(from) + layout.x(to) + RunGraph.WIDTH) / 2,
        (layout.y(from) + layout.y(to) + RunGraph.HEIGHT) / 2);
  }

  /** How an edge looks whose event happened. */
  private static String taken(@Nullable Look target) {
    if (target == null || !target.isTaken()) {
      return "";
    }
    return target.state().equals("running") ? "live" : "done";
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }
}
