package io.capataz.agent.link;

import io.capataz.agent.host.IoReason;
import io.capataz.common.protocol.AttemptReport;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.LinkMessage;
import io.capataz.common.protocol.MessageJson;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Keeps one connection to the supervisor, over which both sides speak at any time. While there is
 * none, all that it carries goes by calls, see {@link LinkedSupervisor}.
 */
public final class Link {

  private static final Logger log = LoggerFactory.getLogger(Link.class);

  /** A turn that is not answered for so long means that the link is dead. */
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** How often a supervisor that has not answered yet is asked for a sign of life. */
  private static final Duration PING = Duration.ofSeconds(2);

  /** Without a sign of life for so long, the link is dead, whatever the network says. */
  private static final Duration DEAD = Duration.ofSeconds(6);

  /** A supervisor, or a proxy before it, that does not know links is asked again after so long. */
  private static final Duration REFUSED_PAUSE = Duration.ofMinutes(1);

  private final SupervisorClient supervisor;
  private final long epoch;
  private final Backoff backoff;
  private volatile @Nullable Connection open;
  private boolean refused;

  /**
   * @param supervisor client with the agent's credential
   * @param epoch the session's epoch
   */
  public Link(SupervisorClient supervisor, long epoch, Backoff backoff) {
    this.supervisor = supervisor;
    this.epoch = epoch;
    this.backoff = backoff;
  }

