package io.capataz.supervisor.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.ProgressReport.Entry;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A script says how far it has come, and who may see its job sees that. */
class JobProgressTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = work.taskOn(agent, Map.of());

  @Test
  void a_job_that_reports_nothing_has_no_progress() {
    var waiting = progress(work.post(task, Map.of("hold", true)));
    var running = progress(claimed().job());

    assertThat(waiting.raw().body()).isEqualTo("{\"attempt\":0,\"history\":[]}");
    assertThat(running.raw().body()).isEqualTo("{\"attempt\":1,\"history\":[]}");
  }

  @Test
  void what_was_said_last_is_shown_with_its_history() {
    var order = claimed();

    report(order, 0, entry(10, "copying"));
    report(order, 1, entry(40, null), entry(null, "checking"));

    var now = progress(order.job());
    assertThat(now.text("/percent")).isEqualTo("40");
    assertThat(now.text("/message")).isEqualTo("checking");
    assertThat(now.text("/history/0/message")).isEqualTo("copying");
    assertThat(now.text("/history/1/percent")).isEqualTo("40");
    assertThat(now.text("/history/2/message")).isEqualTo("checking");
    assertThat(now.text("/history/2/percent")).isEqualTo("40");
  }

  @Test
  void it_never_goes_back() {
    var order = claimed();

    report(order, 0, entry(70, null), entry(20, "again"));

    assertThat(progress(order.job()).text("/percent")).isEqualTo("70");
    assertThat(progress(order.job()).text("/message")).isEqualTo("again");
  }

  @Test
  void a_report_that_comes_twice_or_overlaps_counts_once() {
    var order = claimed();

    report(order, 0, entry(1, "a"), entry(2, "b"));
    report(order, 0, entry(1, "a"), entry(2, "b"));
    report(order, 1, entry(2, "b"), entry(3, "c"));
    report(order, 9, entry(9, "later, some were left out"));

    assertThat(progress(order.job()).body().at("/history").findValuesAsString("message"))
        .containsExactly("a", "b", "c", "later, some were left out");
  }

  @Test
  void the_history_is_bounded() {
    var order = claimed();

    for (var i = 0; i < 6; i++) {
      report(order, i * 50L, Collections.nCopies(50, entry(i, "m" + i)).toArray(Entry[]::new));
    }

    assertThat(progress(order.job()).body().at("/history")).hasSize(Progress.REMEMBERED);
    assertThat(progress(order.job()).text("/history/0/message")).isEqualTo("m2");
  }

  @ParameterizedTest
  @CsvSource({"-1, 50, fine", "0, 101, fine", "0, -1, fine", "0, , ", "0, 5, LONG"})
  void nonsense_is_refused(long before, @Nullable Integer percent, @Nullable String message) {
    var order = claimed();
    var text = "LONG".equals(message) ? "x".repeat(ProgressReport.LONGEST_MESSAGE + 1) : message;

    var answer =
        say(order, new ProgressReport(order.claim(), before, List.of(entry(percent, text))));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("/code")).isEqualTo("invalid_progress");
    assertThat(progress(order.job()).body().at("/history")).isEmpty();
  }

  @Test
  void a_report_of_nothing_or_too_much_is_refused() {
    var order = claimed();

    assertThat(say(order, new ProgressReport(order.claim(), 0, List.of())).status()).isEqualTo(400);
    assertThat(
            say(
                    order,
                    new ProgressReport(order.claim(), 0, Collections.nCopies(51, entry(1, null))))
                .status())
        .isEqualTo(400);
  }

  @Test
  void only_the_agent_that_holds_the_attempt_may_report() {
    var order = claimed();
    var other = TestAgent.enrolled(supervisor);
    var report = new ProgressReport(order.claim(), 0, List.of(entry(5, null)));

    assertThat(other.say(path(order), report).status()).isEqualTo(409);
    assertThat(say(order, new ProgressReport("other", 0, List.of(entry(5, null)))).status())
        .isEqualTo(409);
    agent.end(order, new Outcome.Succeeded());
    assertThat(say(order, report).status()).isEqualTo(409);
  }

  @Test
  void it_is_shown_to_who_may_see_the_job_and_goes_with_it() {
    var order = claimed();
    report(order, 0, entry(5, null));
    agent.end(order, new Outcome.Succeeded());

    assertThat(supervisor.get("/job/ffffffffffffffffffffffff/progress").status()).isEqualTo(404);
    assertThat(progress(order.job()).text("/percent")).isEqualTo("5");
    assertThat(
            supervisor
                .ask("DELETE", "/acme/task/" + task + "/job?lifecycle=finished", null)
                .status())
        .isEqualTo(200);
    assertThat(progress(order.job()).status()).isEqualTo(404);
  }

  private static Entry entry(@Nullable Integer percent, @Nullable String message) {
    return new Entry(percent, message);
  }

  private void report(WorkOrder order, long before, Entry... entries) {
    var report = new ProgressReport(order.claim(), before, Arrays.asList(entries));
    assertThat(say(order, report).status()).isEqualTo(204);
  }

  private TestSupervisor.Answer say(WorkOrder order, ProgressReport report) {
    return agent.say(path(order), report);
  }

  private static String path(WorkOrder order) {
    return "jobs/" + order.job() + "/attempts/" + order.attempt() + "/progress";
  }

  private TestSupervisor.Answer progress(String job) {
    return supervisor.get("/acme/job/" + job + "/progress");
  }

  private WorkOrder claimed() {
    work.post(task);
    var order = agent.claimOne();
    agent.started(order);
    return order;
  }
}
