package io.capataz.supervisor.statistics;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.TestTokens;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What is counted is what became of the jobs that the caller may see. */
class StatisticsTest {

  private final TestSupervisor supervisor = TestSupervisor.shared();
  private final TestWork work = new TestWork(supervisor);
  private final TestAgent agent = TestAgent.enrolled(supervisor);
  private final String task = work.taskOn(agent, Map.of());

  private void end(Outcome outcome) {
    var order = agent.claimHeard(work.post(task));
    agent.started(order);
    agent.end(order, outcome);
  }

  private JsonNode asked(String token, String window) {
    var answer = supervisor.getAs(token, "/acme/job/statistics?window=" + window + "&task=" + task);
    assertThat(answer.status()).isEqualTo(200);
    return answer.body();
  }

  private static long sum(JsonNode statistics, String field) {
    return statistics.path("buckets").valueStream().mapToLong(it -> it.path(field).asLong()).sum();
  }

  @ParameterizedTest
  @CsvSource({"hour, 30, PT2M", "day, 24, PT1H", "week, 28, PT6H"})
  void ends_are_counted_and_timed(String window, int parts, Duration width) {
    agent.open(List.of());
    end(new Outcome.Succeeded());
    end(new Outcome.Succeeded());
    end(new Outcome.ExitedWith(3));
    supervisor.put("/acme/job/" + work.post(task) + "/cancel");
    work.post(task);

    var statistics = asked(supervisor.token(), window);

    assertThat(sum(statistics, "succeeded")).isEqualTo(2);
    assertThat(sum(statistics, "failed")).isEqualTo(1);
    assertThat(sum(statistics, "canceled")).isEqualTo(1);
    var buckets = statistics.path("buckets").valueStream().toList();
    assertThat(buckets).hasSize(parts);
    assertThat(buckets)
        .allSatisfy(
            it ->
                assertThat(Duration.between(instant(it, "from"), instant(it, "until")))
                    .isEqualTo(width));
    assertThat(instant(statistics, "until")).isEqualTo(instant(buckets.getLast(), "until"));
    var timed = buckets.stream().filter(it -> it.has("queue_wait")).toList();
    assertThat(timed).isNotEmpty();
    assertThat(timed)
        .allSatisfy(
            it -> {
              assertThat(it.at("/queue_wait/p95").asDouble()).isBetween(0.0, 60.0);
              assertThat(it.at("/duration/p50").asDouble()).isBetween(0.0, 60.0);
            });
  }

  private static Instant instant(JsonNode of, String field) {
    return Instant.parse(of.path(field).asString());
  }

  @Test
  void what_a_caller_may_not_see_is_not_counted() {
    agent.open(List.of());
    end(new Outcome.Succeeded());

    assertThat(sum(asked(supervisor.tokenWith(Role.VIEWER), "day"), "succeeded")).isZero();
    var stranger = TestTokens.issue(supervisor, "globex", Role.OWNER);
    var theirs = supervisor.getAs(stranger, "/job/statistics?task=" + task).body();
    assertThat(sum(theirs, "succeeded")).isZero();
    assertThat(sum(asked(supervisor.token(), "day"), "succeeded")).isEqualTo(1);
  }

  @Test
  void another_window_is_refused() {
    var refused = supervisor.get("/acme/job/statistics?window=year");

    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.raw().body()).contains("must be hour, day or week.");
  }

  @Test
  void spreads_are_by_nearest_rank() {
    var times = IntStream.rangeClosed(1, 100).mapToObj(Duration::ofSeconds).toList();

    assertThat(JobStatistics.Spread.of(times)).isEqualTo(new JobStatistics.Spread(50, 95));
    assertThat(JobStatistics.Spread.of(List.of(Duration.ofMillis(1_500))))
        .isEqualTo(new JobStatistics.Spread(1.5, 1.5));
    assertThat(JobStatistics.Spread.of(List.of())).isNull();
  }
}
