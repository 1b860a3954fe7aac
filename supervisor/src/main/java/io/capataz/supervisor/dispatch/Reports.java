package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Fence;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.runtime.ClockJumped;
import io.capataz.supervisor.runtime.PrimaryCheck;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Turns agents' reports about their attempts into moves. Agents report facts, never states. Every
 * report is checked against agent, attempt and claim, and may be repeated.
 */
@Component
class Reports {

  private static final Logger log = LoggerFactory.getLogger(Reports.class);

  /** Longer than the response to a claim can be in transit. */
  private static final Duration UNKNOWN_FOR = Duration.ofMinutes(2);

  private final Jobs jobs;
  private final PrimaryCheck primary;
  private final InstantSource clock;

  /** Until then, it cannot be told how long ago an attempt was granted. */
  private volatile Instant sureFrom = Instant.MIN;

  Reports(Jobs jobs, PrimaryCheck primary, InstantSource clock) {
    this.jobs = jobs;
    this.primary = primary;
    this.clock = clock;
  }

  /**
   * A refusal makes the agent stop a script and forget it, and so must not rest on what a deposed
   * primary says. It is made once more after the primary was confirmed; a repeated report is
   * answered like the first.
   */
  private <T> T confirmed(Supplier<T> report) {
    try {
      return report.get();
    } catch (ApiProblem refused) {
      if (refused.status() != HttpStatus.CONFLICT) {
        throw refused;
      }
      primary.confirm();
      return report.get();
    }
  }

  void started(Caller.Agent agent, Fence fence, long pid) {
    confirmed(
        () -> {
          startedAsSeen(agent, fence, pid);
          return fence;
        });
  }

  private void startedAsSeen(Caller.Agent agent, Fence fence, long pid) {
    if (known(agent, fence).isPresent() && jobs.started(fence, agent.name(), pid).isPresent()) {
      return;
    }
    if (held(agent, fence).state() == JobState.RUNNING) {
      return; // A repeated report.
    }
    if (jobs.started(fence, agent.name(), pid).isEmpty()
        // Reported twice at the same time: the other report was first.
        && held(agent, fence).state() != JobState.RUNNING) {
      throw notYours();
    }
  }

  void ended(Caller.Agent agent, Fence fence, AttemptEnd end) {
    confirmed(
        () -> {
          endedAsSeen(agent, fence, end);
          return fence;
        });
  }

  private void endedAsSeen(Caller.Agent agent, Fence fence, AttemptEnd end) {
    var ending = ending(end);
    if (!(end.outcome() instanceof Outcome.Lost)) {
      var ended = known(agent, fence).flatMap(seen -> jobs.endAsSeen(seen, agent.name(), ending));
      if (ended.isPresent()) {
        logEnd(ended.get());
        return;
      }
    }
    var job = held(agent, fence);
    if (!job.state().isUnderWay() && isSame(ending, job.ending())) {
      return; // A repeated report.
    }
    if (!job.state().isUnderWay() && !job.mayEndLate()) {
      throw notYours();
    }
    if (end.outcome() instanceof Outcome.Lost(String reason)) {
      // It was killed together with its keeper, and nobody knows how far it got.
      lose(job, reason);
      return;
    }
    var ended =
        jobs.end(job, agent.name(), ending)
            .or(() -> jobs.heldBy(fence).filter(now -> isSame(ending, now.ending())))
            .orElseThrow(Reports::notYours);
    logEnd(ended);
  }

  private static void logEnd(Job ended) {
    log.atInfo()
        .addKeyValue("job", ended.id())
        .addKeyValue("attempt", ended.attempt())
        .addKeyValue("state", ended.state())
        .log("attempt ended");
  }

  private static Ending ending(AttemptEnd end) {
    return end.outcome() instanceof Outcome.Lost
        ? Ending.of(end.outcome())
        : new Ending(
            end.outcome(),
            end.exitCode(),
            end.ran(),
            end.signals(),
            end.survivors(),
            end.result(),
            end.resultError(),
            end.stdout(),
            end.stderr(),
            end.leftOut(),
            end.containment(),
            end.limit());
  }

