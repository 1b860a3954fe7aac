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
  void noVariantBeginsWithAnother(Escaping escaping) {
    IntStream.concat(IntStream.range(1, 0x3000), IntStream.of(0x20ac, 0xfffd, 0x1f600, 0x10ffff))
        .forEach(
            character -> {
              List<String> variants = variants(escaping, character).stream().sorted().toList();
              assertThat(variants).isNotEmpty().doesNotHaveDuplicates();
              for (int i = 1; i < variants.size(); i++) {
                assertThat(variants.get(i)).doesNotStartWith(variants.get(i - 1));
              }
            });
  }

  /** Else a form could be shorter than the shortest one. */
  @ParameterizedTest
  @EnumSource
  void noVariantIsShorterThanTheCharacter(Escaping escaping) {
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
  void lettersAndDigitsAreLeftAlone() {
    for (Escaping escaping : Escaping.values()) {
      "azAZ09".chars().forEach(c -> assertThat(variants(escaping, c)).hasSize(1));
    }
  }

  @Test
  void whatBeginsAnEscapeIsEscaped() {
    assertThat(variants(Escaping.URL, '%')).containsExactly("%25");
    assertThat(variants(Escaping.BACKSLASH, '\\')).contains("\\\\").doesNotContain("\\");
    assertThat(variants(Escaping.QUOTED, '\'')).contains("'\\''").doesNotContain("'");
    assertThat(variants(Escaping.XML, '&')).contains("&amp;").doesNotContain("&");
  }

  @Test
  void theEndOfALineMayBeTwoCharacters() {
    assertThat(variants(Escaping.PLAIN, '\n')).containsExactly("\n", "\r\n");
    assertThat(variants(Escaping.URL, '\n')).contains("\n", "\r\n", "%0A", "%0D%0A");
    assertThat(variants(Escaping.BACKSLASH, '\n'))
        .contains("\n", "\\n", "\\r\\n", "\\u000d\\u000a");
  }

  @Test
  void otherThanAsciiIsWrittenByBytesOrByCodeUnits() {
    assertThat(variants(Escaping.URL, 'é')).contains("\u00c3\u00a9", "%C3%A9", "%c3%a9");
    assertThat(variants(Escaping.BACKSLASH, 'é'))
        .contains("\\u00e9", "\\u00E9", "\\303\\251", "\\xc3\\xa9", "\\u{e9}");
    assertThat(variants(Escaping.BACKSLASH, 0x1f600)).contains("\\ud83d\\ude00", "\\U0001f600");
    assertThat(variants(Escaping.XML, 'é')).contains("&#233;", "&#xe9;");
  }
}
