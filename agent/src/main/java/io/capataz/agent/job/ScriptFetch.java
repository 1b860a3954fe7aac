package io.capataz.agent.job;

import io.capataz.agent.host.IoReason;
import io.capataz.agent.link.Reply;
import io.capataz.agent.script.Script;
import io.capataz.agent.script.ScriptCache;
import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Gets the script of a run: from the order, the cache or the supervisor. Retries while the
 * supervisor is not reachable, until the attempt is stopped or fenced.
 */
final class ScriptFetch {

  /** Maximum size of a script that is sent with its order; below this a second call costs more. */
  static final int INLINE = 32 * 1024;

  /** A fetched script is in the cache, unless it is corrupted or removed immediately. */
  private static final int TRIES = 3;

  private final JobTools tools;
  private final AttemptReports reports;
  private final CompletableFuture<Why> stop;

  /**
   * @param reports fetches the script of the attempt
   * @param stop completes when the run is stopped
   */
  ScriptFetch(JobTools tools, AttemptReports reports, CompletableFuture<Why> stop) {
    this.tools = tools;
    this.reports = reports;
    this.stop = stop;
  }

  /**
   * Gets the script, which the caller closes.
   *
   * @return empty if the run was stopped first
   */
  Optional<Script> script(ScriptText announced) throws CannotStart, InterruptedException {
    var inOrder = announced.content();
    if (inOrder != null) {
      return Optional.of(Script.inOrder(announced, checked(announced, inOrder)));
    }
    if (!ScriptCache.isDigest(announced.digest())) {
      throw new CannotStart("Invalid script digest `" + announced.digest() + "`.");
    }
    try {
      for (int tries = 0; tries < TRIES; tries++) {
        var here = tools.scripts().take(announced);
        if (here.isPresent()) {
          return here;
        }
        if (!isFetched(announced)) {
          return Optional.empty();
        }
      }
      throw new CannotStart(
          "The cached copy of the script was corrupt "
              + TRIES
              + " times in a row. Check the disk of this host.");
    } catch (IOException e) {
      throw new CannotStart("Cannot store the script on this host: " + IoReason.of(e) + ".", e);
    }
  }

  /** Fetches the script on its own thread, which a stop can interrupt; false if stopped. */
  private boolean isFetched(ScriptText announced)
      throws CannotStart, IOException, InterruptedException {
    var fetching =
        new FutureTask<Boolean>(
            () -> {
              tools.scripts().fill(announced.digest(), () -> fetch(announced));
              return true;
            });
    var _ = stop.thenAccept(_ -> fetching.cancel(true));
    tools.threads().newThread(fetching).start();
    try {
      return fetching.get();
    } catch (CancellationException e) {
      return false;
    } catch (ExecutionException e) {
      return switch (e.getCause()) {
        case CannotStart cannot -> throw cannot;
        case IOException disk -> throw disk;
        case CancellationException _ -> false;
        case null, default -> throw new IllegalStateException(e);
      };
    } finally {
      fetching.cancel(true);
    }
  }

  private Bytes fetch(ScriptText announced) throws CannotStart, InterruptedException {
    return switch (reports.script().orElseThrow(CancellationException::new)) {
      case Reply.Taken<Bytes>(Bytes content) -> checked(announced, content);
      case Reply.Faulty<Bytes>(int status, String detail) ->
          throw new CannotStart(
              "The supervisor refused to send the script (HTTP " + status + "). " + detail);
      case Reply.Fenced<Bytes> _, Reply.CredentialRefused<Bytes> _, Reply.Unreachable<Bytes> _ ->
          throw new CancellationException();
    };
  }

  /** Verifies the digest, on which policy decisions are based. */
  private static Bytes checked(ScriptText announced, Bytes content) throws CannotStart {
    var digest = content.sha256();
    if (!digest.equals(announced.digest())) {
      throw new CannotStart(
          "Script digest mismatch: expected "
              + announced.digest()
              + ", got "
              + digest
              + ". Save the script again.");
    }
    return content;
  }
}
