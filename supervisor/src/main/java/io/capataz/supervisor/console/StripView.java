package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The last results of a task, oldest first, as bars. Height tells what colour tells.
 *
 * @param label says in words what is seen
 */
record StripView(List<Bar> bars, String label) {

  private static final int MOST = 20;
  private static final int WIDTH = 6;

  StripView {
    bars = List.copyOf(bars);
  }

  /** One result; its place and height in pixels. */
  record Bar(String state, int x, int y, int height) {}

  /**
   * @param states the newest last
   */
  static StripView of(List<String> states) {
    var shown = states.subList(Math.max(0, states.size() - MOST), states.size());
    var bars = new ArrayList<Bar>();
    for (var place = 0; place < MOST - shown.size(); place++) {
      bars.add(new Bar("idle", place * WIDTH, 14, 2));
    }
    IntStream.range(0, shown.size())
        .forEach(
            place -> {
              var state = shown.get(place);
              var height = height(state);
              bars.add(new Bar(state, (MOST - shown.size() + place) * WIDTH, 16 - height, height));
            });
    return new StripView(bars, String.join(", ", shown).toLowerCase(Locale.ROOT));
  }

  static StripView sample() {
    return of(
        List.of(
            "succeeded",
            "succeeded",
            "failed",
            "succeeded",
            "succeeded",
            "canceled",
            "succeeded",
            "expired",
            "succeeded",
            "running"));
  }

  private static int height(String state) {
    return switch (state) {
      case "failed" -> 16;
      case "succeeded", "running" -> 11;
      case "canceled", "expired" -> 4;
      default -> 8;
    };
  }
}
