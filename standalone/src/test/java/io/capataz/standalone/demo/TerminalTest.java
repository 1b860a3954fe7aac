package io.capataz.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {

  @Test
  void is_colourful_only_for_people_who_did_not_ask_for_less() {
    Map<String, String> xterm = Map.of("TERM", "xterm");
    assertThat(Terminal.wantsColours(xterm, true)).isTrue();
    assertThat(Terminal.wantsColours(xterm, false)).isFalse();
    assertThat(Terminal.wantsColours(Map.of("TERM", "xterm", "NO_COLOR", "1"), true)).isFalse();
    assertThat(Terminal.wantsColours(Map.of("TERM", "dumb"), true)).isFalse();
    assertThat(Terminal.wantsColours(Map.of(), true)).isFalse();
  }

  @Test
  void writes_no_escape_when_it_is_not_colourful() {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    Terminal terminal = new Terminal(new PrintStream(written, true, StandardCharsets.UTF_8), false);

    terminal.headline("A start");
    terminal.output("stderr", 1.5, "line");

    assertThat(written.toString(StandardCharsets.UTF_8))
        .contains("1. A start", "1.50 s stderr │ line")
        .doesNotContain("\033");
  }
}
