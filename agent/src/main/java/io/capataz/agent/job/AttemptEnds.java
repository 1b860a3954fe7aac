package io.capataz.agent.job;

import io.capataz.agent.job.ResultLine.Returned;
import io.capataz.agent.journal.RunNote;
import io.capataz.agent.process.CapturedOutput;
import io.capataz.agent.process.ExitRecord;
import io.capataz.agent.process.ExitStatus;
import io.capataz.agent.process.LiveProcess;
import io.capataz.agent.redact.Redactor;
import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptEnd.SignalSent;
import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import io.capataz.common.protocol.Outcome;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Builds the final report of an attempt. */
final class AttemptEnds {

  private AttemptEnds() {}

  /**
   * An attempt that was started and has ended.
   *
   * @param limit the limit that ended it; null if none did
   * @param stop why the agent stopped it, which the keeper may not have been able to read
   */
  static AttemptEnd of(
      RunNote note,
      ExitRecord over,
      CapturedOutput output,
      Returned returned,
      @Nullable String limit,
      Why stop)
      throws IOException {
    @Nullable Integer exitCode =
        over.exit().orElse(null) instanceof ExitStatus.Exited(int code) ? code : null;
    return new AttemptEnd(
            note.claim(),
            outcome(over, returned.value(), stop),
            exitCode,
            over.ran(),
            over.signals().stream()
                .map(sent -> new SignalSent(sent.signal(), sent.after(), Why.valueOf(sent.why())))
                .toList(),
            survivors(over.survivors()),
            returned.value(),
            output.stdout().size(),
            output.stderr().size(),
            output.droppedBytes(),
            over.containment(),
            limit)
        .with(returned.error());
  }

  /** An attempt whose script was not started. */
  static AttemptEnd notStarted(RunNote note, Outcome outcome) {
    return new AttemptEnd(
        note.claim(), outcome, null, null, List.of(), List.of(), null, 0, 0, null, null, null);
  }

  /** An attempt whose state is unknown, with the processes of it that could not be killed. */
  static AttemptEnd lost(RunNote note, String why, List<LiveProcess> alive) {
    return new AttemptEnd(
        note.claim(),
        new Outcome.Lost(why),
        null,
        null,
        List.of(),
        survivors(alive),
        null,
        0,
        0,
        null,
        null,
        null);
  }

  /**
   * The report without the secrets of the job: reasons may quote its settings, and survivors have
   * command lines. Its result is redacted when it is read.
   */
  static AttemptEnd redacted(AttemptEnd end, Redactor redactor) {
    return new AttemptEnd(
            end.claim(),
            end.outcome().withReason(redactor::redacted),
            end.exitCode(),
            end.ran(),
            end.signals(),
            end.survivors().stream()
                .map(
                    survivor ->
                        new Survivor(survivor.pid(), redactor.redactedCut(survivor.command())))
                .toList(),
            end.result(),
            end.stdout(),
            end.stderr(),
            end.leftOut(),
            end.containment(),
            end.limit())
        .with(end.resultError());
  }

  /** The outcome as one word, as in the protocol. */
  static String type(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Succeeded _ -> "succeeded";
      case Outcome.ExitedWith _ -> "exited_with";
      case Outcome.TimedOut _ -> "timed_out";
      case Outcome.Killed _ -> "killed";
      case Outcome.Interrupted _ -> "interrupted";
      case Outcome.Canceled _ -> "canceled";
      case Outcome.CouldNotStart _ -> "could_not_start";
      case Outcome.Refused _ -> "refused";
      case Outcome.Rejected _ -> "rejected";
      case Outcome.Failed _ -> "failed";
      case Outcome.Lost _ -> "lost";
    };
  }

  /** The end of an attempt, as text for the log. */
  static String words(Outcome outcome) {
    return switch (outcome) {
      case Outcome.ExitedWith(int code) -> "job ended with exit code " + code;
      case Outcome.Killed(String signal) -> "job ended by " + signal;
      case Outcome.CouldNotStart(String reason) -> "job ended: " + reason;
      case Outcome.Refused(String reason) -> "job ended: " + reason;
      case Outcome.Rejected(String reason) -> "job ended: " + reason;
      case Outcome.Failed(String reason) -> "job ended: " + reason;
      case Outcome.Lost(String reason) -> "job ended: " + reason;
      case Outcome.Interrupted _ -> "job ended by the shutdown of the agent";
      case Outcome.Succeeded _, Outcome.TimedOut _, Outcome.Canceled _ -> "job ended";
    };
  }

  private static List<Survivor> survivors(List<LiveProcess> alive) {
    return alive.stream().map(process -> new Survivor(process.pid(), process.command())).toList();
  }

  private static Outcome outcome(ExitRecord over, @Nullable JsonNode result, Why stop) {
    if (over.ending().isPresent()) {
      var why = Why.valueOf(over.ending().get());
      return stopped(why == Why.SHUTDOWN ? stop : why, over.exit());
    }
    return switch (over.exit().orElseThrow()) {
      case ExitStatus.Exited(int code) when code != 0 -> new Outcome.ExitedWith(code);
      case ExitStatus.Exited _ when ResultLine.reportsFailure(result) -> new Outcome.ExitedWith(0);
      case ExitStatus.Exited _ -> new Outcome.Succeeded();
      case ExitStatus.Signaled(String signal) -> new Outcome.Killed(signal);
    };
  }

  private static Outcome stopped(Why why, Optional<ExitStatus> exit) {
    return switch (why) {
      case TIMEOUT -> new Outcome.TimedOut();
      case CANCEL -> new Outcome.Canceled();
      case SHUTDOWN -> new Outcome.Interrupted();
      case LEFT_BEHIND ->
          new Outcome.Killed(
              exit.orElse(null) instanceof ExitStatus.Signaled(String signal) ? signal : "SIGTERM");
    };
  }
}
