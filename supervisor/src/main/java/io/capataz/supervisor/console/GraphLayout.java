package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Puts the steps of a graph into layers: each below all that lead to it, and within its layer near
 * the middle of those. Edges that lead back are left out of that, so that loops end.
 */
final class GraphLayout {

  private static final int GAP = 12;
  private static final int LAYER = 88;
  private static final int MARGIN = 4;
  private static final int SWEEPS = 4;

  private final Map<String, List<String>> forward = new LinkedHashMap<>();
  private final Map<String, List<String>> backward = new HashMap<>();
  private final Map<String, Integer> layers = new LinkedHashMap<>();
  private final Map<String, Integer> left = new HashMap<>();
  private int width;
  private int height;

  private GraphLayout() {}

  /** Lays out a graph in graphlib's JSON. */
  static GraphLayout of(JsonNode graph) {
    var layout = new GraphLayout();
    for (var node : graph.path("nodes")) {
      layout.forward.put(node.path("v").asString(""), new ArrayList<>());
    }
    for (var edge : graph.path("edges")) {
      layout.join(edge.path("v").asString(""), edge.path("w").asString(""));
    }
    layout.layer();
    layout.place();
    return layout;
  }

  int width() {
    return width;
  }

  int height() {
    return height;
  }

  int x(String step) {
    return left.getOrDefault(step, MARGIN);
  }

  int y(String step) {
    return MARGIN + layers.getOrDefault(step, 0) * LAYER;
  }

  /** The way of an edge, as SVG has it. */
  String path(String from, String to) {
    var begin = x(from) + RunGraph.WIDTH / 2;
    var end = x(to) + RunGraph.WIDTH / 2;
    var top = y(from) + RunGraph.HEIGHT;
    var bottom = y(to);
    if (bottom <= top) {
      return back(from, to);
    }
    return "M%d %dC%d %d %d %d %d %d"
        .formatted(begin, top, begin, top + LAYER / 2, end, bottom - LAYER / 2, end, bottom);
  }

  private String back(String from, String to) {
    var side = Math.max(x(from), x(to)) + RunGraph.WIDTH;
    var begin = y(from) + RunGraph.HEIGHT / 2;
    var end = y(to) + RunGraph.HEIGHT / 2;
    return "M%d %dC%d %d %d %d %d %d"
        .formatted(
            x(from) + RunGraph.WIDTH,
            begin,
            side + 2 * GAP,
            begin,
            side + 2 * GAP,
            end,
            x(to) + RunGraph.WIDTH,
            end);
  }

  private void join(String from, String to) {
    var after = forward.get(from);
    if (after != null && forward.containsKey(to)) {
      after.add(to);
      backward.computeIfAbsent(to, _ -> new ArrayList<>()).add(from);
    }
  }

  /** The longest way from a first step, without what leads back. */
  private void layer() {
    var order = new ArrayList<String>();
    var seen = new HashSet<String>();
    forward.keySet().stream()
        .filter(it -> !backward.containsKey(it))
        .forEach(it -> walk(it, seen, order));
    forward.keySet().forEach(step -> walk(step, seen, order));
    var place = new HashMap<String, Integer>();
    for (var step : order.reversed()) {
      place.put(step, place.size());
    }
    for (var step : order.reversed()) {
      var deepest = -1;
      for (var before : backward.getOrDefault(step, List.of())) {
        if (place.getOrDefault(before, 0) < place.getOrDefault(step, 0)) {
          deepest = Math.max(deepest, layers.getOrDefault(before, 0));
        }
      }
      layers.put(step, deepest + 1);
    }
  }

  /** After all that follow it, without recursion: a graph may be a long chain. */
  private void walk(String first, Set<String> seen, List<String> order) {
    var open = new ArrayList<String>(List.of(first));
    while (!open.isEmpty()) {
      var step = open.getLast();
      seen.add(step);
      var next =
          forward.getOrDefault(step, List.of()).reversed().stream()
              .filter(it -> !seen.contains(it))
              .findFirst();
      if (next.isPresent()) {
        open.add(next.get());
      } else {
        open.removeLast();
        if (!order.contains(step)) {
          order.add(step);
        }
      }
    }
  }

  private void place() {
    var rows = new ArrayList<List<String>>();
    layers.forEach(
        (step, layer) -> {
          while (rows.size() <= layer) {
            rows.add(new ArrayList<>());
          }
          rows.get(layer).add(step);
        });
    var widest = rows.stream().mapToInt(List::size).max().orElse(0);
    var turns = forward.entrySet().stream().anyMatch(this::leadsBack) ? 6 * GAP : 0;
    width = 2 * MARGIN + widest * (RunGraph.WIDTH + GAP) - GAP + turns;
    height = 2 * MARGIN + Math.max(0, rows.size() - 1) * LAYER + RunGraph.HEIGHT;
    rows.forEach(this::spread);
    for (var sweep = 0; sweep < SWEEPS; sweep++) {
      var near = sweep % 2 == 0 ? backward : forward;
      for (var row : rows) {
        row.sort(Comparator.comparingDouble(step -> middle(step, near)));
        spread(row);
      }
    }
  }

  private boolean leadsBack(Map.Entry<String, List<String>> edges) {
    return edges.getValue().stream().anyMatch(to -> y(to) <= y(edges.getKey()));
  }

  private double middle(String step, Map<String, List<String>> near) {
    return near.getOrDefault(step, List.of()).stream().mapToInt(this::x).average().orElse(x(step));
  }

  private void spread(List<String> row) {
    var begin = (width - row.size() * (RunGraph.WIDTH + GAP) + GAP) / 2;
    for (var place = 0; place < row.size(); place++) {
      left.put(row.get(place), begin + place * (RunGraph.WIDTH + GAP));
    }
  }
}
