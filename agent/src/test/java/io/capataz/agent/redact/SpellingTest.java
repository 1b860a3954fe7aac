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

class SpellingTest {

  private static List<String> ways(Spelling spelling, int character) {
    return Stream.of(spelling.of(character)).map(way -> new String(way, ISO_8859_1)).toList();
  }

  @ParameterizedTest
  @EnumSource
  void noWayBeginsWithAnother(Spelling spelling) {
    IntStream.concat(IntStream.range(1, 0x3000), IntStream.of(0x20ac, 0xfffd, 0x1f600, 0x10ffff))
        .forEach(
            character -> {
              List<String> ways = ways(spelling, character).stream().sorted().toList();
              assertThat(ways).isNotEmpty().doesNotHaveDuplicates();
              for (int i = 1; i < ways.size(); i++) {
                assertThat(ways.get(i)).doesNotStartWith(ways.get(i - 1));
              }
            });
  }

  /** Else a form could be shorter than the shortest one. */
  @ParameterizedTest
  @EnumSource
  void noWayIsShorterThanTheCharacter(Spelling spelling) {
    IntStream.range(1, 0x3000)
        .forEach(
            character -> {
              int bytes = Character.toString(character).getBytes(UTF_8).length;
              assertThat(ways(spelling, character))
                  .allSatisfy(way -> assertThat(way.length()).isGreaterThanOrEqualTo(bytes));
            });
  }

  @Test
  void lettersAndDigitsAreLeftAlone() {
    for (Spelling spelling : Spelling.values()) {
      "azAZ09".chars().forEach(c -> assertThat(ways(spelling, c)).hasSize(1));
    }
  }

  @Test
  void whatBeginsAnEscapeIsEscaped() {
    assertThat(ways(Spelling.URL, '%')).containsExactly("%25");
    assertThat(ways(Spelling.BACKSLASH, '\\')).contains("\\\\").doesNotContain("\\");
    assertThat(ways(Spelling.QUOTED, '\'')).contains("'\\''").doesNotContain("'");
    assertThat(ways(Spelling.XML, '&')).contains("&amp;").doesNotContain("&");
  }

  @Test
  void theEndOfALineMayBeTwoCharacters() {
    assertThat(ways(Spelling.PLAIN, '\n')).containsExactly("\n", "\r\n");
    assertThat(ways(Spelling.URL, '\n')).contains("\n", "\r\n", "%0A", "%0D%0A");
    assertThat(ways(Spelling.BACKSLASH, '\n')).contains("\n", "\\n", "\\r\\n", "\\u000d\\u000a");
  }

  @Test
  void otherThanAsciiIsWrittenByBytesOrByCodeUnits() {
    assertThat(ways(Spelling.URL, 'é')).contains("\u00c3\u00a9", "%C3%A9", "%c3%a9");
    assertThat(ways(Spelling.BACKSLASH, 'é'))
        .contains("\\u00e9", "\\u00E9", "\\303\\251", "\\xc3\\xa9", "\\u{e9}");
    assertThat(ways(Spelling.BACKSLASH, 0x1f600)).contains("\\ud83d\\ude00", "\\U0001f600");
    assertThat(ways(Spelling.XML, 'é')).contains("&#233;", "&#xe9;");
  }
}
