package io.capataz.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.agent.process.CapturedOutput;
import io.capataz.agent.redact.Redactor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ResultLineTest {

  @TempDir Path folder;
  private Path file;
  private Path stdout;
  private List<String> secrets = List.of();

  @BeforeEach
  void names() throws IOException {
    file = folder.resolve("result");
    stdout = Files.createFile(folder.resolve("stdout"));
    Files.createFile(folder.resolve("stderr"));
  }

  private String error = "";

  private Optional<JsonNode> read() throws IOException {
    try (var output = CapturedOutput.open(folder)) {
      var returned = ResultLine.read(file, output.stdout(), Redactor.of(secrets));
      error = returned.error() == null ? "" : returned.error().code();
      return Optional.ofNullable(returned.value());
    }
  }

  private Optional<String> result() throws IOException {
    return read().map(JsonNode::toString);
  }

  private Optional<String> lastLineOf(String printed) throws IOException {
    Files.writeString(stdout, printed);
    return result();
  }

  @Test
  void is_the_last_line_if_that_is_an_object_or_array() throws IOException {
    assertThat(lastLineOf("text\n{\"state\":\"success\"}\n")).contains("{\"state\":\"success\"}");
    assertThat(lastLineOf("{\"a\":1}")).contains("{\"a\":1}");
    assertThat(lastLineOf("x\r\n  [1, 2] \r\n")).contains("[1,2]");
    assertThat(lastLineOf("{\"a\":\"ñ\"}\n")).contains("{\"a\":\"ñ\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "text\n",
        "{\"a\":1}\ntext\n",
        "{\"a\":1}\n\n",
        "\"text\"\n",
        "1\n",
        "null\n",
        "true\n",
        "{broken\n",
        "{} {}\n",
        "x {\"a\":1}\n"
      })
  void is_nothing_else(String printed) throws IOException {
    assertThat(lastLineOf(printed)).isEmpty();
  }

  @Test
  void has_a_limit() throws IOException {
    var fits = "[\"" + "x".repeat(ResultLine.MAX_LINE_BYTES - 4) + "\"]";
    assertThat(lastLineOf("x\n" + fits + "\n")).contains(fits);
    assertThat(lastLineOf(fits)).contains(fits);
    assertThat(lastLineOf(fits + " \n")).isEmpty();
    assertThat(lastLineOf("[" + fits + "]\n")).isEmpty();
    assertThat(lastLineOf("[".repeat(1000) + "]".repeat(1000) + "\n")).as("depth").isEmpty();
  }

  @Test
  void the_file_goes_before_the_line() throws IOException {
    Files.writeString(file, "\n{\"from\": \"file\"}\n");
    assertThat(lastLineOf("{\"from\":\"line\"}\n")).contains("{\"from\":\"file\"}");

    Files.writeString(file, "\"any JSON\"");
    assertThat(result()).contains("\"any JSON\"");
  }

  @Test
  void secrets_are_hidden() throws IOException {
    secrets = List.of("pass\"word", "12345");
    assertThat(lastLineOf("{\"of\":\"pass\\\"word\"}\n")).contains("{\"of\":\"*********\"}");
    Files.writeString(file, "{\"in\":[\"pass\\\"word\",true]}");
    assertThat(result()).contains("{\"in\":[\"*********\",true]}");
    Files.writeString(file, "{\"12345\":12345,\"n\":1}");
    assertThat(result()).contains("{\"*****\":\"*****\",\"n\":1}");
  }

  @Test
  void a_file_that_is_no_use_is_passed_over() throws IOException {
    Files.writeString(stdout, "{\"from\":\"line\"}\n");

    Files.writeString(file, "not json");
    assertThat(result()).contains("{\"from\":\"line\"}");

    Files.writeString(file, "");
    assertThat(result()).contains("{\"from\":\"line\"}");

    Files.writeString(file, "\"" + "x".repeat(ResultLine.MAX_FILE_BYTES) + "\"");
    assertThat(result()).contains("{\"from\":\"line\"}");

    Files.delete(file);
    Files.createSymbolicLink(file, Files.writeString(folder.resolve("secret"), "{\"a\":1}"));
    assertThat(result()).contains("{\"from\":\"line\"}");
  }

  @Test
  void says_failure_in_one_way_only() throws IOException {
    Files.writeString(stdout, "{\"state\":\"failure\"}");
    assertThat(ResultLine.reportsFailure(read().orElseThrow())).isTrue();
    Files.writeString(stdout, "{\"state\":[\"failure\"]}");
    assertThat(ResultLine.reportsFailure(read().orElseThrow())).isFalse();
    Files.writeString(stdout, "[\"failure\"]");
    assertThat(ResultLine.reportsFailure(read().orElseThrow())).isFalse();
    assertThat(ResultLine.reportsFailure(null)).isFalse();
  }

  @Test
  void a_result_that_cannot_be_kept_is_told() throws IOException {
    assertThat(lastLineOf("{\"a\": \"" + "x".repeat(70_000) + "\"}\n")).isEmpty();
    assertThat(error).isEqualTo("too_large");
    assertThat(lastLineOf("{\"a\": NaN}\n")).isEmpty();
    assertThat(error).isEqualTo("not_json");
    // What tools print in brackets is no result, and no mistake.
    assertThat(lastLineOf("[INFO] done [all]\n")).isEmpty();
    assertThat(error).isEmpty();

    Files.writeString(file, "{broken");
    assertThat(result()).isEmpty();
    assertThat(error).isEqualTo("not_json");
    Files.writeString(file, "\"" + "x".repeat(ResultLine.MAX_FILE_BYTES) + "\"");
    assertThat(result()).isEmpty();
    assertThat(error).isEqualTo("too_large");
  }
}
