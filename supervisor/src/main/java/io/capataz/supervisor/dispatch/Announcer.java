package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.Announcement;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Announced;
import io.capataz.supervisor.job.JobReady;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Jobs;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Tells agents that work waits for them. What must be told is written in the job itself; the fast
 * way tells it at once, and a sweep that any supervisor makes tells what the fast way missed.
 *
 * <p>No request ever waits for the broker. Without one, jobs keep their mark and agents find them
 * by {@code sync}.
 */
@Component
class Announcer {

  private static final Logger log = LoggerFactory.getLogger(Announcer.class);

  /** After how long a failed announcement is tried again. */
  private static final Duration TRY_AGAIN = Duration.ofSeconds(5);

  private static final int SWEEP = 500;

  private final Optional<AnnouncementTopic> topic;
  private final Jobs jobs;
  private final ExecutorService background;
  private final InstantSource clock;

  Announcer(
      Optional<AnnouncementTopic> topic,
      Jobs jobs,
      ExecutorService background,
      InstantSource clock) {
    this.topic = topic;
    this.jobs = jobs;
    this.background = background;
    this.clock = clock;
  }

  /** Where a host listens; empty when there is no broker. */
  Optional<AnnouncementSource> sourceFor(String host) {
    return topic.map(t -> t.sourceFor(host));
  }

  @EventListener
  void on(JobReady ready) {
    if (topic.isEmpty()) {
      return;
    }
    try {
      background.execute(() -> announce(ready.job()));
    } catch (RejectedExecutionException goingDown) {
      log.atDebug().addKeyValue("job", ready.job().id()).log("left to another supervisor's sweep");
    }
  }

  /** Announces what should have been announced by now. */
  @Scheduled(fixedDelayString = "PT2S")
  void sweep() {
    if (topic.isEmpty()) {
      return;
    }
    topic.get().ensure();
    for (var job : jobs.unannounced(SWEEP)) {
      var wake = job.wake();
      if (wake == null) {
        continue;
      }
      if (job.state() == JobState.READY) {
        // Put off first, so that the other supervisors' sweeps pass it over meanwhile.
        jobs.announceLater(job.id(), wake.seq(), clock.instant().plus(TRY_AGAIN));
        announce(job);
      } else {
        jobs.nothingToAnnounce(job.id(), wake.seq());
      }
    }
  }

  private void announce(Job job) {
    var wake = job.wake();
    if (wake == null || topic.isEmpty()) {
      return;
    }
    var record = Announcement.forHost(job.host(), job.id(), wake.seq());
    topic
        .get()
        .publish(
            job.host(),
            MessageJson.write(record),
            place ->
                // Not on the producer's own thread: the store may be slow.
                background.execute(
                    () ->
                        jobs.announced(
                            job.id(),
                            wake.seq(),
                            new Announced(
                                place.topic(),
                                place.partition(),
                                place.offset(),
                                clock.instant()))),
            failure ->
                log.atWarn()
                    .addKeyValue("job", job.id())
                    .addKeyValue("failure", failure.toString())
                    .log("the broker did not take an announcement; it will be tried again"));
  }
}