  void givenBack(Caller.Agent agent, Fence fence, String reason) {
    confirmed(
        () -> {
          givenBackAsSeen(agent, fence, reason);
          return fence;
        });
  }

  private void givenBackAsSeen(Caller.Agent agent, Fence fence, String reason) {
    var job = held(agent, fence);
    if (!job.state().isUnderWay() && isOver(job, fence)) {
      return; // A repeated report.
    }
    if (job.state() == JobState.RUNNING) {
      throw ApiProblem.conflict(
          "has_started", "The script was already reported as running; report how it ended.");
    }
    if (jobs.giveBack(job, agent.name(), reason).isEmpty()
        && jobs.heldBy(fence).filter(now -> isOver(now, fence)).isEmpty()) {
      throw notYours();
    }
  }

  /** Whether the attempt has ended and no other has begun. */
  private static boolean isOver(Job job, Fence fence) {
    return job.past().attempts().stream().anyMatch(a -> a.number() == fence.attempt().number());
  }

  /** The job of the output; rejects output that the agent may no longer send. */
  Job takingOutput(Caller.Agent agent, Fence fence) {
    return confirmed(() -> takingOutputAsSeen(agent, fence));
  }

  private Job takingOutputAsSeen(Caller.Agent agent, Fence fence) {
    var job =
        jobs.recentlyHeldBy(fence).filter(it -> isOf(agent, it)).orElseThrow(Reports::notYours);
    if (!job.state().isUnderWay() && !job.mayEndLate()) {
      throw notYours();
    }
    return job;
  }

  /** The job of an attempt in progress that belongs to the agent. */
  Job underWay(Caller.Agent agent, Fence fence) {
    return confirmed(() -> underWayAsSeen(agent, fence));
  }

  private Job underWayAsSeen(Caller.Agent agent, Fence fence) {
    var job = held(agent, fence);
    if (!job.state().isUnderWay()) {
      throw notYours();
    }
    return job;
  }

  /** Whether this is, or was last, an attempt of the agent's. */
  boolean isHeld(Caller.Agent agent, Fence fence) {
    return heldBy(agent, fence).isPresent();
  }

  /** The job whose current attempt this is, in any state, if it belongs to the agent. */
  private Job held(Caller.Agent agent, Fence fence) {
    return heldBy(agent, fence).orElseThrow(Reports::notYours);
  }

  private Optional<Job> heldBy(Caller.Agent agent, Fence fence) {
    return jobs.heldBy(fence).filter(job -> isOf(agent, job));
  }

  /** The job of an attempt under way that belongs to the agent, as it was seen last. */
  private Optional<Job> known(Caller.Agent agent, Fence fence) {
    return jobs.known(fence).filter(job -> isOf(agent, job) && job.state().isUnderWay());
  }

  private static boolean isOf(Caller.Agent agent, Job job) {
    return job.lease() != null && job.lease().agent().equals(agent.agent());
  }

  /**
   * Compares what a new session claims to hold with our records. Attempts it no longer knows are
   * lost, unless it will ask for them again. It must discard those that no longer belong to it.
   *
   * @param epoch the new session's
   * @return what it must discard
   */
  List<AttemptId> reconcile(String host, long epoch, SessionOpening opening) {
    var known = fences(opening.running());
    var claims = new HashSet<>(opening.claims());
    var lost = new HashSet<>(opening.lost());
    for (var job : jobs.underWayOn(host)) {
      var fence = job.fence();
      // Opening a session may be slow, and a later session may be active before it is complete.
      if (known.remove(fence) || !isOfAnEarlierLife(job, epoch)) {
        continue;
      }
      if (lost.contains(fence.attempt())) {
        loseInAnyCase(
            job,
            epoch,
            "The host's agent was restarted and knows only that the script had been started.");
      } else if (!claims.contains(fence.claim())) {
        loseInAnyCase(
            job, epoch, "The host's agent was restarted and no longer knows this attempt.");
      }
    }
    return known.stream().map(Fence::attempt).toList();
  }

