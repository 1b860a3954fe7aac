package io.capataz.supervisor.draft;

import java.util.ArrayList;
import java.util.List;

/**
 * The difference between two texts by lines, as people read it: lines that are in one of them only,
 * with a minus or a plus before them, and all others with a blank.
 */
final class Difference {

  /** So many comparisons at most; longer texts are shown as replaced. */
  private static final long MOST = 4_000_000;

  private Difference() {}

  static List<String> of(String before, String after) {
    var a = before.lines().toList();
    var b = after.lines().toList();
    var start = 0;
    while (start < Math.min(a.size(), b.size()) && a.get(start).equals(b.get(start))) {
      start++;
    }
    var end = 0;
    while (end < Math.min(a.size(), b.size()) - start
        && a.get(a.size() - 1 - end).equals(b.get(b.size() - 1 - end))) {
      end++;
    }
    var lines = new ArrayList<String>();
    mark(' ', a.subList(0, start), lines);
    middle(a.subList(start, a.size() - end), b.subList(start, b.size() - end), lines);
    mark(' ', a.subList(a.size() - end, a.size()), lines);
    return lines;
  }

  private static void mark(char mark, List<String> lines, List<String> into) {
    lines.forEach(line -> into.add(mark + line));
  }

  private static void middle(List<String> a, List<String> b, List<String> into) {
    if ((long) a.size() * b.size() > MOST) {
      mark('-', a, into);
      mark('+', b, into);
      return;
    }
    var common = common(a, b);
    var i = 0;
    var j = 0;
    while (i < a.size() || j < b.size()) {
      if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
        into.add(' ' + a.get(i++));
        j++;
      } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
        into.add('-' + a.get(i++));
      } else {
        into.add('+' + b.get(j++));
      }
    }
  }

  /** The length of the longest common part of the ends from each place on. */
  private static int[][] common(List<String> a, List<String> b) {
    var common = new int[a.size() + 1][b.size() + 1];
    for (var i = a.size() - 1; i >= 0; i--) {
      for (var j = b.size() - 1; j >= 0; j--) {
        common[i][j] =
            a.get(i).equals(b.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    return common;
  }
}
