package io.capataz.agent.job;

import io.capataz.agent.journal.RunNote;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.Reply;
import io.capataz.agent.link.Supervisor;
import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptGivenBack;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.ProgressReport.Entry;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends reports about one attempt, until the supervisor fences it. From then on nothing is sent.
 */
final class AttemptReports {

  private static final Logger log = LoggerFactory.getLogger(AttemptReports.class);

  private final Supervisor supervisor;
  private final Backoff backoff;
  private final RunNote note;
  private final Runnable onFenced;
  private volatile boolean fenced;

  /**
   * @param onFenced called once when the attempt is fenced
   */
  AttemptReports(Supervisor supervisor, Backoff backoff, RunNote note, Runnable onFenced) {
    this.supervisor = supervisor;
    this.backoff = backoff;
    this.note = note;
    this.onFenced = onFenced;
  }

  void fence() {
    fenced = true;
  }

  boolean isFenced() {
    return fenced;
  }

  /** The bytes of the attempt's script; empty if the attempt is fenced. */
  Optional<Reply<Bytes>> script() throws InterruptedException {
    return untilReached(() -> supervisor.script(note.id(), note.claim()));
  }

  void started(long pid) throws InterruptedException {
    var started = new AttemptStarted(note.claim(), pid);
    var _ = untilReached(() -> supervisor.started(note.id(), started));
  }

  /** A single try, because more output may be available for the next. */
  Reply<OutputReport.Answer> output(List<Chunk> chunks) throws InterruptedException {
    var reply = supervisor.output(note.id(), new OutputReport(note.claim(), chunks));
    checkFence(reply);
    return reply;
  }

  /** A single try, because there may be newer progress for the next. */
  Reply<Reply.Nothing> progress(long before, List<Entry> entries) throws InterruptedException {
    var reply = supervisor.progress(note.id(), new ProgressReport(note.claim(), before, entries));
    checkFence(reply);
    return reply;
  }

  void end(AttemptEnd end) throws InterruptedException {
    var _ = untilReached(() -> supervisor.end(note.id(), end));
  }

  /** Whether {@link #end(List, AttemptEnd)} makes sense now. */
  boolean endsCarryOutput() {
    return supervisor.endsCarryOutput();
  }

  /** The end with the last of the output. A single try, because they can be reported apart. */
  Reply<OutputReport.Answer> end(List<Chunk> last, AttemptEnd end) throws InterruptedException {
    var reply = supervisor.end(note.id(), new OutputReport(note.claim(), last), end);
    checkFence(reply);
    return reply;
  }

  void givenBack(String reason) throws InterruptedException {
    var givenBack = new AttemptGivenBack(note.claim(), reason);
    var _ = untilReached(() -> supervisor.givenBack(note.id(), givenBack));
  }

  /** Empty if the attempt is fenced. */
  private <T> Optional<Reply<T>> untilReached(Backoff.Call<T> call) throws InterruptedException {
    for (int failures = 1; !fenced; failures++) {
      var reply = call.call();
      checkFence(reply);
      if (!(reply instanceof Reply.Unreachable) && !(reply instanceof Reply.CredentialRefused)) {
        return fenced ? Optional.empty() : Optional.of(reply);
      }
      Thread.sleep(backoff.pause(failures));
    }
    return Optional.empty();
  }

  private void checkFence(Reply<?> reply) {
    switch (reply) {
      case Reply.Fenced<?>(int status, String detail) -> {
        log.atWarn()
            .addKeyValue("job", note.job())
            .addKeyValue("attempt", note.attempt())
            .log(
                "the supervisor no longer accepts reports of this attempt (HTTP {}): {}",
                status,
                detail);
        fenced = true;
        onFenced.run();
      }
      // The session's own calls get a refused credential too, and stop the agent. Its next start
      // reports what is missing.
      case Reply.CredentialRefused<?> _ -> {}
      case Reply.Taken<?> _, Reply.Faulty<?> _, Reply.Unreachable<?> _ -> {}
    }
  }
}
