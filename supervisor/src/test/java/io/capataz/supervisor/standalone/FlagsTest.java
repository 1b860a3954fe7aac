package io.capataz.supervisor.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlagsTest {

  @Test
  void reads_values_after_a_space_or_an_equals_sign_and_bare_flags() {
    Flags flags = parse("--data", "here", "--port=0", "--no-agent");

    assertThat(flags.path("data")).contains(Path.of("here"));
    assertThat(flags.port("port")).hasValue(0);
    assertThat(flags.has("no-agent")).isTrue();
    assertThat(flags.has("help")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --colour red     | There is no flag --colour here.
          data             | There is no flag data here.
          --no-agent=yes   | There is no flag --no-agent=yes here.
          --data           | --data needs a value.
          --port=1 --port=2| --port stands there twice.
          """)
  void says_in_a_sentence_what_it_does_not_understand(String line, String sentence) {
    assertThatThrownBy(() -> parse(line.split(" ")))
        .isInstanceOf(Refusal.class)
        .hasMessageStartingWith(sentence);
  }

  @ParameterizedTest
  @CsvSource({"65536", "-1", "many"})
  void names_the_flag_the_bounds_and_the_value_of_a_wrong_number(String port) {
    Flags flags = parse("--port", port);

    assertThatThrownBy(() -> flags.port("port"))
        .isInstanceOf(Refusal.class)
        .hasMessage("--port must be a number from 0 to 65535, not '%s'.".formatted(port));
  }

  private static Flags parse(String... words) {
    return Flags.parse(List.of(words), Set.of("data", "port"), Set.of("no-agent", "help"));
  }
}
