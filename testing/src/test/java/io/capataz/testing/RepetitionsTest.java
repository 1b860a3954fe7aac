package io.capataz.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RepetitionsTest {

  @Test
  void every_number_is_there_for_both_builds_and_soak_repeats_at_least_as_often() {
    assertThat(Repetitions.names())
        .isNotEmpty()
        .allSatisfy(
            name ->
                assertThat(Repetitions.of(name, true))
                    .isGreaterThanOrEqualTo(Repetitions.of(name, false))
                    .isPositive());
  }

  @Test
  void a_name_that_is_not_there_is_refused() {
    assertThatThrownBy(() -> Repetitions.of("capataz.unheard"))
        .hasMessageContaining("capataz.unheard is not in repetitions.properties");
  }
}
