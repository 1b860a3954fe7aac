package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.Announcement;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Pools;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Announced;
import io.capataz.supervisor.job.JobReady;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.OverdueJobs;
import io.capataz.supervisor.job.OverdueJobs.Acknowledged;
import io.capataz.supervisor.job.StopAsked;
import io.capataz.supervisor.runtime.Round;
import io.capataz.supervisor.task.DoneBy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Announces waiting jobs to agents. Pending announcements are recorded in the jobs themselves. The
 * fast path announces at once; a sweep, run by any supervisor, announces what the fast path missed.
 *
 * <p>No request ever waits for the broker. Without a broker, jobs keep their mark, and agents find
 * them by {@code sync}.
 */
@Component
class Announcer {

  private static final Logger log = LoggerFactory.getLogger(Announcer.class);

  /** The delay before a failed announcement is retried. */
  private static final Duration TRY_AGAIN = Duration.ofSeconds(5);

  private static final int SWEEP = 500;

  /** More than this at once means that the broker is slow; the rest is left to the sweep. */
  private static final int MOST_UNDER_WAY = 1_000;

  private final Optional<AnnouncementTopics> topics;
  private final OverdueJobs overdue;
  private final Pools pools;
  private final LinkedAgents linked;
  private final ExecutorService background;
  private final InstantSource clock;

  /** Not noted yet. If they never are, a sweep announces the jobs once more. */
  private final Queue<Acknowledged> acknowledged = new ConcurrentLinkedQueue<>();

  private final Semaphore underWay = new Semaphore(MOST_UNDER_WAY);

  Announcer(
      Optional<AnnouncementTopics> topics,
      OverdueJobs overdue,
      Pools pools,
      LinkedAgents linked,
      ExecutorService background,
      InstantSource clock) {
    this.topics = topics;
    this.overdue = overdue;
    this.pools = pools;
    this.linked = linked;
    this.background = background;
    this.clock = clock;
  }

  /** The topic and partition of a host; empty without a broker that lets agents in. */
  Optional<AnnouncementSource> sourceFor(String host) {
    return topics.flatMap(t -> t.sourceFor(host));
  }

  /** The topics of a host's pools; none while it takes no jobs. */
  List<PoolSource> poolsOf(Host host) {
    return topics
        .map(
            t ->
                pools.of(host).stream()
                    .flatMap(pool -> t.sourceForPool(pool.id()).stream())
                    .toList())
        .orElse(List.of());
  }

  @EventListener
  void on(JobReady ready) {
    if (ready.job().doneBy() != DoneBy.AGENT) {
      return;
    }
    if (!linked.offer(ready.job(), () -> announceSoon(ready.job()))) {
      announceSoon(ready.job());
    }
  }

  private void announceSoon(Job job) {
    topics.ifPresent(t -> soon(() -> announce(t, job)));
  }

  /**
   * A stop is also found by polling; this way it is found at once, whichever supervisor holds the
   * heartbeat.
   */
  @EventListener
  void on(StopAsked asked) {
    topics.ifPresent(
        t ->
            soon(
                () ->
                    t.publish(
                        asked.host(),
                        MessageJson.write(Announcement.look(asked.host())),
                        place -> log.atDebug().addKeyValue("place", place).log("check announced"),
                        failure -> log.atDebug().setCause(failure).log("check not announced"))));
  }

  /**
   * Announces a job of a pool to one of its hosts, which may not know yet that it belongs to it.
   */
  void announceTo(String host, String job) {
    topics.ifPresent(
        t ->
            t.publish(
                host,
                MessageJson.write(Announcement.forHost(host, job, 0)),
                place -> log.atDebug().addKeyValue("place", place).log("job announced to a host"),
                failure -> log.atDebug().setCause(failure).log("job not announced to a host")));
  }

  /** Announces overdue announcements. The broker is met in the background, never here. */
  @Scheduled(fixedDelayString = "PT2S")
  void sweep() {
    topics.ifPresent(
        to -> {
          soon(to::ensureHosts);
          announceOverdue(to);
        });
  }

  private void announceOverdue(AnnouncementTopics to) {
    var round = Round.ofSweep();
    for (var job : overdue.unannounced(SWEEP)) {
      var seq = job.pending().outbox().seq();
      if (job.state() == JobState.READY && job.doneBy() == DoneBy.AGENT) {
        // Postponed first, so that the sweeps of other supervisors skip it in the meantime.
        overdue.announceLater(job.id(), seq, nextAttempt(to, job));
        soon(() -> announce(to, job));
      } else {
        overdue.nothingToAnnounce(job.id(), seq);
      }
      if (round.isOver()) {
        return;
      }
    }
  }

  /** Notes what the broker has acknowledged, for all jobs together that still wait. */
  @Scheduled(fixedDelayString = "PT0.5S")
  void note() {
    var those = new ArrayList<Acknowledged>();
    for (var it = acknowledged.poll(); it != null; it = acknowledged.poll()) {
      those.add(it);
      if (those.size() == SWEEP) {
        overdue.announced(those);
        those.clear();
      }
    }
    if (!those.isEmpty()) {
      overdue.announced(those);
    }
  }

  /** Later for a topic that the broker refuses: each attempt costs a write. */
  private Instant nextAttempt(AnnouncementTopics to, Job job) {
    var soonest = clock.instant().plus(TRY_AGAIN);
    var topic = to.nextAttempt(job.pool());
    return topic.isAfter(soonest) ? topic : soonest;
  }

  private void soon(Runnable telling) {
    if (!underWay.tryAcquire()) {
      return;
    }
    try {
      background.execute(
          () -> {
            try {
              telling.run();
            } finally {
              underWay.release();
            }
          });
    } catch (RejectedExecutionException goingDown) {
      underWay.release();
      log.atDebug().log("shutting down; left to another supervisor's sweep");
    }
  }

  private void announce(AnnouncementTopics to, Job job) {
    var seq = job.pending().outbox().seq();
    Consumer<AnnouncementTopics.Place> written =
        place ->
            acknowledged.add(
                new Acknowledged(
                    job.id(),
                    seq,
                    new Announced(
                        place.topic(), place.partition(), place.offset(), clock.instant())));
    Consumer<Exception> refused =
        failure ->
            // Once per topic it is a warning; see TopicSetup.
            log.atDebug()
                .addKeyValue("job", job.id())
                .addKeyValue("failure", failure.toString())
                .log("announcement not accepted; retrying");
    if (job.pool().isPresent()) {
      var pool = job.pool().get();
      var record = MessageJson.write(Announcement.forPool(pool, job.id(), seq));
      to.publishForPool(pool, record, written, refused);
    } else {
      var host = job.host().orElseThrow();
      var record = MessageJson.write(Announcement.forHost(host, job.id(), seq));
      to.publish(host, record, written, refused);
    }
  }
}
