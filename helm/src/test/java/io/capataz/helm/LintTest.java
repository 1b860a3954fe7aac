package io.capataz.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** What {@code helm lint --strict} says about the chart. */
class LintTest {

  @Test
  void helm_has_no_complaint() {
    var result = Chart.helm().lint().strict().call();

    assertThat(result.isFailed()).isFalse();
    assertThat(result.getMessages()).containsExactly("[INFO] Chart.yaml: icon is recommended");
  }

  /** The chart's images are those of the same build. */
  @Test
  void it_has_the_version_of_the_build() throws Exception {
    var chart = Rendered.read(Files.readString(Chart.FOLDER.resolve("Chart.yaml")));

    assertThat(chart.path("version").asText())
        .isEqualTo(chart.path("appVersion").asText())
        .isEqualTo(System.getProperty("capataz.version"));
  }
}
