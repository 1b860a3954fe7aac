package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.job.Chores;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Jobs;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Notices that hosts are not heard of. Loss of contact is not loss of a job: what such a host holds
 * becomes SILENT first, and is given up only after a while. Any supervisor may do it, and all do.
 *
 * <p>Who was blind must not blame others: after its own start, and after the store was away, a
 * supervisor waits as long as an agent needs to be heard again before it notices anything.
 */
@Component
class SilenceWatch {

  /** For how long an attempt may be silent before it is given up. */
  static final Duration LOST_AFTER = Duration.ofMinutes(2);

  private static final Logger log = LoggerFactory.getLogger(SilenceWatch.class);

  private static final int AT_ONCE = 500;

  private final Hosts hosts;
  private final Jobs jobs;
  private final Chores chores;
  private final Pace pace;
  private final InstantSource clock;
  private volatile Instant sightSince;

  SilenceWatch(Hosts hosts, Jobs jobs, Chores chores, Pace pace, InstantSource clock) {
    this.hosts = hosts;
    this.jobs = jobs;
    this.chores = chores;
    this.pace = pace;
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
      noticeSilentHosts(now.minus(pace.silence()));
      giveUp(now.minus(LOST_AFTER));
    } catch (DataAccessException e) {
      sightSince = clock.instant();
      log.atWarn().setCause(e).log("store not responding; silence detection paused");
    }
  }

  /** Whether it has not seen for long enough to say that somebody is silent. */
  boolean isBlind() {
    return sightSince.plus(pace.silence()).isAfter(clock.instant());
  }

  private void noticeSilentHosts(Instant since) {
    for (var host : hosts.newlySilent(since, AT_ONCE)) {
      for (var job : jobs.underWayOn(host.id())) {
        if (job.state() != JobState.SILENT) {
          jobs.loseTouch(job);
        }
      }
      // Last, so that a crash in between leaves the host to be noticed again.
      if (hosts.noteSilence(host)) {
        log.atWarn().addKeyValue("host", host.name()).log("host silent");
      }
    }
  }

  private void giveUp(Instant since) {
    for (var job : chores.silentSinceBefore(since, AT_ONCE)) {
      jobs.lose(
              job,
              "Nothing was heard from the host's agent for " + LOST_AFTER.toMinutes() + " minutes.")
          .ifPresent(
              lost ->
                  log.atWarn()
                      .addKeyValue("job", lost.id())
                      .addKeyValue("attempt", lost.attempt())
                      .log("attempt lost"));
    }
  }
}
