package io.capataz.supervisor.workflowrun;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.capataz.supervisor.TestSupervisor;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Counts what a step costs the store: a job, and one write more. */
class WorkflowPathTest {

  private static final Set<String> WRITES = Set.of("insert", "update", "findAndModify", "delete");

  private final Queue<String> writes = new ConcurrentLinkedQueue<>();

  /** Sees what ends of jobs cause, not the periodic work that is done for all together. */
  private final class Writes implements CommandListener {
    @Override
    public void commandStarted(CommandStartedEvent event) {
      if (WRITES.contains(event.getCommandName())
          && !Thread.currentThread().getName().startsWith("sweep-")) {
        var command = event.getCommand();
        var collection = command.getString(event.getCommandName()).getValue();
        var what = command.toJson().contains("pending.effects._id") ? " effect" : "";
        writes.add(event.getCommandName() + " " + collection + what);
      }
    }
  }

  @Test
  void a_step_costs_one_write_more_than_a_job_however_many_there_are() {
    try (var supervisor = TestSupervisor.observed(new Writes())) {
      var flow = new Workflowing(supervisor);
      for (var steps : List.of(5, 25)) {
        chain(flow, steps);
        fan(flow, steps);
      }
    }
  }

  private void chain(Workflowing flow, int steps) {
    IntStream.range(0, steps).forEach(i -> flow.node("n" + i));
    IntStream.range(1, steps).forEach(i -> flow.edge("n" + (i - 1), "n" + i));
    var workflow = flow.made();
    writes.clear();

    var run = flow.run(workflow);
    IntStream.range(0, steps).forEach(i -> flow.succeed(flow.claim(run, "n" + i), null));

    assertThat(flow.ended(run).text("/state")).isEqualTo("success");
    counted(steps);
    assertThat(count("findAndModify workflow_gates")).isZero();
  }

  /** One step, then many at once, then a join of all of them. */
  private void fan(Workflowing flow, int width) {
    flow.node("first").node("last", Map.of("join", "all"));
    for (var i = 0; i < width; i++) {
      flow.node("n" + i).edge("first", "n" + i).edge("n" + i, "last");
    }
    var workflow = flow.made();
    writes.clear();

    var run = flow.run(workflow);
    flow.succeed(flow.claim(run, "first"), null);
    IntStream.range(0, width).forEach(i -> flow.succeed(flow.claim(run, "n" + i), null));
    flow.succeed(flow.claim(run, "last"), null);

    assertThat(flow.ended(run).text("/state")).isEqualTo("success");
    counted(width + 2);
    assertThat(count("findAndModify workflow_gates")).isEqualTo(width);
  }

  /** Claim, start and end of a job are a move each; the rest is what the run costs in all. */
  private void counted(int jobs) {
    assertThat(count("insert jobs")).isEqualTo(jobs);
    assertThat(count("findAndModify jobs")).isEqualTo(3L * jobs);
    assertThat(count("update jobs effect")).isEqualTo(jobs);
    assertThat(count("insert workflow_runs")).isOne();
    assertThat(count("update workflow_runs")).isEqualTo(2);
    assertThat(count("findAndModify workflow_runs")).isZero();
  }

  private long count(String write) {
    return writes.stream().filter(write::equals).count();
  }
}
