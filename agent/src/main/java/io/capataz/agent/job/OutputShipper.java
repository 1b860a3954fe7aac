package io.capataz.agent.job;

import io.capataz.agent.host.IoReason;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import io.capataz.agent.process.CapturedOutput;
import io.capataz.agent.process.ExitRecord;
import io.capataz.agent.redact.Redactor;
import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.OutputReport.Chunk;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the output of a script to the supervisor while it runs, and its progress. The output files
 * are the buffer: while the supervisor is slow or not reachable, nothing is read, and the script
 * does not block.
 */
final class OutputShipper {

  private static final Logger log = LoggerFactory.getLogger(OutputShipper.class);

  private static final long MIN_PAUSE = 20;
  private static final long MAX_PAUSE = 100;

  /** While a script reports progress. */
  private static final long MAX_PAUSE_WITH_PROGRESS = 30;

  /** Maximum size of one call, both streams together. */
  private static final int CALL_BYTES = OutputReport.MAX_CHUNK_BYTES;

  /** The most output that an end carries. */
  private static final int END_BYTES = 64 * 1024;

  /** Number of consecutive calls without progress after which the output is dropped. */
  private static final int MAX_REJECTED = 10;

  private final AttemptReports reports;
  private final Backoff backoff;
  private final Semaphore calls;
  private final OutputInterleaver interleaver;
  private final CapturedOutput output;
  private final ProgressShipper progress;
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile Duration ran = Duration.ZERO;

  /** What is left for the end to carry. */
  private List<Chunk> last = List.of();

  private int failures;
  private int rejected;

  /**
   * @param calls limits the calls, and so the output in memory, over all runs
   */
  OutputShipper(
      AttemptReports reports,
      Backoff backoff,
      Semaphore calls,
      CapturedOutput output,
      ProgressShipper progress,
      Redactor redactor) {
    this.reports = reports;
    this.backoff = backoff;
    this.calls = calls;
    this.output = output;
    this.progress = progress;
    this.interleaver = new OutputInterleaver(output, redactor);
  }

  /** The script has ended: {@link #ship} returns when the end can be reported. */
  void scriptEnded(ExitRecord end) throws IOException {
    output.finish(end);
    ran = end.ran();
    over.countDown();
  }

  /**
   * Sends output and progress until the script has ended and everything is acknowledged, or as
   * little output is left as its end can carry, or the attempt is fenced.
   */
  void ship() throws InterruptedException {
    ship(true);
    over.await();
    progress.shipRest();
  }

  /**
   * Reports the end together with what {@link #ship} has left, if it has left something, and the
   * supervisor takes both. Otherwise sends what was left.
   *
   * @return whether the end is reported
   */
  boolean endsWith(AttemptEnd end) throws InterruptedException {
    if (last.isEmpty()) {
      return false;
    }
    var reply = reports.end(last, end);
    if (reply instanceof Reply.Taken<OutputReport.Answer>(OutputReport.Answer answer)) {
      try {
        var _ = interleaver.acknowledge(answer);
        if (interleaver.next(1, true, ran).isEmpty()) {
          return true;
        }
      } catch (IOException e) {
        log.error("cannot read the captured output, so the rest is dropped: {}", IoReason.of(e));
        return false;
      }
    }
    ship(false);
    return false;
  }

  private void ship(boolean mayLeaveTheLast) throws InterruptedException {
    long pause = MIN_PAUSE;
    while (!reports.isFenced() && rejected < MAX_REJECTED) {
      try {
        boolean ended = over.getCount() == 0;
        if (ended && mayLeaveTheLast && reports.endsCarryOutput() && isLittleLeft()) {
          return;
        }
        int shipped = shipNext(ended);
        progress.ship();
        if (shipped == 0) {
          if (ended) {
            return;
          }
          pause = over.await(pause, TimeUnit.MILLISECONDS) ? 0 : Math.min(maxPause(), 2 * pause);
        } else if (shipped < CALL_BYTES && !ended) {
          // Batches the output of a busy script, which costs less than a call per line.
          pause = maxPause();
          var _ = over.await(pause, TimeUnit.MILLISECONDS);
        }
      } catch (IOException e) {
        log.error("cannot read the captured output, so the rest is dropped: {}", IoReason.of(e));
        return;
      }
    }
  }

  private boolean isLittleLeft() throws IOException {
    last = interleaver.next(END_BYTES + 1, true, ran);
    boolean little = size(last) <= END_BYTES;
    last = little ? last : List.of();
    return little;
  }

  private static int size(List<Chunk> chunks) {
    return chunks.stream().mapToInt(chunk -> chunk.bytes().length()).sum();
  }

  private long maxPause() {
    return progress.isUsed() ? MAX_PAUSE_WITH_PROGRESS : MAX_PAUSE;
  }

  /** Sends the next chunks. Returns their size, whether they were acknowledged or not. */
  private int shipNext(boolean last) throws IOException, InterruptedException {
    List<Chunk> chunks;
    Reply<OutputReport.Answer> reply;
    calls.acquire();
    try {
      chunks = interleaver.next(CALL_BYTES, last, ran);
      if (chunks.isEmpty()) {
        return 0;
      }
      reply = reports.output(chunks);
    } finally {
      calls.release();
    }
    switch (reply) {
      case Reply.Taken<OutputReport.Answer>(OutputReport.Answer answer) -> {
        failures = 0;
        countProgress(interleaver.acknowledge(answer));
      }
      case Reply.Unreachable<OutputReport.Answer> _,
          Reply.CredentialRefused<OutputReport.Answer> _ -> {
        failures++;
        Thread.sleep(backoff.pause(failures));
      }
      case Reply.Faulty<OutputReport.Answer> _ -> countProgress(false);
      case Reply.Fenced<OutputReport.Answer> _ -> {}
    }
    return size(chunks);
  }

  private void countProgress(boolean progress) throws InterruptedException {
    rejected = progress ? 0 : rejected + 1;
    if (rejected == MAX_REJECTED) {
      log.error("the supervisor rejects the output, so the rest is dropped");
    } else if (rejected > 0) {
      Thread.sleep(backoff.pause(rejected));
    }
  }
}
