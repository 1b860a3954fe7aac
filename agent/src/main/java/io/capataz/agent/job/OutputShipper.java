package io.capataz.agent.job;

import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.OutputReport.Stream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what a script prints to the supervisor while it runs. The files are the buffer: when the
 * supervisor is slow or away, nothing is read, and the script notices nothing.
 */
final class OutputShipper implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(OutputShipper.class);

  private static final long SHORTEST_PAUSE = 20;
  private static final long LONGEST_PAUSE = 100;

  /** What one call carries at most, of both streams together. */
  private static final int CALL_BYTES = OutputReport.MAX_CHUNK_BYTES;

  /** Answers in a row that take nothing, after which the output is given up. */
  private static final int STUBBORN = 10;

  private final AttemptReports reports;
  private final Backoff backoff;
  private final Semaphore calls;
  private final long startedAt;
  private final OutputTail stdout;
  private final OutputTail stderr;
  private final CountDownLatch over = new CountDownLatch(1);
  private int failures;
  private int untaken;

  /**
   * @param calls bounds how much output is in memory at once, over all runs
   * @param startedAt when the script was started, by {@link System#nanoTime}
   */
  OutputShipper(
      AttemptReports reports,
      Backoff backoff,
      Semaphore calls,
      long startedAt,
      Path stdout,
      Path stderr)
      throws IOException {
    this.reports = reports;
    this.backoff = backoff;
    this.calls = calls;
    this.startedAt = startedAt;
    this.stdout = new OutputTail(stdout);
    this.stderr = new OutputTail(stderr);
  }

  /** Nothing more will be printed: {@link #ship} returns when the rest has been taken. */
  void scriptIsOver() {
    over.countDown();
  }

  /** How many bytes were printed to standard output. */
  long stdoutBytes() throws IOException {
    return stdout.printed();
  }

  /** How many bytes were printed to standard error. */
  long stderrBytes() throws IOException {
    return stderr.printed();
  }

  /** Ships until the script is over and all of its output has been taken, or nobody wants it. */
  void ship() throws InterruptedException {
    long pause = SHORTEST_PAUSE;
    while (!reports.isSilent() && untaken < STUBBORN) {
      try {
        boolean last = over.getCount() == 0;
        long waiting = stdout.waiting() + stderr.waiting();
        if (waiting == 0) {
          if (last) {
            return;
          }
          pause = over.await(pause, TimeUnit.MILLISECONDS) ? 0 : Math.min(LONGEST_PAUSE, 2 * pause);
          continue;
        }
        shipSome();
        // A busy script is read in gulps; waiting for more costs less than a call per line.
        if (waiting <= CALL_BYTES && !last) {
          pause = LONGEST_PAUSE;
          var _ = over.await(pause, TimeUnit.MILLISECONDS);
        }
      } catch (IOException e) {
        log.error("output cannot be read back and is given up: {}", e.toString());
        return;
      }
    }
  }

  private void shipSome() throws IOException, InterruptedException {
    calls.acquire();
    Reply<OutputReport.Answer> reply;
    try {
      reply = reports.output(chunks());
    } finally {
      calls.release();
    }
    switch (reply) {
      case Reply.Taken<OutputReport.Answer>(OutputReport.Answer answer) -> {
        long before = stdout.offset() + stderr.offset();
        stdout.goOnAt(answer.stdout());
        stderr.goOnAt(answer.stderr());
        failures = 0;
        countProgress(stdout.offset() + stderr.offset() > before);
      }
      case Reply.Unreachable<OutputReport.Answer> _ -> {
        failures++;
        Thread.sleep(backoff.pause(failures));
      }
      case Reply.Faulty<OutputReport.Answer> _ -> countProgress(false);
      case Reply.Fenced<OutputReport.Answer> _, Reply.CredentialRefused<OutputReport.Answer> _ -> {}
    }
  }

  private void countProgress(boolean progress) throws InterruptedException {
    untaken = progress ? 0 : untaken + 1;
    if (untaken == STUBBORN) {
      log.error("the supervisor takes no more of this output; the rest is given up");
    } else if (untaken > 0) {
      Thread.sleep(backoff.pause(untaken));
    }
  }

  private List<Chunk> chunks() throws IOException {
    Duration after = Duration.ofNanos(System.nanoTime() - startedAt);
    List<Chunk> chunks = new ArrayList<>(2);
    // Each stream is given half, and what the other does not need.
    long errors = Math.min(stderr.waiting(), CALL_BYTES / 2);
    add(chunks, Stream.STDOUT, stdout, (int) (CALL_BYTES - errors), after);
    int left = CALL_BYTES - chunks.stream().mapToInt(chunk -> chunk.bytes().length()).sum();
    add(chunks, Stream.STDERR, stderr, left, after);
    return chunks;
  }

  private static void add(
      List<Chunk> chunks, Stream stream, OutputTail tail, int most, Duration after)
      throws IOException {
    var bytes = tail.read(most);
    if (bytes.length() > 0) {
      chunks.add(new Chunk(stream, tail.offset(), after, bytes));
    }
  }

  @Override
  public void close() throws IOException {
    stdout.close();
    stderr.close();
  }
}
