package io.capataz.supervisor.performer;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.JobReady;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.QueueName;
import io.capataz.supervisor.queue.JobQueues;
import io.capataz.supervisor.queue.Limits;
import io.capataz.supervisor.runtime.Round;
import io.capataz.supervisor.task.DoneBy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Does the jobs that need no host. They wait in a queue of their own, and are claimed, started and
 * ended by the moves and under the fence that agents use, so that limits, attempts and retries work
 * as for scripts. Every supervisor takes part.
 *
 * <p>An attempt has until its timeout and a margin. If its supervisor has died it is given up then,
 * by any other.
 */
@Component
class Performer {

  private static final Logger log = LoggerFactory.getLogger(Performer.class);

  /** In leases, where jobs of agents have the id of a host. */
  static final String NAME = "supervisor";

  /** How many jobs one supervisor does at once. */
  private static final int SLOTS = 64;

  private static final int AT_ONCE = 500;

  /** How much longer than its timeout an attempt may take to be reported. */
  static final Duration MARGIN = Duration.ofSeconds(30);

  private final Jobs jobs;
  private final JobQueues queues;
  private final Limits limits;
  private final Performances performances;
  private final ExecutorService background;
  private final InstantSource clock;

  /** This process, in leases. */
  private final String self = NAME + ":" + UUID.randomUUID();

  private final Semaphore slots = new Semaphore(SLOTS);
  private final Map<String, Future<?>> underWay = new ConcurrentHashMap<>();

  /** The jobs among them that somebody wants to end. */
  private final Set<String> stopped = ConcurrentHashMap.newKeySet();

  Performer(
      Jobs jobs,
      JobQueues queues,
      Limits limits,
      Performances performances,
      ExecutorService background,
      InstantSource clock) {
    this.jobs = jobs;
    this.queues = queues;
    this.limits = limits;
    this.performances = performances;
    this.background = background;
    this.clock = clock;
  }

  @EventListener
  void on(JobReady ready) {
    if (ready.job().doneBy() == DoneBy.SUPERVISOR) {
      try {
        background.execute(this::claim);
      } catch (RejectedExecutionException shuttingDown) {
        log.atDebug().log("left to another supervisor");
      }
    }
  }

  /** Finds jobs that were not heard of, those to be stopped, and those whose supervisor died. */
  @Scheduled(fixedDelayString = "PT2S")
  void look() {
    var round = Round.ofSweep();
    for (var job : jobs.underWayOn(NAME)) {
      var mine = underWay.get(job.id());
      if (mine != null && job.holding().stop() != null) {
        stopped.add(job.id());
        mine.cancel(true);
      } else if (mine == null && isOverdue(job)) {
        giveUp(job);
      }
      if (round.isOver()) {
        return;
      }
    }
    claim();
  }

  private boolean isOverdue(Job job) {
    var until = job.granted().granted().plus(job.spec().timeout()).plus(MARGIN);
    return until.isBefore(clock.instant());
  }

  private void giveUp(Job job) {
    jobs.lose(job, "The supervisor that did it ended before it could say what came of it.")
        .ifPresent(
            lost ->
                log.atWarn()
                    .addKeyValue("job", lost.id())
                    .addKeyValue("attempt", lost.attempt())
                    .log("attempt lost"));
  }

  private void claim() {
    while (slots.availablePermits() > 0) {
      var wanted = Math.min(slots.availablePermits(), AT_ONCE);
      var waiting = queues.next(List.of(QueueName.SUPERVISORS), wanted);
      var taken = waiting.stream().filter(this::take).count();
      if (taken == 0 || waiting.size() < wanted) {
        return;
      }
    }
  }

  /** Claims a job and begins with it; false if another supervisor has it, or it has to wait. */
  private boolean take(JobQueues.Waiting waiting) {
    if (!slots.tryAcquire()) {
      return false;
    }
    var assigned = assign(waiting);
    if (assigned.isEmpty()) {
      slots.release();
      return false;
    }
    begin(assigned.get());
    return true;
  }

  private Optional<Job> assign(JobQueues.Waiting waiting) {
    var claim = UUID.randomUUID().toString();
    var lease = new Lease(NAME, self, 1, claim, clock.instant(), Claim.Heard.SYNC);
    var queue = List.of(QueueName.SUPERVISORS);
    var organization = jobs.find(waiting.id()).map(Job::organization);
    if (organization.isEmpty()) {
      return Optional.empty();
    }
    if (waiting.limits().isEmpty()) {
      return jobs.assign(waiting.id(), organization.get(), queue, null, lease);
    }
    if (!limits.admit(waiting, claim)) {
      return Optional.empty();
    }
    var granted = jobs.assign(waiting.id(), organization.get(), queue, waiting.generation(), lease);
    if (granted.isEmpty()) {
      limits.dismiss(waiting, claim);
    }
    return granted;
  }

  private void begin(Job job) {
    var task =
        new FutureTask<Void>(
            () -> {
              perform(job);
              return null;
            }) {
          @Override
          protected void done() {
            underWay.remove(job.id());
            slots.release();
          }
        };
    underWay.put(job.id(), task);
    try {
      background.execute(task);
    } catch (RejectedExecutionException shuttingDown) {
      task.cancel(false);
    }
  }

  private void perform(Job job) {
    var started = jobs.started(job.fence(), NAME, null);
    if (started.isEmpty()) {
      return;
    }
    var begun = clock.instant();
    var ending = ending(job);
    end(job, ending.lasting(Duration.between(begun, clock.instant())));
  }

  private Ending ending(Job job) {
    try {
      var ending = performances.perform(job);
      // What was sent was sent, also if somebody wanted to stop it. Reporting must not be stopped.
      return !Thread.interrupted() || ending.outcome() instanceof Outcome.Succeeded
          ? ending
          : interrupted(job);
    } catch (InterruptedException givenUp) {
      return interrupted(job);
    }
  }

  private Ending interrupted(Job job) {
    return Ending.of(
        stopped.contains(job.id()) ? new Outcome.Canceled() : new Outcome.Interrupted());
  }

  private void end(Job job, Ending ending) {
    stopped.remove(job.id());
    jobs.end(job, NAME, ending)
        .ifPresent(
            ended ->
                log.atInfo()
                    .addKeyValue("job", ended.id())
                    .addKeyValue("attempt", ended.attempt())
                    .addKeyValue("state", ended.state())
                    .log("attempt ended"));
  }
}
