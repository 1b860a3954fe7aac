package io.capataz.agent.link;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptGivenBack;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.AttemptReport;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.Sync;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Says on the link what can be said there, and all else, or without a link, by calls. What the link
 * left unanswered is said again: all of it is idempotent.
 */
public final class LinkedSupervisor implements Supervisor {

  /** What is larger goes by calls, and does not hold up the turns of others. */
  private static final int LARGE = 128 * 1024;

  private static final int REPORT_BYTES = 1024;

  private final Link link;
  private final Supervisor calls;

  public LinkedSupervisor(Link link, Supervisor calls) {
    this.link = link;
    this.calls = calls;
  }

  @Override
  public Reply<Claim.Answer> claim(Claim claim) throws InterruptedException {
    return calls.claim(claim);
  }

  @Override
  public Reply<Sync.Answer> sync(Sync sync) throws InterruptedException {
    return calls.sync(sync);
  }

  @Override
  public Reply<Heartbeat.Answer> heartbeat(Heartbeat heartbeat, Duration interval)
      throws InterruptedException {
    var answer = link.heartbeat(heartbeat);
    return answer.isPresent()
        ? new Reply.Taken<>(answer.get())
        : calls.heartbeat(heartbeat, interval);
  }

  @Override
  public Reply<Bytes> script(AttemptId attempt, String claim) throws InterruptedException {
    return calls.script(attempt, claim);
  }

  @Override
  public Reply<Reply.Nothing> started(AttemptId attempt, AttemptStarted started)
      throws InterruptedException {
    var answer = link.report(AttemptReport.of(attempt, started), REPORT_BYTES);
    return answer.isPresent() ? nothing(answer.get()) : calls.started(attempt, started);
  }

  @Override
  public Reply<OutputReport.Answer> output(AttemptId attempt, OutputReport report)
      throws InterruptedException {
    int bytes = bytes(report.chunks());
    Optional<AttemptReport.Answer> answer =
        bytes > LARGE ? Optional.empty() : link.report(AttemptReport.of(attempt, report), bytes);
    return answer.isPresent() ? output(answer.get()) : calls.output(attempt, report);
  }

  @Override
  public Reply<Reply.Nothing> end(AttemptId attempt, AttemptEnd end) throws InterruptedException {
    int bytes = bytes(end);
    Optional<AttemptReport.Answer> answer =
        bytes > LARGE ? Optional.empty() : link.report(AttemptReport.of(attempt, null, end), bytes);
    return answer.isPresent() ? nothing(answer.get()) : calls.end(attempt, end);
  }

  @Override
  public boolean endsCarryOutput() {
    return link.isOpen();
  }

  @Override
  public Reply<OutputReport.Answer> end(AttemptId attempt, OutputReport last, AttemptEnd end)
      throws InterruptedException {
    int bytes = bytes(last.chunks()) + bytes(end);
    Optional<AttemptReport.Answer> answer =
        bytes > LARGE ? Optional.empty() : link.report(AttemptReport.of(attempt, last, end), bytes);
    return answer.isPresent() ? output(answer.get()) : calls.end(attempt, last, end);
  }

  /** By a call: progress is rare beside ends, and must not keep a turn waiting. */
  @Override
  public Reply<Reply.Nothing> progress(AttemptId attempt, ProgressReport report)
      throws InterruptedException {
    return calls.progress(attempt, report);
  }

  @Override
  public Reply<Reply.Nothing> givenBack(AttemptId attempt, AttemptGivenBack givenBack)
      throws InterruptedException {
    var answer = link.report(AttemptReport.of(attempt, givenBack), REPORT_BYTES);
    return answer.isPresent() ? nothing(answer.get()) : calls.givenBack(attempt, givenBack);
  }

  private static Reply<Reply.Nothing> nothing(AttemptReport.Answer answer) {
    return answer.status() < 300
        ? new Reply.Taken<>(Reply.Nothing.NOTHING)
        : SupervisorClient.refused(answer.status(), text(answer));
  }

  private static Reply<OutputReport.Answer> output(AttemptReport.Answer answer) {
    var kept = answer.output();
    return answer.status() < 300 && kept != null
        ? new Reply.Taken<>(kept)
        : SupervisorClient.refused(answer.status(), text(answer));
  }

  private static String text(AttemptReport.Answer answer) {
    var detail = answer.detail();
    return detail == null ? "" : detail;
  }

  /** About as many as its JSON has: bytes in base64. */
  private static int bytes(List<OutputReport.Chunk> chunks) {
    return REPORT_BYTES + chunks.stream().mapToInt(it -> it.bytes().length() * 4 / 3 + 200).sum();
  }

  private static int bytes(AttemptEnd end) {
    var result = end.result();
    // A character takes up to six bytes, as an escape.
    return REPORT_BYTES
        + (result == null ? 0 : 6 * Math.min(LARGE, result.toString().length()))
        + end.survivors().stream().mapToInt(it -> 6 * it.command().length() + 100).sum();
  }
}
