package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The first thing a newcomer runs. */
class DemoIT {

  @Test
  void ends_with_0_and_has_shown_the_output_of_a_job_and_both_signals() throws Exception {
    try (Launched demo = Launched.run("demo")) {
      assertThat(demo.exitCode()).as(demo.output()).isZero();

      assertThat(demo.output())
          .contains("Hello, world!", "step 4 of 4", "This line went to stderr.")
          .containsPattern("claimed +by the agent, which heard of it by (link|announcement)")
          .containsPattern("outcome +succeeded")
          .containsPattern("exit code +0")
          .containsPattern("outcome +timed_out")
          .containsPattern("SIGTERM +2\\.\\d+ s after its start")
          .containsPattern("SIGKILL +3\\.\\d+ s after its start")
          .containsPattern("survivors +none");
    }
  }
}
