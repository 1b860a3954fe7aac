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
 * Brings a run its script: out of the order, out of the cache, or from the supervisor. While the
 * supervisor is away it is asked again and again, as it is with reports; that ends when the attempt
 * is stopped, or is not this agent's any more.
 */
final class ScriptFetch {

  /** How long a script may be to come with its order. A second trip would cost more than this. */
  static final int INLINE = 32 * 1024;

  /** A script that is fetched is here, unless something damages or removes it at once. */
  private static final int TRIES = 3;

  private final JobTools tools;
  private final AttemptReports reports;
  private final CompletableFuture<Why> stop;

  /**
   * @param reports knows the attempt
   * @param stop completes when the run is not wanted any more
   */
  ScriptFetch(JobTools tools, AttemptReports reports, CompletableFuture<Why> stop) {
    this.tools = tools;
    this.reports = reports;
    this.stop = stop;
  }

  /**
   * The script, which its receiver closes.
   *
   * @return empty if the run was stopped before it was here
   */
  Optional<Script> script(ScriptText announced) throws CannotStart, InterruptedException {
    Bytes inOrder = announced.content();
    if (inOrder != null) {
      return Optional.of(Script.inOrder(announced, checked(announced, inOrder)));
    }
    if (!ScriptCache.isDigest(announced.digest())) {
      throw new CannotStart("Invalid script digest `" + announced.digest() + "`.");
    }
    try {
      for (int tries = 0; tries < TRIES; tries++) {
        Optional<Script> here = tools.scripts().take(announced);
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

  /** Waits for it on a thread of its own, which a stop can interrupt. False after that. */
  private boolean isFetched(ScriptText announced)
      throws CannotStart, IOException, InterruptedException {
    FutureTask<Boolean> fetching =
        new FutureTask<>(
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

  /** What is decided about a script by its digest is decided about these bytes. */
  private static Bytes checked(ScriptText announced, Bytes content) throws CannotStart {
    String digest = content.sha256();
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
