package io.capataz.supervisor.callback;

import io.capataz.supervisor.callback.Receivers.Came;
import io.capataz.supervisor.runtime.Round;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Delivers callbacks. Every supervisor takes part: a new delivery is tried by the one that stored
 * it, later tries by whichever finds them due.
 */
@Component
class Sender {

  private static final Logger log = LoggerFactory.getLogger(Sender.class);

  private static final int AT_ONCE = 500;

  private final Deliveries deliveries;
  private final Receivers receivers;
  private final Courier courier;
  private final ExecutorService background;
  private final InstantSource clock;
  private final RandomGenerator random = RandomGenerator.getDefault();

  Sender(
      Deliveries deliveries,
      Receivers receivers,
      Courier courier,
      ExecutorService background,
      InstantSource clock) {
    this.deliveries = deliveries;
    this.receivers = receivers;
    this.courier = courier;
    this.background = background;
    this.clock = clock;
  }

  /** Tries a delivery at once if there is room for it; otherwise a sweep does later. */
  void offer(String id, String receiver) {
    if (!receivers.enter(receiver)) {
      return;
    }
    try {
      background.execute(() -> attempt(id, receiver));
    } catch (RejectedExecutionException shuttingDown) {
      receivers.leave(receiver, Came.NO_CALL);
    }
  }

  /** Finds tries that are due, also those of supervisors that have died. */
  @Scheduled(fixedDelayString = "PT1S")
  void look() {
    var round = Round.ofSweep();
    while (receivers.isRoom() && !round.isOver()) {
      var due = deliveries.due(receivers.closed(), AT_ONCE);
      due.forEach(it -> offer(it.id(), it.receiver()));
      if (due.size() < AT_ONCE) {
        return;
      }
    }
  }

  private void attempt(String id, String receiver) {
    var came = Came.NO_CALL;
    try {
      came = deliveries.claim(id).map(this::attempt).orElse(Came.NO_CALL);
    } finally {
      receivers.leave(receiver, came);
    }
  }

  /** Makes the try that was claimed. */
  private Came attempt(Delivery claimed) {
    if (isTooLate(claimed, clock.instant())) {
      deliveries.failed(claimed, null, Optional.empty());
      return Came.NO_CALL;
    }
    try {
      var result = courier.deliver(claimed);
      record(claimed, result);
      return result.came();
    } catch (InterruptedException shuttingDown) {
      // The claim runs out, and another supervisor goes on.
      Thread.currentThread().interrupt();
      return Came.NO_CALL;
    }
  }

  /** What was never tried is tried once, however late. */
  private static boolean isTooLate(Delivery claimed, Instant now) {
    var number = claimed.course().number();
    return number > RetryDelays.TRIES || (number > 1 && now.isAfter(claimed.course().deadline()));
  }

  private void record(Delivery claimed, Courier.Result result) {
    if (result.succeeded()) {
      deliveries.succeeded(claimed, result.how());
      return;
    }
    var course = claimed.course();
    var next =
        result.isLast()
            ? Optional.<Instant>empty()
            : RetryDelays.next(
                course.number(),
                clock.instant(),
                course.deadline(),
                result.asked(),
                random.nextDouble());
    deliveries.failed(claimed, result.how(), next);
    log.atInfo()
        .addKeyValue("delivery", claimed.id())
        .addKeyValue("number", course.number())
        .addKeyValue("next", next.map(Instant::toString).orElse("none"))
        .log("callback not delivered");
  }
}
