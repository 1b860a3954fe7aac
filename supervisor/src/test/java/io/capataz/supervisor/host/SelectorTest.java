package io.capataz.supervisor.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which hosts a label selector finds. */
class SelectorTest {

  private static final Map<String, String> HOST =
      Map.of("os", "linux", "zone", "a", "gpu", "", "example.org/rack", "r-12");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "os=linux | true",
        "os==linux | true",
        "os = linux | true",
        "os=windows | false",
        "os!=windows | true",
        "os!=linux | false",
        "disk!=ssd | true",
        "zone in (a,b) | true",
        "zone in ( b , c ) | false",
        "zone notin (b) | true",
        "zone notin (a, b) | false",
        "disk notin (ssd) | true",
        "disk in (ssd) | false",
        "gpu | true",
        "gpu= | true",
        "disk | false",
        "!disk | true",
        "! gpu | false",
        "example.org/rack=r-12 | true",
        "os=linux,zone in (a,b),!legacy | true",
        "os=linux , zone in (b,c) , gpu | false"
      })
  void a_host_is_found_if_it_meets_all_requirements(String selector, boolean found)
      throws Selector.Invalid {
    assertThat(Selector.parse(selector).matches(HOST)).isEqualTo(found);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " ", ",", "os=linux,", "=linux", "os=li nux", "zone in", "zone in (a", "zone in a",
        "zone in (a))", "zone in (a,(b))", "!", "!!gpu", "os && gpu", "os=-", "os=linux;gpu",
            "os\n=x\n,"
      })
  void what_is_no_selector_is_told(String selector) {
    assertThatThrownBy(() -> Selector.parse(selector)).isInstanceOf(Selector.Invalid.class);
  }
}
