package io.capataz.supervisor.console;

import java.util.List;
import java.util.Locale;

/**
 * The vertical axis of a chart, from 0 to a round number.
 *
 * @param top at least the greatest value
 */
record Axis(double top) {

  private static final List<Double> ROUND = List.of(1.0, 2.0, 5.0, 10.0);

  /** Seconds are read in minutes and hours above these. */
  private static final List<Double> ROUND_SECONDS =
      List.of(10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0);

  /** For counts: whole numbers, of which the half is whole too. */
  static Axis ofCounts(double greatest) {
    return new Axis(Math.max(2, round(greatest)));
  }

  static Axis ofSeconds(double greatest) {
    return new Axis(
        greatest <= 5
            ? Math.max(0.01, round(greatest))
            : ROUND_SECONDS.stream()
                .filter(seconds -> seconds >= greatest)
                .findFirst()
                .orElseGet(() -> 3_600 * round(greatest / 3_600)));
  }

  private static double round(double greatest) {
    if (greatest <= 0) {
      return 0;
    }
    var power = Math.pow(10, Math.floor(Math.log10(greatest)));
    return ROUND.stream()
        .map(step -> step * power)
        .filter(value -> value >= greatest)
        .findFirst()
        .orElse(10 * power);
  }

  double y(double value) {
    return tenths(ChartView.HEIGHT * (1 - value / top));
  }

  double height(double value) {
    return tenths(ChartView.HEIGHT * value / top);
  }

  /** A tenth of a unit is less than a pixel. */
  static double tenths(double value) {
    return Math.round(value * 10) / 10.0;
  }

  String count(double share, Locale locale) {
    return String.format(locale, "%,d", Math.round(top * share));
  }

  /** Such as 50 ms, 2.5 s, 10 m or 2 h. */
  String seconds(double share, Locale locale) {
    var seconds = top * share;
    if (seconds < 1) {
      return shortest(locale, seconds * 1_000) + " ms";
    }
    if (seconds < 90) {
      return shortest(locale, seconds) + " s";
    }
    return seconds < 3_600
        ? shortest(locale, seconds / 60) + " m"
        : shortest(locale, seconds / 3_600) + " h";
  }

  private static String shortest(Locale locale, double value) {
    return String.format(locale, value == Math.rint(value) ? "%,.0f" : "%.1f", value);
  }
}
