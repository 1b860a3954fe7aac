package io.capataz.agent.link;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptGivenBack;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.common.protocol.Sync;
import java.time.Duration;

/**
 * What an agent says to its supervisor in a session, by whichever way. Each method is one try;
 * whether to retry is decided by the caller, see {@link Reply}.
 */
public interface Supervisor {

  Reply<Claim.Answer> claim(Claim claim) throws InterruptedException;

  Reply<Sync.Answer> sync(Sync sync) throws InterruptedException;

  /**
   * Says what is running. Where the answer cannot be sent without being asked for, the supervisor
   * holds this call for up to {@code interval}, until it has something to answer.
   */
  Reply<Heartbeat.Answer> heartbeat(Heartbeat heartbeat, Duration interval)
      throws InterruptedException;

  /** The bytes of an attempt's script. */
  Reply<Bytes> script(AttemptId attempt, String claim) throws InterruptedException;

  Reply<Reply.Nothing> started(AttemptId attempt, AttemptStarted started)
      throws InterruptedException;

  Reply<OutputReport.Answer> output(AttemptId attempt, OutputReport report)
      throws InterruptedException;

  Reply<Reply.Nothing> progress(AttemptId attempt, ProgressReport report)
      throws InterruptedException;

  Reply<Reply.Nothing> end(AttemptId attempt, AttemptEnd end) throws InterruptedException;

  /**
   * Whether an end can carry the last of the output now. If not, the output is to be reported
   * before.
   */
  boolean endsCarryOutput();

  /**
   * The last word about an attempt, with the last of its output.
   *
   * @return where each stream goes on; if that is before the end of what was sent, the end was not
   *     taken. {@link Reply.Unreachable} also if this cannot be said at once now
   */
  Reply<OutputReport.Answer> end(AttemptId attempt, OutputReport last, AttemptEnd end)
      throws InterruptedException;

  Reply<Reply.Nothing> givenBack(AttemptId attempt, AttemptGivenBack givenBack)
      throws InterruptedException;
}
