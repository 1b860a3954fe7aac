package io.capataz.cli.apply;

import io.capataz.cli.apply.Difference.Change;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Differences as lines: {@code timeout: 600 -> 900}, and texts of several lines line by line. */
final class DifferenceText {

  private static final int MOST_LINES = 2_000;

  private DifferenceText() {}

  static List<String> of(List<Change> changes) {
    List<String> lines = new ArrayList<>();
    for (Change change : changes) {
      if (isLong(change.before()) && isLong(change.after())) {
        lines.add(change.path() + ":");
        lines.addAll(
            byLine(text(change.before()).lines().toList(), text(change.after()).lines().toList()));
      } else {
        lines.add(
            "%s: %s -> %s".formatted(change.path(), text(change.before()), text(change.after())));
      }
    }
    return lines;
  }

  private static boolean isLong(@Nullable JsonNode value) {
    return value != null && value.isString() && value.stringValue().contains("\n");
  }

  private static String text(@Nullable JsonNode value) {
    if (value == null) {
      return "(none)";
    }
    return value.isString() ? value.stringValue() : value.toString();
  }

  /** The lines that only one of the two has, along their longest common subsequence. */
  private static List<String> byLine(List<String> before, List<String> after) {
    if (before.size() > MOST_LINES || after.size() > MOST_LINES) {
      return List.of("  (%d lines -> %d lines)".formatted(before.size(), after.size()));
    }
    int[][] common = common(before, after);
    List<String> lines = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < before.size() || j < after.size()) {
      boolean both = i < before.size() && j < after.size();
      if (both && before.get(i).equals(after.get(j))) {
        i++;
        j++;
      } else if (j == after.size() || (both && common[i + 1][j] >= common[i][j + 1])) {
        lines.add("  -" + before.get(i++));
      } else {
        lines.add("  +" + after.get(j++));
      }
    }
    return lines;
  }

  private static int[][] common(List<String> before, List<String> after) {
    int[][] common = new int[before.size() + 1][after.size() + 1];
    for (int i = before.size() - 1; i >= 0; i--) {
      for (int j = after.size() - 1; j >= 0; j--) {
        common[i][j] =
            before.get(i).equals(after.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    return common;
  }
}