  /**
   * Gives an attempt up even if it moves meanwhile. If it were still in progress when the opening
   * is answered, its repeated claim would return an order that was already carried out.
   */
  private void loseInAnyCase(Job job, long epoch, String reason) {
    var now = Optional.of(job);
    while (now.isPresent() && !lose(now.get(), reason)) {
      now =
          jobs.heldBy(job.fence())
              .filter(read -> read.state().isUnderWay() && isOfAnEarlierLife(read, epoch));
    }
  }

  /**
   * Compares what an agent claims to hold with our records. A silent attempt that it names is its
   * own again. An attempt that it does not know some time after the grant is lost: the order never
   * arrived, or the agent was told to discard it.
   *
   * @param underWay what its host holds by our records
   * @return the attempts that no longer belong to it and must be discarded
   */
  List<AttemptId> heard(
      Caller.Agent agent, long epoch, List<RunningAttempt> running, List<Job> underWay) {
    var known = fences(running);
    var longAgo = clock.instant().minus(UNKNOWN_FOR);
    underWay.stream()
        .filter(job -> !known.contains(job.fence()))
        .filter(job -> isLongAgo(job, longAgo) || isOfAnEarlierLife(job, epoch))
        .forEach(job -> lose(job, "The host's agent does not know this attempt."));
    var forget = new ArrayList<AttemptId>();
    for (var said : running) {
      var fence = Fence.of(said.job(), said.attempt(), said.claim());
      // One that was granted a moment ago may not be among them yet.
      var held =
          underWay.stream()
              .filter(job -> job.fence().equals(fence))
              .findFirst()
              .or(() -> jobs.heldBy(fence).filter(job -> job.state().isUnderWay()));
      if (held.isEmpty()) {
        forget.add(fence.attempt());
      } else if (held.get().state() == JobState.SILENT) {
        jobs.reconnect(fence, agent.name(), said.started());
      }
    }
    return forget;
  }

  private static Set<Fence> fences(List<RunningAttempt> running) {
    var fences = new HashSet<Fence>();
    running.forEach(r -> fences.add(Fence.of(r.job(), r.attempt(), r.claim())));
    return fences;
  }

  @EventListener
  void on(ClockJumped jump) {
    sureFrom = clock.instant().plus(UNKNOWN_FOR);
  }

  private boolean isLongAgo(Job job, Instant instant) {
    return !sureFrom.isAfter(clock.instant())
        && job.lease() != null
        && job.lease().granted().isBefore(instant);
  }

  /**
   * A claim of a dead agent may still be granted, and its next session knows nothing about it. If
   * it does, it has repeated the claim, and the attempt belongs to its own session.
   */
  private static boolean isOfAnEarlierLife(Job job, long epoch) {
    return job.lease() != null && job.lease().epoch() < epoch;
  }

  /** False if it has moved since it was read. */
  private boolean lose(Job job, String reason) {
    var lost = jobs.lose(job, reason);
    lost.ifPresent(
        it ->
            log.atWarn()
                .addKeyValue("job", it.id())
                .addKeyValue("attempt", it.attempt())
                .log("attempt lost"));
    return lost.isPresent();
  }

  /**
   * Durations are stored in milliseconds, so the comparison excludes them, and fields that an older
   * supervisor did not store.
   */
  private static boolean isSame(Ending said, @Nullable Ending kept) {
    return kept != null
        && said.outcome().equals(kept.outcome())
        && Objects.equals(said.exitCode(), kept.exitCode())
        && Objects.equals(said.result(), kept.result())
        && said.stdout() == kept.stdout()
        && said.stderr() == kept.stderr();
  }

  private static ApiProblem notYours() {
    return ApiProblem.conflict(
        "not_yours",
        "This attempt has ended or was given to another agent. Stop it and do not report it"
            + " again.");
  }
}
