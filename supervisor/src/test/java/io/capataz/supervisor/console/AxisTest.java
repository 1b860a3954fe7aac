package io.capataz.supervisor.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The top of a chart is a round number that its values stay below. */
class AxisTest {

  @ParameterizedTest
  @CsvSource({"0, 2, 1", "1, 2, 1", "3, 5, 2.5", "34, 50, 25", "1200, 2000, 1000"})
  void counts(double greatest, double top, double middle) {
    var axis = Axis.ofCounts(greatest);

    assertThat(axis.top()).isEqualTo(top);
    assertThat(axis.top() / 2).isEqualTo(middle);
    assertThat(axis.y(greatest)).isBetween(0.0, (double) ChartView.HEIGHT);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 10 ms, 5 ms",
    "0.03, 50 ms, 25 ms",
    "1.3, 2 s, 1 s",
    "4.2, 5 s, 2.5 s",
    "45, 60 s, 30 s",
    "61, 2 m, 60 s",
    "500, 10 m, 5 m",
    "4000, 2 h, 1 h"
  })
  void seconds(double greatest, String top, String middle) {
    var axis = Axis.ofSeconds(greatest);

    assertThat(axis.seconds(1, Locale.ENGLISH)).isEqualTo(top);
    assertThat(axis.seconds(0.5, Locale.ENGLISH)).isEqualTo(middle);
  }
}
