package io.capataz.supervisor.metrics;

import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.JobMoved;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Counts and times the moves that this supervisor makes. Each move is counted by the supervisor
 * that made it, so the sum over all supervisors is right.
 */
@Component
class JobMetrics {

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(10),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5),
    Duration.ofSeconds(30),
    Duration.ofMinutes(2),
    Duration.ofMinutes(10),
    Duration.ofHours(1),
  };

  private final MeterRegistry registry;

  JobMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  @EventListener
  void on(JobMoved moved) {
    var job = moved.job();
    var move = moved.move();
    registry.counter("capataz.job.moves", "move", word(move), "to", word(move.to())).increment();
    var now = job.past().history().getLast().at();
    if (move == JobMove.ASSIGN) {
      record("capataz.job.queue.wait", job.placement().ready(), now);
    } else if (move == JobMove.START && job.lease() != null) {
      record("capataz.job.start.latency", job.lease().granted(), now);
    }
    if (move.endsAttempt() && !job.past().attempts().isEmpty()) {
      attemptEnded(job.past().attempts().getLast(), job);
    }
  }

  private void attemptEnded(Job.Attempt attempt, Job job) {
    var outcome = attempt.outcome();
    if (attempt.started() != null) {
      record(
          "capataz.attempt.duration",
          attempt.started(),
          attempt.ended(),
          "outcome",
          outcome == null ? "none" : snake(outcome.getClass().getSimpleName()));
    }
    if (job.ending() != null) {
      job.ending()
          .signals()
          .forEach(
              sent ->
                  registry
                      .counter("capataz.kills", "signal", sent.signal(), "why", word(sent.why()))
                      .increment());
    }
  }

  /** Clocks of supervisors are one clock, so a negative time is a rounding of the store. */
  private void record(String name, @Nullable Instant from, Instant to, String... tags) {
    if (from != null) {
      var took = Duration.between(from, to);
      Timer.builder(name)
          .tags(tags)
          .serviceLevelObjectives(BUCKETS)
          .register(registry)
          .record(took.isNegative() ? Duration.ZERO : took);
    }
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** {@code ExitedWith} as {@code exited_with}. */
  private static String snake(String name) {
    return name.replaceAll("(?<=.)([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
