package io.capataz.supervisor.console;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A workflow's graph as it is drawn, from top to bottom, in pixels.
 *
 * @param label says in words what is seen
 */
record RunGraph(int width, int height, List<Node> nodes, List<Edge> edges, String label) {

  /** How wide and how high a node is. */
  static final int WIDTH = 140;

  static final int HEIGHT = 44;

  RunGraph {
    nodes = List.copyOf(nodes);
    edges = List.copyOf(edges);
  }

  /**
   * A step.
   *
   * @param state {@code idle}: it has not begun
   * @param href null: it leads nowhere
   */
  record Node(
      int x, int y, String name, String title, String detail, String state, @Nullable String href) {

    /** Its glyph. */
    public String glyph() {
      return state.equals("idle") ? "ready" : state;
    }
  }

  /**
   * An edge.
   *
   * @param path as SVG has it
   * @param state {@code done}: it was taken
   * @param label the event; empty: the usual one
   */
  record Edge(String path, String state, String label, int x, int y) {

    /** How wide the ground of the label is. */
    public int ground() {
      return label.length() * 6 + 10;
    }
  }
}
