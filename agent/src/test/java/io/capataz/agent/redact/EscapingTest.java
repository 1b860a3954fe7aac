package io.capataz.agent.redact;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EscapingTest {

  private static List<String> variants(Escaping escaping, int character) {
    return Stream.of(escaping.of(character))
        .map(variant -> new String(variant, ISO_8859_1))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void no_variant_begins_with_another(Escaping escaping) {
    IntStream.concat(IntStream.range(1, 0x3000), IntStream.of(0x20ac, 0xfffd, 0x1f600, 0x10ffff))
        .forEach(
            character -> {
              var variants = variants(escaping, character).stream().sorted().toList();
              assertThat(variants).isNotEmpty().doesNotHaveDuplicates();
              for (int i = 1; i < variants.size(); i++) {
                assertThat(variants.get(i)).doesNotStartWith(variants.get(i - 1));
              }
            });
  }

  /** Otherwise a form could be shorter than the minimum. */
  @ParameterizedTest
  @EnumSource
  void no_variant_is_shorter_than_the_character(Escaping escaping) {
    IntStream.range(1, 0x3000)
        .forEach(
            character -> {
              int bytes = Character.toString(character).getBytes(UTF_8).length;
              assertThat(variants(escaping, character))
                  .allSatisfy(
                      variant -> assertThat(variant.length()).isGreaterThanOrEqualTo(bytes));
            });
  }

  @Test
  void letters_and_digits_are_left_alone() {
    for (var escaping : Escaping.values()) {
      "azAZ09".chars().forEach(c -> assertThat(variants(escaping, c)).hasSize(1));
    }
  }

  @Test
  void what_begins_an_escape_is_escaped() {
    assertThat(variants(Escaping.URL, '%')).containsExactly("%25");
    assertThat(variants(Escaping.BACKSLASH, '\\')).contains("\\\\").doesNotContain("\\");
    assertThat(variants(Escaping.QUOTED, '\'')).contains("'\\''").doesNotContain("'");
    assertThat(variants(Escaping.XML, '&')).contains("&amp;").doesNotContain("&");
  }

  @Test
  void the_end_of_a_line_may_be_two_characters() {
    assertThat(variants(Escaping.PLAIN, '\n')).containsExactly("\n", "\r\n");
    assertThat(variants(Escaping.URL, '\n')).contains("\n", "\r\n", "%0A", "%0D%0A");
    assertThat(variants(Escaping.BACKSLASH, '\n'))
        .contains("\n", "\\n", "\\r\\n", "\\u000d\\u000a");
  }

  @Test
  void other_than_ascii_is_written_by_bytes_or_by_code_units() {
    assertThat(variants(Escaping.URL, 'é')).contains("\u00c3\u00a9", "%C3%A9", "%c3%a9");
    assertThat(variants(Escaping.BACKSLASH, 'é'))
        .contains("\\u00e9", "\\u00E9", "\\303\\251", "\\xc3\\xa9", "\\u{e9}");
    assertThat(variants(Escaping.BACKSLASH, 0x1f600)).contains("\\ud83d\\ude00", "\\U0001f600");
    assertThat(variants(Escaping.XML, 'é')).contains("&#233;", "&#xe9;");
  }
}
