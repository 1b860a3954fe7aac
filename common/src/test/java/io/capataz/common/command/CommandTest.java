package io.capataz.common.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTest {

  private static final Command COMMAND =
      new Command(
          "bake",
          List.of("Bakes bread."),
          List.of(
              Flag.of("port", "N", "8080", "where it listens"),
              Flag.of("label", "NAME=VALUE", "", "what it is called")
                  .from("BAKE_LABELS")
                  .repeated(),
              Flag.bare("no-salt", "leaves the salt out")));

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(Command.Body body, Map<String, String> environment, String... arguments) {
    return COMMAND.run(
        List.of(arguments),
        environment,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        body);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void help_names_each_flag_with_its_variable_and_its_default_and_runs_nothing() {
    var ran = new ArrayList<Settings>();

    assertThat(run(ran::add, Map.of(), "--help")).isZero();

    assertThat(out())
        .startsWith("Usage: ./capataz bake [OPTIONS]")
        .contains("Bakes bread.")
        .containsPattern("--port=<?N>? +where it listens \\(CAPATAZ_PORT; default 8080\\)")
        .contains("(BAKE_LABELS)", "--no-salt", "--version");
    assertThat(err()).isEmpty();
    assertThat(ran).isEmpty();
  }

  @Test
  void the_version_is_that_of_the_build() {
    assertThat(run(_ -> {}, Map.of(), "--version")).isZero();
    assertThat(out()).matches("capataz \\d+\\.\\d+\\.\\d+\\S*\\R");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --colour=red      | Unknown option: '--colour'.
          --no-sal          | Unknown option: '--no-sal'. Did you mean --no-salt?
          salt              | Unexpected argument: 'salt'.
          --port            | Missing required parameter for option '--port' (N).
          --port=1 --port=2 | option '--port' (N) should be specified only once.
          """)
  void a_wrong_flag_is_a_sentence_with_a_hint_and_exit_code_2(String line, String sentence) {
    assertThat(run(_ -> {}, Map.of(), line.split(" "))).isEqualTo(2);
    assertThat(err()).isEqualToIgnoringNewLines(sentence + " See './capataz bake --help'.");
    assertThat(out()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"65536", "-1", "many"})
  void a_wrong_value_names_where_it_came_from(String port) {
    var sentence = "'%s': must be a number from 0 to 65535. See './capataz bake --help'.";

    assertThat(run(given -> given.port("port"), Map.of(), "--port=" + port)).isEqualTo(2);
    assertThat(err()).isEqualToIgnoringNewLines("Invalid --port " + sentence.formatted(port));

    err.reset();
    assertThat(run(given -> given.port("port"), Map.of("CAPATAZ_PORT", port))).isEqualTo(2);
    assertThat(err()).isEqualToIgnoringNewLines("Invalid CAPATAZ_PORT " + sentence.formatted(port));
  }

  @Test
  void a_flag_wins_over_its_variable_and_a_blank_variable_is_none() {
    var given =
        COMMAND.settings(
            List.of("--label", "a=1", "--label=b=2", "--no-salt"),
            Map.of("BAKE_LABELS", "c=3", "CAPATAZ_PORT", " "));

    assertThat(given.text("label")).contains("a=1,b=2");
    assertThat(given.port("port")).isEmpty();
    assertThat(given.has("no-salt")).isTrue();
    assertThat(COMMAND.settings(List.of(), Map.of("BAKE_LABELS", "c=3")).text("label"))
        .contains("c=3");
  }

  @Test
  void a_start_that_fails_is_its_sentence_alone_and_exit_code_1() {
    Command.Body failing =
        _ -> {
          throw new StartFailure("The oven is cold. Light it.");
        };

    assertThat(run(failing, Map.of())).isEqualTo(1);
    assertThat(err()).isEqualToIgnoringNewLines("The oven is cold. Light it.");
  }

  @Test
  void what_nobody_foresaw_comes_with_its_trace() {
    Command.Body failing =
        _ -> {
          throw new IOException("burnt");
        };

    assertThat(run(failing, Map.of())).isEqualTo(1);
    assertThat(err()).startsWith("capataz bake failed").contains("burnt", "at io.capataz");
  }
}
