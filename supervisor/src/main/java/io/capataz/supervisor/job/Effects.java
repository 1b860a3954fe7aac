package io.capataz.supervisor.job;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Does what must follow from moves. The supervisor that made the move does it at once; what it
 * could not, a sweep of any supervisor does. Doing an effect twice is as good as once.
 */
@Component
class Effects {

  private static final Logger log = LoggerFactory.getLogger(Effects.class);

  private static final int SWEEP = 500;

  private final Chores chores;
  private final Limits limits;
  private final ExecutorService background;

  Effects(Chores chores, Limits limits, ExecutorService background) {
    this.chores = chores;
    this.limits = limits;
    this.background = background;
  }

  @EventListener
  void on(JobMoved moved) {
    if (!moved.job().effects().isEmpty()) {
      try {
        background.execute(() -> perform(moved.job()));
      } catch (RejectedExecutionException goingDown) {
        log.atDebug().addKeyValue("job", moved.job().id()).log("left to another one's sweep");
      }
    }
  }

  /** Does what should have been done by now. */
  @Scheduled(fixedDelayString = "PT2S")
  void sweep() {
    chores.withEffects(SWEEP).forEach(this::perform);
  }

  private void perform(Job job) {
    for (var effect : job.effects()) {
      switch (effect.kind()) {
        case FREE_SEATS -> limits.freeSeats(job, effect.claim(), effect.turn());
      }
      chores.effectDone(job.id(), effect.id());
    }
  }
}
