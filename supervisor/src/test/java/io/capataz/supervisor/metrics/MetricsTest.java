package io.capataz.supervisor.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.capataz.common.command.UsageError;
import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus reads of a job's life, and who may read it. */
class MetricsTest {

  private static final String TOKEN = "the operator's own token";

  private static final Path REFERENCE = Path.of("..", "docs", "reference", "metrics.txt");

  private static final String HEAD =
      """
      # The metrics of a supervisor and the names of their labels. Printed by MetricsTest; do not edit.
      # Of the JVM's metrics, those that the Helm chart's dashboard and alert rules use.
      """;

  private static final Pattern OF_THE_JVM =
      Pattern.compile(
          "(jvm_memory_(used|max)_bytes|jvm_gc_pause_seconds_(count|sum)|process_cpu_usage"
              + "|process_uptime_seconds)(\\{.*)?");

  @TempDir static Path folder;

  private static final TestClock clock = new TestClock();
  private static @Nullable TestSupervisor started;

  private static TestSupervisor supervisor() throws IOException {
    if (started == null) {
      var file = Files.writeString(folder.resolve("metrics.token"), TOKEN + "\n");
      started =
          TestSupervisor.withClock(
              clock, "--capataz.rate-limit.enabled=false", "--capataz.metrics.token-file=" + file);
    }
    return started;
  }

  @AfterAll
  static void stop() {
    if (started != null) {
      started.close();
    }
  }

  @Test
  void the_life_of_a_job_is_counted_and_timed() throws Exception {
    var work = new TestWork(supervisor());
    var agent = TestAgent.enrolled(supervisor());
    var id = work.post(work.taskOn(agent, Map.of()));
    clock.jump(Duration.ofSeconds(5));
    var order = agent.claimOne();
    assertThat(order.job()).isEqualTo(id);
    clock.jump(Duration.ofSeconds(2));
    agent.started(order);
    clock.jump(Duration.ofSeconds(30));
    agent.end(order, stopped(order));

    agent.beat(Duration.ZERO);
    var figures = scrape();
    assertThat(figures)
        .contains("capataz_job_moves_total{move=\"assign\",to=\"assigned\"} 1.0")
        .contains("capataz_job_moves_total{move=\"fail\",to=\"failed\"} 1.0")
        .contains("capataz_agents{state=\"online\"} 1.0")
        .contains("capataz_agents{state=\"silent\"} 0.0")
        .contains("capataz_kills_total{signal=\"SIGTERM\",why=\"left_behind\"} 1.0")
        .contains("jvm_memory_used_bytes");
    // The clock goes on by itself between the jumps.
    assertThat(value(figures, "capataz_job_queue_wait_seconds_sum")).isBetween(5.0, 500.0);
    assertThat(value(figures, "capataz_job_start_latency_seconds_sum")).isBetween(2.0, 500.0);
    // As long as the script ran by the agent's own clock, not until its end was reported.
    assertThat(value(figures, "capataz_attempt_duration_seconds_sum{outcome=\"exited_with\"}"))
        .isEqualTo(1.234);
    theReferenceNamesEveryMetricAndItsLabels();
  }

  /**
   * What dashboards and alert rules may ask for. {@code ./mvnw -pl supervisor -am test
   * -Dtest=MetricsTest -Ddocs.write=true -Dsurefire.failIfNoSpecifiedTests=false} regenerates it.
   */
  private void theReferenceNamesEveryMetricAndItsLabels() throws IOException {
    System.gc();
    await().until(() -> scrape().contains("jvm_gc_pause_seconds_sum"));

    var page = HEAD + String.join("\n", namesIn(scrape())) + "\n";
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(REFERENCE, page);
    }
    assertThat(REFERENCE).hasContent(page);
  }

  private static AttemptEnd stopped(WorkOrder order) {
    return new AttemptEnd(
        order.claim(),
        new Outcome.ExitedWith(3),
        3,
        Duration.ofMillis(1234),
        List.of(
            new AttemptEnd.SignalSent(
                "SIGTERM", Duration.ofSeconds(1), AttemptEnd.SignalSent.Why.LEFT_BEHIND)),
        List.of(),
        null,
        0,
        0,
        0L,
        "session",
        null);
  }

  /** Each name with the names of its labels: ours, and those of the JVM that the chart uses. */
  private static SortedSet<String> namesIn(String figures) {
    return figures
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.replaceAll(" [^ ]+$", "").replaceAll("=\"[^\"]*\"", ""))
        .filter(line -> line.startsWith("capataz_") || OF_THE_JVM.matcher(line).matches())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void only_the_operators_token_opens_it() throws Exception {
    assertThat(supervisor().getAs(supervisor().token(), "/metrics").status()).isEqualTo(401);
    assertThat(supervisor().getAs(TOKEN + "x", "/metrics").status()).isEqualTo(401);
    assertThat(supervisor().send(supervisor().request("/metrics")).status()).isEqualTo(401);
    assertThat(supervisor().getAs(TOKEN, "/metrics").status()).isEqualTo(200);
  }

  @Test
  void without_a_token_there_is_no_such_page() {
    assertThat(TestSupervisor.shared().get("/metrics").status()).isEqualTo(404);
  }

  @Test
  void a_token_that_can_be_guessed_is_refused() throws Exception {
    var file = Files.writeString(folder.resolve("short.token"), "secret");

    assertThatThrownBy(
            () -> TestSupervisor.withClock(clock, "--capataz.metrics.token-file=" + file).close())
        .hasRootCauseInstanceOf(UsageError.class)
        .rootCause()
        .hasMessageContaining("shorter than 16 characters");
  }

  private static double value(String figures, String name) {
    return figures
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private String scrape() throws IOException {
    return supervisor().getAs(TOKEN, "/metrics").raw().body();
  }
}
