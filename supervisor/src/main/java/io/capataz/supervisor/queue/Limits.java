package io.capataz.supervisor.queue;

import io.capataz.supervisor.job.FollowUp;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.JobReady;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.QueueName;
import io.capataz.supervisor.queue.JobQueues.Waiting;
import io.capataz.supervisor.runtime.Round;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.bson.Document;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Enforces the limits on how many jobs run at once; see {@code docs/queue.md}, "Limits".
 *
 * <p>A permit is acquired before the job is granted, so a crash in between leaves a permit without
 * an attempt. {@link #freeLostPermits} first raises the grant generation of the job, which makes
 * any late grant fail, and only then releases the permit. So the limit holds however long a
 * supervisor slept.
 */
@Component
public class Limits implements FollowUp {

  /** The grant of a younger permit may still be in progress. */
  private static final Duration YOUNG = Duration.ofSeconds(10);

  private static final int PAGE = 200;

  private final ConcurrencyPermits permits;
  private final JobQueues queues;
  private final Jobs jobs;
  private final InstantSource clock;
  private final ApplicationEventPublisher events;

  /** How far the present round of {@link #openAll} has come, which may take several calls. */
  private volatile String opened = QueueName.LIMITS;

  /** The same of {@link #freeLostPermits}. */
  private volatile String freed = "";

  Limits(
      ConcurrencyPermits permits,
      JobQueues queues,
      Jobs jobs,
      InstantSource clock,
      ApplicationEventPublisher events) {
    this.permits = permits;
    this.queues = queues;
    this.jobs = jobs;
    this.clock = clock;
    this.events = events;
  }

  /**
   * Acquires a permit in each limit of a job.
   *
   * @return true if it has all of them; otherwise it has none, and is blocked unless another
   *     supervisor is granting it
   */
  public boolean admit(Waiting job, String claim) {
    var taken = new ArrayList<Limit>();
    for (var limit : job.limits()) {
      var overtakes =
          queues
              .first(QueueName.ofLimit(limit.key()))
              .filter(blocked -> blocked.comesBefore(job))
              .isPresent();
      var wish =
          overtakes
              ? ConcurrencyPermits.Acquisition.FULL
              : permits.take(limit, job.id(), claim, job.generation());
      if (wish == ConcurrencyPermits.Acquisition.GRANTED) {
        taken.add(limit);
        continue;
      }
      taken.forEach(permit -> free(permit, job.id(), claim, job.generation()));
      if (wish == ConcurrencyPermits.Acquisition.FULL) {
        queues.block(job, limit);
        // A permit that was released a moment ago may have found no job waiting.
        open(limit);
      }
      return false;
    }
    return true;
  }

  /** Releases what {@link #admit} acquired, because the job was not granted after all. */
  public void dismiss(Waiting job, String claim) {
    job.limits().forEach(limit -> free(limit, job.id(), claim, job.generation()));
  }

  @Override
  public String kind() {
    return "permits";
  }

  /** The permits of an attempt are released when it ends. */
  @Override
  public List<Effect> after(Job job, JobMove move) {
    if (job.spec().limits().isEmpty() || !move.endsAttempt()) {
      return List.of();
    }
    // ASSIGN raised the generation by one; nothing raises it while the attempt is under way.
    var held =
        new Document("claim", job.granted().claim())
            .append("generation", job.holding().generation() - 1);
    return List.of(new Effect(kind() + "-" + job.attempt(), kind(), held));
  }

  @Override
  public void perform(Job job, Effect effect) {
    var claim = effect.data().getString("claim");
    var generation = effect.data().getInteger("generation");
    job.spec().limits().forEach(limit -> free(limit, job.id(), claim, generation));
  }

  private void free(Limit limit, String job, String claim, int generation) {
    permits.free(limit.key(), job, claim, generation);
    open(limit);
  }

  /** Whether a new job under that limit would be blocked. */
  public boolean isFull(Limit limit) {
    return freePermits(limit) <= 0 || queues.first(QueueName.ofLimit(limit.key())).isPresent();
  }

  /** Unblocks as many jobs of a limit as there are free permits. */
  public void open(Limit limit) {
    var free = freePermits(limit);
    if (free > 0) {
      for (var blocked : queues.next(List.of(QueueName.ofLimit(limit.key())), free)) {
        queues.unblock(blocked).ifPresent(job -> events.publishEvent(new JobReady(job)));
      }
    }
  }

  private int freePermits(Limit limit) {
    return limit.most() - permits.of(limit.key()).map(ConcurrencyPermits.Taken::count).orElse(0);
  }

  /**
   * Checks every limit that blocks jobs: the supervisor that should have unblocked one may have
   * died.
   */
  @Scheduled(fixedDelayString = "PT5S")
  void openAll() {
    var round = Round.ofSweep();
    for (var next = queues.firstOfNextLimit(opened);
        next.isPresent();
        next = queues.firstOfNextLimit(opened)) {
      var name = next.get().placement().queue();
      opened = name;
      next.get().limits().stream()
          .filter(limit -> QueueName.ofLimit(limit.key()).equals(name))
          .forEach(this::open);
      if (round.isOver()) {
        return;
      }
    }
    opened = QueueName.LIMITS;
  }

  /** Releases permits whose claim never became an attempt, or whose attempt is over. */
  @Scheduled(fixedDelayString = "PT5S")
  void freeLostPermits() {
    var old = clock.instant().minus(YOUNG);
    var round = Round.ofSweep();
    for (var page = permits.after(freed, PAGE);
        !page.isEmpty();
        page = permits.after(freed, PAGE)) {
      for (var taken : page) {
        freed = taken.key();
        taken.permits().forEach((job, permit) -> freeIfLost(taken.key(), job, permit, old));
        if (round.isOver()) {
          return;
        }
      }
    }
    freed = "";
  }

  private void freeIfLost(String key, String id, ConcurrencyPermits.Permit permit, Instant old) {
    if (permit.since().isAfter(old)) {
      return;
    }
    var job = jobs.find(id);
    var held =
        job.filter(j -> j.lease() != null && j.lease().claim().equals(permit.claim())).isPresent();
    if (held && job.orElseThrow().state().isUnderWay()) {
      return;
    }
    if (held || job.isEmpty() || jobs.raiseGeneration(id, permit.generation(), permit.claim())) {
      permits.free(key, id, permit.claim(), permit.generation());
      job.ifPresent(
          j ->
              j.spec().limits().stream()
                  .filter(limit -> limit.key().equals(key))
                  .forEach(this::open));
    }
  }
}
