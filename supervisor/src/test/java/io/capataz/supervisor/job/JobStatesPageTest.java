package io.capataz.supervisor.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.supervisor.task.DoneBy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/reference/job-states.md} is printed from the table of moves. {@code ./mvnw -pl
 * supervisor -am test -Dtest=JobStatesPageTest -Ddocs.write=true
 * -Dsurefire.failIfNoSpecifiedTests=false} regenerates it.
 */
class JobStatesPageTest {

  private static final Path PAGE = Path.of("..", "docs", "reference", "job-states.md");

  @Test
  void the_page_is_what_the_table_prints() throws IOException {
    if (Boolean.getBoolean("docs.write")) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, page());
    }
    assertThat(PAGE).hasContent(page());
  }

  private static String page() {
    var page = new StringBuilder();
    page.append(
        """
        # Job states

        *Generated from `JobMove` by `JobStatesPageTest`; do not edit.*

        The state says where a job stands. The outcome says why it ended; it is never a state. A final state \
        has no exit: running a job again creates a new job that refers to the old one.

        ```mermaid
        stateDiagram-v2
          [*] --> READY
          [*] --> SCHEDULED
          [*] --> HELD
        """);
    for (var move : JobMove.values()) {
      for (var from : JobState.values()) {
        if (move.from().contains(from)) {
          page.append("  %s --> %s: %s%n".formatted(from, move.to(), words(move)));
        }
      }
    }
    for (var state : JobState.values()) {
      if (state.isFinal()) {
        page.append("  %s --> [*]%n".formatted(state));
      }
    }
    page.append(
        """
        ```

        ## States

        | state | meaning | final |
        |---|---|---|
        """);
    for (var state : JobState.values()) {
      page.append(
          "| %s | %s | %s |%n".formatted(state, state.meaning(), state.isFinal() ? "yes" : ""));
    }
    page.append(
        """

        ## Moves

        A *fenced* move names an attempt and its claim id, and succeeds only if the job still has both. \
        Each move is one compare-and-set in the store: the filter contains the job, the states in the \
        column *from* and, if fenced, the attempt and the claim.

        The column *jobs* says which jobs may make the move: *agent*, those that run a script; *supervisor*,         those that call or notify; *people*, approvals and inputs; *clock*, waits.

        | move | who | meaning | from | to | fenced | jobs |
        |---|---|---|---|---|---|---|
        """);
    for (var move : JobMove.values()) {
      page.append(
          "| %s | %s | %s | %s | %s | %s | %s |%n"
              .formatted(
                  words(move),
                  String.join(
                      ", ",
                      move.by().stream()
                          .sorted()
                          .map(by -> by.name().toLowerCase(Locale.ROOT))
                          .toList()),
                  move.meaning(),
                  String.join(", ", move.from().stream().sorted().map(Enum::name).toList()),
                  move.to(),
                  move.fenced() ? "yes" : "",
                  move.jobs().size() == DoneBy.values().length
                      ? "all"
                      : String.join(
                          ", ",
                          move.jobs().stream()
                              .map(by -> by.name().toLowerCase(Locale.ROOT))
                              .toList())));
    }
    return page.toString();
  }

  private static String words(JobMove move) {
    return move.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
