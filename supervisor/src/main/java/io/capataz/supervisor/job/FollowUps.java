package io.capataz.supervisor.job;

import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.runtime.Round;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.util.function.SingletonSupplier;

/** Asks every {@link FollowUp} for the effects of a move, and has recorded effects performed. */
@Component
class FollowUps {

  private static final Logger log = LoggerFactory.getLogger(FollowUps.class);

  private static final int SWEEP = 500;

  /** How long the effects of a job are put off after one of them failed. */
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(30);

  private final OverdueJobs overdue;
  private final ExecutorService background;
  private final ApplicationEventPublisher events;

  /** By kind. Resolved late, because follow-ups use {@link Jobs}, which uses this class. */
  private final Supplier<Map<String, FollowUp>> byKind;

  FollowUps(
      OverdueJobs overdue,
      ExecutorService background,
      ObjectProvider<FollowUp> followUps,
      ApplicationEventPublisher events) {
    this.events = events;
    this.overdue = overdue;
    this.background = background;
    this.byKind =
        SingletonSupplier.of(
            () -> followUps.stream().collect(Collectors.toMap(FollowUp::kind, it -> it)));
  }

  /** The effects to be written by the update that makes the move. */
  List<Effect> after(Job job, JobMove move) {
    return byKind.get().values().stream().flatMap(it -> it.after(job, move).stream()).toList();
  }

  @EventListener
  void on(JobMoved moved) {
    if (!moved.job().pending().effects().isEmpty()) {
      try {
        background.execute(() -> perform(moved.job()));
      } catch (RejectedExecutionException shuttingDown) {
        log.atDebug().addKeyValue("job", moved.job().id()).log("effects left to the next sweep");
      }
    }
  }

  /** Performs effects that are overdue: the supervisor that made the move has died, or failed. */
  @Scheduled(fixedDelayString = "PT2S")
  void sweep() {
    var round = Round.ofSweep();
    for (var job : overdue.withEffects(SWEEP)) {
      perform(job);
      if (round.isOver()) {
        return;
      }
    }
  }

  /** Performs the effects of a job, and leaves those that fail to a sweep. */
  void perform(Job job) {
    for (var effect : job.pending().effects()) {
      var followUp = byKind.get().get(effect.kind());
      if (followUp == null) {
        // Written by a newer supervisor during an upgrade; that one performs it.
        postpone(job, effect, null);
        continue;
      }
      try {
        followUp.perform(job, effect);
        overdue.effectDone(job, effect.id());
        events.publishEvent(new EffectDone(job, effect));
      } catch (RuntimeException failure) {
        postpone(job, effect, failure);
      }
    }
  }

  private void postpone(Job job, Effect effect, @Nullable RuntimeException failure) {
    log.atWarn()
        .setCause(failure)
        .addKeyValue("job", job.id())
        .addKeyValue("effect", effect.id())
        .addKeyValue("kind", effect.kind())
        .log(failure == null ? "effect of an unknown kind" : "effect failed; it will be repeated");
    overdue.effectsLater(job.id(), AFTER_FAILURE);
  }
}
