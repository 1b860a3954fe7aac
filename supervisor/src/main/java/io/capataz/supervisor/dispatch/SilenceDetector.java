package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.OverdueJobs;
import io.capataz.supervisor.runtime.ClockJumped;
import io.capataz.supervisor.runtime.Round;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Detects hosts whose agents are silent. Lost contact is not a lost job: the jobs of such a host
 * become SILENT first and are given up later. Every supervisor does this.
 *
 * <p>A supervisor that could not see must not blame hosts: after its own start, and after an outage
 * of the store, it waits for as long as an agent needs to report again.
 */
@Component
class SilenceDetector {

  /** How long an attempt may be silent before it is given up. */
  static final Duration LOST_AFTER = Duration.ofMinutes(2);

  private static final Logger log = LoggerFactory.getLogger(SilenceDetector.class);

  private static final int AT_ONCE = 500;

  private final Hosts hosts;
  private final Jobs jobs;
  private final OverdueJobs overdue;
  private final HeartbeatInterval interval;
  private final InstantSource clock;
  private volatile Instant sightSince;

  /** Before it, no attempt is given up. */
  private volatile Instant giveUpFrom = Instant.MIN;

  SilenceDetector(
      Hosts hosts,
      Jobs jobs,
      OverdueJobs overdue,
      HeartbeatInterval interval,
      InstantSource clock) {
    this.hosts = hosts;
    this.jobs = jobs;
    this.overdue = overdue;
    this.interval = interval;
    this.clock = clock;
    this.sightSince = clock.instant();
  }

  @Scheduled(fixedDelayString = "PT5S")
  synchronized void look() {
    try {
      if (isBlind()) {
        return;
      }
      var now = clock.instant();
      noticeSilentHosts(now.minus(interval.silence()), Round.ofSweep());
      if (!giveUpFrom.isAfter(now)) {
        giveUp(now.minus(LOST_AFTER), Round.ofSweep());
      }
    } catch (DataAccessException e) {
      sightSince = clock.instant();
      log.atWarn()
          .addKeyValue("failure", String.valueOf(e.getMessage()))
          .log("store not responding; silence detection paused");
    }
  }

  /** What was noted before says nothing about how long ago it was. */
  @EventListener
  void on(ClockJumped jump) {
    sightSince = clock.instant();
    giveUpFrom = sightSince.plus(LOST_AFTER);
  }

  /** Whether it has not been watching for long enough to call a host silent. */
  boolean isBlind() {
    return sightSince.plus(interval.silence()).isAfter(clock.instant());
  }

  private void noticeSilentHosts(Instant since, Round round) {
    for (var host : hosts.newlySilent(since, AT_ONCE)) {
      for (var job : jobs.underWayOn(host.id())) {
        if (job.state() != JobState.SILENT) {
          jobs.markSilent(job);
        }
      }
      // Last, so that a crash in between leaves the host to be noticed again.
      if (hosts.noteSilence(host) && host.contact().left() == null) {
        log.atWarn().addKeyValue("host", host.name()).log("host silent");
      }
      if (round.isOver()) {
        return;
      }
    }
  }

  private void giveUp(Instant since, Round round) {
    for (var job : overdue.silentSinceBefore(since, AT_ONCE)) {
      jobs.lose(
              job,
              "Nothing was heard from the host's agent for " + LOST_AFTER.toMinutes() + " minutes.")
          .ifPresent(
              lost ->
                  log.atWarn()
                      .addKeyValue("job", lost.id())
                      .addKeyValue("attempt", lost.attempt())
                      .log("attempt lost"));
      if (round.isOver()) {
        return;
      }
    }
  }
}
