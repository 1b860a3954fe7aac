package io.capataz.supervisor.queue;

import io.capataz.supervisor.job.FollowUp;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.JobReady;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.Line;
import io.capataz.supervisor.queue.Lines.Waiting;
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
 * Keeps the bounds on how many jobs run at once; told in {@code docs/queue.md}, "Limits".
 *
 * <p>A seat is taken before the job is granted, so a crash in between leaves a seat without an
 * attempt. {@link #freeLostSeats} first raises the job's turn, which no late grant survives, and
 * only then gives the seat up. So the bound holds however long a supervisor was asleep.
 */
@Component
public class Limits implements FollowUp {

  /** A seat this young may be one whose grant is under way; looking at it would be of no use. */
  private static final Duration YOUNG = Duration.ofSeconds(10);

  private static final int PAGE = 200;

  private final Seats seats;
  private final Lines lines;
  private final Jobs jobs;
  private final InstantSource clock;
  private final ApplicationEventPublisher events;

  Limits(
      Seats seats, Lines lines, Jobs jobs, InstantSource clock, ApplicationEventPublisher events) {
    this.seats = seats;
    this.lines = lines;
    this.jobs = jobs;
    this.clock = clock;
    this.events = events;
  }

  /**
   * Takes a seat in each of the job's limits for a claim.
   *
   * @return true if it has all; else it has none, and is parked unless somebody else is granting it
   */
  public boolean admit(Waiting job, String claim) {
    var taken = new ArrayList<Limit>();
    for (var limit : job.limits()) {
      var overtakes =
          lines
              .first(Line.ofLimit(limit.key()))
              .filter(parked -> parked.comesBefore(job))
              .isPresent();
      var wish = overtakes ? Seats.Wish.FULL : seats.take(limit, job.id(), claim, job.turn());
      if (wish == Seats.Wish.GRANTED) {
        taken.add(limit);
        continue;
      }
      taken.forEach(seat -> free(seat, job.id(), claim, job.turn()));
      if (wish == Seats.Wish.FULL) {
        lines.park(job, limit);
        // A seat that became free a moment ago may have found nobody waiting.
        open(limit);
      }
      return false;
    }
    return true;
  }

  /** Gives up what {@link #admit} took, because the job was not granted after all. */
  public void dismiss(Waiting job, String claim) {
    job.limits().forEach(limit -> free(limit, job.id(), claim, job.turn()));
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
    // ASSIGN made the turn grow by one, and nothing does while the attempt is under way.
    var held = new Document("claim", job.granted().claim()).append("turn", job.turn() - 1);
    return List.of(new Effect(kind() + "-" + job.attempt(), kind(), held));
  }

  @Override
  public void perform(Job job, Effect effect) {
    var claim = effect.data().getString("claim");
    var turn = effect.data().getInteger("turn");
    job.spec().limits().forEach(limit -> free(limit, job.id(), claim, turn));
  }

  private void free(Limit limit, String job, String claim, int turn) {
    seats.free(limit.key(), job, claim, turn);
    open(limit);
  }

  /** Whether a new job of that limit would find no seat, or others before it. */
  public boolean isFull(Limit limit) {
    return freeSeats(limit) <= 0 || lines.first(Line.ofLimit(limit.key())).isPresent();
  }

  /** Lets as many of those who wait for a limit go back into line as there are free seats. */
  public void open(Limit limit) {
    var free = freeSeats(limit);
    if (free > 0) {
      for (var parked : lines.next(List.of(Line.ofLimit(limit.key())), free)) {
        lines.unpark(parked).ifPresent(job -> events.publishEvent(new JobReady(job)));
      }
    }
  }

  private int freeSeats(Limit limit) {
    return limit.most() - seats.of(limit.key()).map(Seats.Taken::count).orElse(0);
  }

  /**
   * Looks at every limit for which somebody waits: whoever should have let him in may have died.
   */
  @Scheduled(fixedDelayString = "PT5S")
  void openAll() {
    var line = Line.LIMITS;
    for (var next = lines.firstOfNextLimit(line);
        next.isPresent();
        next = lines.firstOfNextLimit(line)) {
      line = next.get().line();
      var name = line;
      next.get().limits().stream()
          .filter(limit -> Line.ofLimit(limit.key()).equals(name))
          .forEach(this::open);
    }
  }

  /** Gives up seats whose claim never became an attempt, or whose attempt is over. */
  @Scheduled(fixedDelayString = "PT5S")
  void freeLostSeats() {
    var old = clock.instant().minus(YOUNG);
    var key = "";
    for (var page = seats.after(key, PAGE); !page.isEmpty(); page = seats.after(key, PAGE)) {
      for (var taken : page) {
        key = taken.key();
        taken.seats().forEach((job, seat) -> freeIfLost(taken.key(), job, seat, old));
      }
    }
  }

  private void freeIfLost(String key, String id, Seats.Seat seat, Instant old) {
    if (seat.since().isAfter(old)) {
      return;
    }
    var job = jobs.find(id);
    var held =
        job.filter(j -> j.lease() != null && j.lease().claim().equals(seat.claim())).isPresent();
    if (held && job.orElseThrow().state().isUnderWay()) {
      return;
    }
    if (held || job.isEmpty() || jobs.passTurn(id, seat.turn(), seat.claim())) {
      seats.free(key, id, seat.claim(), seat.turn());
      job.ifPresent(
          j ->
              j.spec().limits().stream()
                  .filter(limit -> limit.key().equals(key))
                  .forEach(this::open));
    }
  }
}
