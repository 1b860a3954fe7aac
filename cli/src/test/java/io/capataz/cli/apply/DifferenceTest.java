package io.capataz.cli.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What counts as a difference between a file and what is there. */
class DifferenceTest {

  private static List<String> between(String live, String wanted, String... secrets) {
    return DifferenceText.of(
        Difference.between(
            JsonMapper.shared().readTree(live),
            (ObjectNode) JsonMapper.shared().readTree(wanted),
            Set.of(secrets)));
  }

  @Test
  void a_field_that_is_not_named_is_no_difference() {
    assertThat(between("{\"a\": 1, \"b\": 2}", "{\"a\": 1}")).isEmpty();
    assertThat(between("{\"env\": {\"A\": \"1\", \"B\": \"2\"}}", "{\"env\": {\"A\": \"1\"}}"))
        .isEmpty();
    assertThat(between("{\"a\": 1}", "{\"a\": 1, \"b\": null}")).isEmpty();
  }

  @Test
  void values_are_compared_by_what_they_mean() {
    assertThat(between("{\"a\": 600}", "{\"a\": 600.0}")).isEmpty();
    assertThat(between("{\"a\": \"2026-01-31T12:00:00Z\"}", "{\"a\": \"2026-01-31T13:00+01:00\"}"))
        .isEmpty();
    assertThat(between("{\"a\": \"1\"}", "{\"a\": 1}")).isEmpty();
    assertThat(between("{\"a\": 600}", "{\"a\": 900}")).containsExactly("a: 600 -> 900");
    assertThat(between("{\"a\": 600}", "{\"a\": null}")).containsExactly("a: 600 -> (none)");
    assertThat(between("{}", "{\"a\": [1]}")).containsExactly("a: (none) -> [1]");
  }

  @Test
  void lists_are_compared_as_a_whole() {
    String live =
        """
        {"task_arguments": [{"type": "input", "order": 0, "label": "Day", "required": true,
          "masked": false, "readonly": false, "help": "which day"}]}
        """;
    assertThat(
            between(
                live,
                "{\"task_arguments\": [{\"type\": \"input\", \"label\": \"Day\", \"help\": \"which"
                    + " day\"}]}"))
        .isEmpty();
    assertThat(between(live, "{\"task_arguments\": [{\"type\": \"input\", \"label\": \"Day\"}]}"))
        .containsExactly("task_arguments[0].help: which day -> (none)");
    assertThat(between("{\"tags\": [\"a\", \"b\"]}", "{\"tags\": [\"a\"]}"))
        .containsExactly("tags: [\"a\",\"b\"] -> [\"a\"]");
  }

  @Test
  void texts_are_compared_line_by_line() {
    assertThat(
            between(
                "{\"content\": \"one\\ntwo\\nthree\\n\"}",
                "{\"content\": \"one\\n2\\nthree\\nfour\\n\"}"))
        .containsExactly("content:", "  -two", "  +2", "  +four");
  }

  @Test
  void a_mask_stands_for_what_is_there_and_secrets_are_not_shown() {
    assertThat(between("{\"a\": \"********\"}", "{\"a\": \"********\"}")).isEmpty();
    assertThat(between("{\"a\": \"********\"}", "{\"a\": \"s3cret\"}"))
        .containsExactly("a: ******** -> ********");
    assertThat(between("{\"env\": {\"P\": \"old\"}}", "{\"env\": {\"P\": \"s3cret\"}}", "env.P"))
        .containsExactly("env.P: ******** -> ********");
  }
}
