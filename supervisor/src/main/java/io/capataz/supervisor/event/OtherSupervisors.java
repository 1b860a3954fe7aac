package io.capataz.supervisor.event;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.dispatch.EventTopic;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;

/**
 * Tells other supervisors what happened here, and hears what happened there. What is heard is a
 * hint: the jobs are read in the store, many with one query, so that a record that is forged, late
 * or repeated shows nobody anything wrong.
 *
 * <p>While nothing can be heard, because there is no broker or it is away, this supervisor looks
 * for changes in the store every few seconds.
 */
@Component
class OtherSupervisors {

  private static final Logger log = LoggerFactory.getLogger(OtherSupervisors.class);

  private static final int MOST_WAITING = 20_000;

  /** One record for what happened within this time. */
  private static final Duration PAUSE = Duration.ofMillis(20);

  /** Each supervisor with clients writes something every two seconds, and hears it. */
  private static final Duration DEAF_AFTER = Duration.ofSeconds(5);

  private final Optional<EventTopic> topic;
  private final EventLogs logs;
  private final JobReader reader;
  private final ExecutorService background;
  private final Batches<CloudEvent> outgoing;
  private final Batches<String> changed;
  private final String name;
  private final AtomicBoolean missed = new AtomicBoolean();
  private final AtomicBoolean othersMissed = new AtomicBoolean();
  private final AtomicBoolean callsOut = new AtomicBoolean();
  private volatile long heardAt = System.nanoTime() - DEAF_AFTER.toNanos();
  private boolean heardBefore;

  OtherSupervisors(
      Optional<EventTopic> topic, EventLogs logs, JobReader reader, ExecutorService background) {
    this.topic = topic;
    this.logs = logs;
    this.reader = reader;
    this.background = background;
    this.outgoing = new Batches<>(background, MOST_WAITING, PAUSE, this::write);
    this.changed = new Batches<>(background, MOST_WAITING, PAUSE, this::look);
    var bytes = new byte[6];
    new SecureRandom().nextBytes(bytes);
    this.name = "/capataz/supervisor/" + HexFormat.of().formatHex(bytes);
  }

  /** Tells others what happened here, soon; never waits for the broker. */
  void tell(JobChange happening) {
    if (topic.isPresent() && !outgoing.add(CloudEvent.of(name, happening))) {
      othersMissed.set(true);
    }
  }

  /** Something was not added to the logs; it has to be found in the store. */
  void missed() {
    missed.set(true);
  }

  private void write(List<CloudEvent> events) {
    var lost =
        othersMissed.getAndSet(false)
            ? Stream.of(CloudEvent.lost(name, Long.toHexString(System.nanoTime())))
            : Stream.<CloudEvent>empty();
    var record = MessageJson.write(Stream.concat(lost, events.stream()).toList());
    if (!topic.orElseThrow().publish(name, CloudEvent.BATCH, record)) {
      othersMissed.set(true);
    }
  }

  private void heard(String from, byte[] record) {
    if (from.equals(name)) {
      heardAt = System.nanoTime();
    } else if (!logs.isEmpty()) {
      try {
        for (var event : MessageJson.read(record, CloudEvent[].class)) {
          heard(event);
        }
      } catch (JacksonException unreadable) {
        log.atDebug().setCause(unreadable).log("not an event");
      }
    }
  }

  private void heard(CloudEvent event) {
    if (CloudEvent.LOST.equals(event.type())) {
      missed();
    } else if (event.subject() != null
        && event.customer() != null
        && logs.of(event.customer()).isPresent()
        && !changed.add(event.subject())) {
      missed();
    }
  }

  /** Adds what others have changed. */
  private void look(List<String> jobs) {
    add(reader.lastOf(new HashSet<>(jobs)));
  }

  private void add(List<JobChange> happenings) {
    happenings.stream()
        .collect(Collectors.groupingBy(it -> it.job().organization()))
        .forEach((organization, its) -> logs.of(organization).ifPresent(log -> log.add(its)));
  }

  /** Finds out whether others are heard, and looks for what was missed. */
  @Scheduled(fixedDelayString = "PT2S")
  void check() {
    logs.forgetUnused();
    if (logs.isEmpty()) {
      return;
    }
    topic.ifPresent(it -> it.read(this::heard));
    var hears = System.nanoTime() - heardAt < DEAF_AFTER.toNanos();
    if (missed.getAndSet(false) || !hears || !heardBefore) {
      logs.forEach(this::lookForAll);
    }
    heardBefore = hears;
    callOut();
  }

  private void lookForAll(String organization, EventLog its) {
    add(reader.unfinishedOf(organization));
    add(reader.lastOf(its.unfinished().stream().limit(JobReader.MOST).toList()));
  }

  /** Writes an empty record, which is heard here if the broker is there. */
  private void callOut() {
    if (topic.isEmpty() || !callsOut.compareAndSet(false, true)) {
      return;
    }
    try {
      background.execute(
          () -> {
            try {
              write(List.of());
            } finally {
              callsOut.set(false);
            }
          });
    } catch (RejectedExecutionException shuttingDown) {
      callsOut.set(false);
    }
  }
}