  /** Opens a link whenever there is none. Returns when its thread is interrupted. */
  public void keepOpen(LinkListener listener) {
    try {
      for (int failures = 1; ; failures++) {
        var connection = new Connection(listener);
        var pause = backoff.pause(failures);
        try {
          var _ = supervisor.open("link?epoch=" + epoch, connection).get();
          // A proxy may let it be opened, and carry nothing.
          pause = connection.answer(connection.first).isPresent() ? pause : REFUSED_PAUSE;
          failures = connection.carries ? 0 : failures;
          connection.gone.get();
        } catch (ExecutionException e) {
          pause = failed(e.getCause(), pause);
        } finally {
          connection.close();
        }
        Thread.sleep(pause);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Logs why there is no link, once, and returns when to try again. */
  private Duration failed(@Nullable Throwable why, Duration pause) {
    if (why instanceof WebSocketHandshakeException answered
        && answered.getResponse() != null
        && answered.getResponse().statusCode() < 500
        && answered.getResponse().statusCode() != 429) {
      if (!refused) {
        log.info(
            "there is no link to the supervisor (HTTP {}); calls are used instead",
            answered.getResponse().statusCode());
      }
      refused = true;
      return REFUSED_PAUSE;
    }
    log.debug("no link: {}", why instanceof IOException e ? IoReason.of(e) : why);
    return pause;
  }

  /** Whether a link is open, and the supervisor has answered on it. */
  public boolean isOpen() {
    var connection = open;
    return connection != null && connection.carries;
  }

  /** Empty if there is no link, or it broke off before it was answered. */
  Optional<AttemptReport.Answer> report(AttemptReport report, int bytes)
      throws InterruptedException {
    var connection = open;
    return connection == null || !connection.carries
        ? Optional.empty()
        : connection.answer(connection.turns.report(report, bytes)).flatMap(it -> it);
  }

  /** Empty if there is no link, or it broke off before it was answered. */
  Optional<Heartbeat.Answer> heartbeat(Heartbeat heartbeat) throws InterruptedException {
    var connection = open;
    return connection == null || !connection.carries
        ? Optional.empty()
        : connection.answer(connection.turns.heartbeat(heartbeat)).flatMap(it -> it);
  }

  /** Says what there is to claim now, as {@link LinkListener#standing} has it. */
  public void poke() {
    var connection = open;
    if (connection != null) {
      var _ = connection.turns.ask();
    }
  }

  /** Does the same, and waits until it is answered; false if there is no link for it. */
  public boolean ask() throws InterruptedException {
    var connection = open;
    return connection != null && connection.answer(connection.turns.ask()).orElse(false);
  }

  /** One connection. Its methods are called on the client's threads, which must not wait. */
  private final class Connection implements WebSocket.Listener {
    private final CompletableFuture<Connection> gone = new CompletableFuture<>();
    private final LinkListener listener;
    private final LinkTurns turns;
    private final CompletableFuture<Boolean> first = new CompletableFuture<>();
    private volatile @Nullable WebSocket socket;
    private volatile boolean carries;
    private volatile long heardAt = System.nanoTime();
    private boolean closed;

    Connection(LinkListener listener) {
      this.listener = listener;
      this.turns = new LinkTurns(listener, this::send);
    }

    private @Nullable ByteArrayOutputStream message;

    @Override
    public void onOpen(WebSocket webSocket) {
      synchronized (this) {
        if (closed) {
          webSocket.abort();
          return;
        }
        socket = webSocket;
        listener.opened();
        open = this;
      }
      var _ = turns.ask().thenAccept(this::answered);
      webSocket.request(1);
    }

    private void answered(boolean first) {
      carries = first;
      this.first.complete(first);
    }

    private CompletableFuture<?> send(ByteBuffer turn) {
      var to = socket;
      return to == null
          ? CompletableFuture.completedFuture(null)
          : to.sendBinary(turn, true)
              .whenComplete(
                  (_, failure) -> {
                    if (failure != null) {
                      close();
                    }
                  });
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(
        WebSocket webSocket, ByteBuffer part, boolean last) {
      heardAt = System.nanoTime();
      var so = message == null ? new ByteArrayOutputStream(part.remaining()) : message;
      if (so.size() + part.remaining() > SupervisorClient.MAX_ANSWER_BYTES) {
        log.error("a message on the link is too long");
        close();
        return null;
      }
      var bytes = new byte[part.remaining()];
      part.get(bytes);
      so.writeBytes(bytes);
      message = last ? null : so;
      if (last) {
        try {
          turns.received(MessageJson.read(so.toByteArray(), LinkMessage.class));
        } catch (JacksonException e) {
          log.error("invalid message on the link: {}", e.getOriginalMessage());
          close();
          return null;
        }
      }
      webSocket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
      heardAt = System.nanoTime();
      webSocket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int status, String reason) {
      log.info(
          "the supervisor has closed the link ({} {}); calls are used instead", status, reason);
      close();
      return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable failure) {
      log.info(
          "the link broke off ({}); calls are used instead",
          failure instanceof IOException e ? IoReason.of(e) : failure.toString());
      close();
    }

    /** The answer; empty if none comes, and then the connection is given up. */
    <T> Optional<T> answer(Future<T> awaited) throws InterruptedException {
      long asked = System.nanoTime();
      while (true) {
        try {
          return Optional.of(awaited.get(PING.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
          long now = System.nanoTime();
          // The client does not always notice that a connection broke off within a message.
          if (now - Math.max(asked, heardAt) > DEAD.toNanos() || now - asked > TIMEOUT.toNanos()) {
            log.info("no answer on the link; calls are used instead");
            close();
            return Optional.empty();
          }
          ping();
        } catch (ExecutionException e) {
          throw new IllegalStateException(e.getCause());
        }
      }
    }

    private void ping() {
      var to = socket;
      if (to != null) {
        // It fails if others have just done the same, which is as good.
        var _ = to.sendPing(ByteBuffer.allocate(0));
      }
    }

    /** Gives the connection up, at once: what it still would carry is said by other ways. */
    void close() {
      boolean wasOpen;
      synchronized (this) {
        if (closed) {
          return;
        }
        closed = true;
        wasOpen = open == this;
        if (wasOpen) {
          open = null;
        }
      }
      turns.end();
      var to = socket;
      if (to != null) {
        to.abort();
      }
      if (wasOpen) {
        listener.closed();
      }
      gone.complete(this);
    }
  }
}
