package io.capataz.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputLinesTest {

  private final List<String> heard = new ArrayList<>();
  private final OutputLines lines =
      new OutputLines((stream, after, text) -> heard.add(stream + " " + after + " " + text));

  @Test
  void puts_together_what_came_in_pieces_each_stream_for_itself() {
    lines.chunk("stdout", 0.1, "one\ntw");
    lines.chunk("stderr", 0.2, "oh\n");
    lines.chunk("stdout", 0.3, "o\n\nthr");
    lines.end();

    assertThat(heard)
        .containsExactly(
            "stdout 0.1 one", "stderr 0.2 oh", "stdout 0.3 two", "stdout 0.3 ", "stdout 0.3 thr");
  }
}
