package io.capataz.supervisor.fleet;

import io.capataz.supervisor.fleet.FleetRun.Mark;
import io.capataz.supervisor.job.Cancellations;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobQueries;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Component;

/** Brings fleet runs to their ends, and their hosts where they hold them up. */
@Component
class FleetEnds {

  private static final int PAGE = 200;

  /** For how long a job may wait for a host that has gone off. */
  private static final Duration UNCLAIMED = Duration.ofSeconds(20);

  private final FleetRuns runs;
  private final FleetHosts hosts;
  private final NextHosts next;
  private final JobQueries jobs;
  private final Cancellations cancellations;
  private final InstantSource clock;

  FleetEnds(
      FleetRuns runs,
      FleetHosts hosts,
      NextHosts next,
      JobQueries jobs,
      Cancellations cancellations,
      InstantSource clock) {
    this.runs = runs;
    this.hosts = hosts;
    this.next = next;
    this.jobs = jobs;
    this.cancellations = cancellations;
    this.clock = clock;
  }

  /** Closes a run if nothing of it is open; whether somebody has decided something meanwhile. */
  boolean close(FleetRun run) {
    var isOpen =
        List.of(Stage.RUNNING, Stage.TO_COME, Stage.OFF).stream()
            .anyMatch(stage -> hosts.isAny(run.id(), stage));
    if (isOpen) {
      return false;
    }
    var closed =
        new Update()
            .set("course.closed", clock.instant())
            .set("course.gate", false)
            .unset("course.checkAt")
            .unset("course.pause")
            .unset("course.next");
    return runs.decide(run, closed, runs.note("ended", FleetRun.SUPERVISOR, null)).isEmpty();
  }

  /** Too many hosts have failed: nothing is begun until somebody says so. */
  boolean spent(FleetRun run) {
    if (!hosts.isAny(run.id(), Stage.TO_COME) && !hosts.isAny(run.id(), Stage.OFF)) {
      return close(run);
    }
    var why = "As many hosts have failed as may: " + run.plan().budget() + ".";
    var pause = new Mark(clock.instant(), FleetRun.SUPERVISOR, why);
    return runs.decide(
            run,
            new Update().set("course.pause", pause),
            runs.note("paused", FleetRun.SUPERVISOR, why))
        .isEmpty();
  }

  /** Hosts that were off for too long. */
  void giveUpWaiting(FleetRun run) {
    var until = run.plan().offUntil();
    if (until != null && !until.isAfter(clock.instant())) {
      hosts.end(
          run.id(),
          Set.of(Stage.OFF),
          Stage.SKIPPED,
          "The host was off until " + until + ".",
          clock.instant());
    }
  }

  /** Takes back jobs that wait for hosts that have gone off; their turn comes again. */
  void recall(FleetRun run) {
    var left = next.left(run, clock.instant().minus(UNCLAIMED));
    var waiting =
        jobs.all(left.stream().map(FleetEnds::job).toList()).stream()
            .filter(job -> job.state().waits())
            .collect(Collectors.toMap(Job::id, job -> job));
    for (var host : left) {
      var job = waiting.get(job(host));
      if (job != null) {
        hosts.recall(host);
        var _ = cancellations.cancelIfWaiting(job, FleetGrants.by(run));
      }
    }
  }

  private static String job(FleetHost host) {
    return FleetHost.jobOf(host.id(), host.attempt().number());
  }

  /**
   * Goes on with the end of a run that is to end.
   *
   * @param all whether to look at each job that is open
   * @return whether there may be more to do at once
   */
  boolean cancel(FleetRun run, boolean all) {
    hosts.end(
        run.id(),
        Set.of(Stage.TO_COME, Stage.OFF),
        Stage.CANCELED,
        "The run was canceled before its turn.",
        clock.instant());
    if (all) {
      var place = 0;
      List<FleetHost> page;
      do {
        page = hosts.from(run.id(), Stage.RUNNING, place, PAGE);
        cancel(run, page);
        place = page.isEmpty() ? place : page.getLast().place() + 1;
      } while (page.size() == PAGE);
    }
    return close(run);
  }

  private void cancel(FleetRun run, List<FleetHost> running) {
    var there =
        jobs.all(running.stream().map(FleetEnds::job).toList()).stream()
            .collect(Collectors.toMap(Job::id, job -> job));
    for (var host : running) {
      var job = there.get(job(host));
      if (job == null) {
        // If it is being made at this moment, whoever makes it looks after that, and cancels it.
        var _ = hosts.ended(host, Stage.CANCELED, "It had not begun.", clock.instant());
      } else if (!job.state().isFinal()) {
        var _ = cancellations.cancel(job, FleetGrants.by(run));
      }
    }
  }
}
