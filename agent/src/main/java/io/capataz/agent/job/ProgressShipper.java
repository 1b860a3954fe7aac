package io.capataz.agent.job;

import io.capataz.agent.host.IoReason;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a script's progress to the supervisor: at once, but not more than ten times a second. */
final class ProgressShipper {

  private static final Logger log = LoggerFactory.getLogger(ProgressShipper.class);

  private static final long INTERVAL = Duration.ofMillis(100).toNanos();

  private final AttemptReports reports;
  private final Backoff backoff;
  private final ProgressFile file;
  private final LongSupplier nanos;
  private boolean used;
  private boolean givenUp;
  private long next;
  private int failures;

  /**
   * @param nanos a monotonic clock
   */
  ProgressShipper(AttemptReports reports, Backoff backoff, ProgressFile file, LongSupplier nanos) {
    this.reports = reports;
    this.backoff = backoff;
    this.file = file;
    this.nanos = nanos;
    this.next = nanos.getAsLong();
  }

  /** Whether the script has reported progress. */
  boolean isUsed() {
    return used && !givenUp;
  }

  /** Sends what is new, unless that was done a moment ago or the supervisor is away. */
  void ship() throws InterruptedException {
    if (!givenUp && nanos.getAsLong() - next >= 0) {
      var _ = shipNext(false);
    }
  }

  /** Sends what is left after the end of the script, however long the supervisor is away. */
  void shipRest() throws InterruptedException {
    while (!givenUp && !reports.isFenced() && shipNext(true)) {
      if (failures > 0) {
        Thread.sleep(backoff.pause(failures));
      }
    }
  }

  /** Returns whether there may be more. */
  private boolean shipNext(boolean over) throws InterruptedException {
    try {
      var news = file.read(over);
      if (news.isEmpty()) {
        return false;
      }
      used = true;
      var entries = news.get().entries();
      if (entries.isEmpty()) {
        var stays = news.get().position() == file.position();
        file.taken(news.get());
        return !stays;
      }
      handle(reports.progress(news.get().before(), entries), news.get());
      return true;
    } catch (IOException e) {
      giveUp("it cannot be read: " + IoReason.of(e));
      return false;
    }
  }

  private void handle(Reply<Reply.Nothing> reply, ProgressFile.News news) {
    switch (reply) {
      case Reply.Taken<Reply.Nothing> _ -> {
        failures = 0;
        file.taken(news);
        next = nanos.getAsLong() + INTERVAL;
      }
      case Reply.Unreachable<Reply.Nothing> _, Reply.CredentialRefused<Reply.Nothing> _ -> {
        failures++;
        next = nanos.getAsLong() + backoff.pause(failures).toNanos();
      }
      // A supervisor that does not know this call, for instance.
      case Reply.Faulty<Reply.Nothing> _ -> giveUp("the supervisor refuses it");
      case Reply.Fenced<Reply.Nothing> _ -> {}
    }
  }

  private void giveUp(String why) {
    givenUp = true;
    log.warn("progress of a script is not reported: {}", why);
  }
}
