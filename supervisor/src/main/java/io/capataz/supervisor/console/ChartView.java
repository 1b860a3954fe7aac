package io.capataz.supervisor.console;

import java.util.List;

/**
 * A chart, ready to be drawn in a box of {@link #WIDTH} by {@link #HEIGHT}.
 *
 * @param said what it shows, for those who do not see it
 * @param bars one for each part of the window; empty: it has lines
 * @param lines each the {@code d} of a path
 * @param top what stands at the upper line
 * @param middle what stands at half of it
 * @param times what stands below, from left to right
 */
record ChartView(
    String said, List<Bar> bars, List<Line> lines, String top, String middle, List<Moment> times) {

  static final int WIDTH = 400;
  static final int HEIGHT = 120;

  ChartView {
    bars = List.copyOf(bars);
    lines = List.copyOf(lines);
    times = List.copyOf(times);
  }

  /**
   * A bar of two parts, the failed jobs on top; each leads to the jobs that it counts.
   *
   * @param x its left edge
   * @param said what it counts
   */
  record Bar(double x, double width, Part succeeded, Part failed, String said) {}

  /**
   * A part of a bar.
   *
   * @param y its upper edge
   * @param address where the jobs are listed
   */
  record Part(double y, double height, String address) {}

  /**
   * A line.
   *
   * @param look its classes
   */
  record Line(String look, String path) {}

  public boolean isEmpty() {
    return bars.isEmpty() && lines.isEmpty();
  }
}
