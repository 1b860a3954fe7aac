package io.capataz.helm;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values that cannot work are refused before anything is installed, by the schema or in a sentence.
 */
class RefusedValuesTest {

  private static final Path MINIMAL = Path.of("src/test/resources/minimal.yaml");

  static List<Path> refused() {
    return Chart.yamlIn(Path.of("src/test/resources/refused"));
  }

  /** The first line of each file is part of the message. */
  @ParameterizedTest
  @MethodSource("refused")
  void says_which_value_and_why(Path values) throws IOException {
    var expected = Files.readAllLines(values).getFirst().substring("# ".length());

    assertThatThrownBy(() -> Chart.render(MINIMAL, values)).hasMessageContaining(expected);
  }
}
