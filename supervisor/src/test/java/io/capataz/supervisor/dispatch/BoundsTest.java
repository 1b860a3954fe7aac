package io.capataz.supervisor.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** An agent's credential may be in the hands of another program; docs/access.md. */
class BoundsTest {

  private static final int LEAST_OUTPUT = 64 * 1024;

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final TestWork work = new TestWork(supervisor);

  @Test
  void output_ends_at_the_limit_of_the_task() {
    work.post(work.taskOn(agent, Map.of("output_limit", LEAST_OUTPUT)));
    var order = started();
    var piece = "x".repeat(LEAST_OUTPUT);

    // The mark of what was left out is longer than nothing.
    assertThat(agent.print(order, Stream.STDOUT, 0, piece).status()).isEqualTo(200);
    assertThat(agent.print(order, Stream.STDOUT, LEAST_OUTPUT, piece).status()).isEqualTo(200);
    assertThat(agent.print(order, Stream.STDOUT, 2L * LEAST_OUTPUT, "more").status())
        .isEqualTo(413);
  }

  @Test
  void a_report_that_is_too_long_is_cut() {
    var job = work.post(work.taskOn(agent, Map.of()));
    var order = started();
    var survivors = Collections.nCopies(200, new Survivor(7, "c".repeat(10_000)));

    assertThat(end(order, new Outcome.CouldNotStart("r".repeat(1_000_000)), survivors, null))
        .isEqualTo(204);

    var shown = work.job(job);
    assertThat(shown.at("/outcome/reason").asString()).hasSize(1_000).endsWith("…");
    assertThat(shown.at("/survivors")).hasSize(100);
    assertThat(shown.toString()).hasSizeLessThan(200_000);
  }

  @Test
  void a_result_that_is_too_large_to_be_kept_is_refused() {
    var job = work.post(work.taskOn(agent, Map.of()));
    var order = started();
    var result = JsonNodeFactory.instance.stringNode("x".repeat(5 * 1024 * 1024));

    assertThat(end(order, new Outcome.Succeeded(), List.of(), result)).isEqualTo(413);
    assertThat(work.status(job)).isEqualTo("running");
    assertThat(end(order, new Outcome.Succeeded(), List.of(), null)).isEqualTo(204);
  }

  private WorkOrder started() {
    var order = agent.claimOne();
    assertThat(agent.started(order).status()).isEqualTo(204);
    return order;
  }

  private int end(
      WorkOrder order, Outcome outcome, List<Survivor> survivors, @Nullable JsonNode result) {
    return agent
        .say(
            "jobs/%s/attempts/%d/end".formatted(order.job(), order.attempt()),
            new AttemptEnd(
                order.claim(),
                outcome,
                null,
                null,
                List.of(),
                survivors,
                result,
                0,
                0,
                null,
                null,
                null))
        .status();
  }
}
