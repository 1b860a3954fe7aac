package io.capataz.supervisor.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A WebSocket over which text is sent until there is no more; what the client sends is ignored. */
public final class TextSocket {

  private static final Logger log = LoggerFactory.getLogger(TextSocket.class);

  /** A client that takes nothing for so long is cut off. */
  private static final long SEND_TIMEOUT_MILLIS = 20_000;

  private final Session session;

  private TextSocket(Session session) {
    this.session = session;
  }

  /** Why the supervisor closes a socket; codes of RFC 6455. */
  public enum Close {
    /** Everything was sent. */
    DONE(CloseCodes.NORMAL_CLOSURE, "everything was sent"),
    /** This supervisor ends. */
    GOING(CloseCodes.GOING_AWAY, "the supervisor is shutting down"),
    /** The token was revoked. */
    REVOKED(CloseCodes.VIOLATED_POLICY, "the token is no longer valid"),
    /** A fault, which is in the log. */
    FAILED(CloseCodes.UNEXPECTED_CONDITION, "unexpected error");

    private final CloseCodes code;
    private final String words;

    Close(CloseCodes code, String words) {
      this.code = code;
      this.words = words;
    }
  }

  /** Sends what a client follows. */
  @FunctionalInterface
  public interface Handler {
    /** Sends everything, on a thread of its own, which is interrupted when the client is gone. */
    Close handle(TextSocket socket) throws IOException, InterruptedException;
  }

  /** Whether a request asks for a WebSocket. */
  public static boolean isAskedFor(HttpServletRequest request) {
    return "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
  }

  /**
   * Answers a request with a WebSocket.
   *
   * @param place taken before, so that one client too many gets 429; released here
   * @throws ApiProblem 400 if it does not ask for one
   */
  public static void open(
      HttpServletRequest request,
      HttpServletResponse response,
      ExecutorService background,
      OpenRequests.Place place,
      Handler handler)
      throws IOException {
    try {
      open(
          request,
          response,
          background,
          socket -> {
            try (place) {
              return handler.handle(socket);
            }
          });
    } catch (IOException | RuntimeException refused) {
      place.close();
      throw refused;
    }
  }

  private static void open(
      HttpServletRequest request,
      HttpServletResponse response,
      ExecutorService background,
      Handler handler)
      throws IOException {
    if (!isAskedFor(request)) {
      throw ApiProblem.badRequest(
          "not_a_websocket",
          "This route opens a WebSocket. Send the Upgrade headers of RFC 6455; if they were sent, a"
              + " proxy in between has removed them.");
    }
    var container =
        (ServerContainer) request.getServletContext().getAttribute(ServerContainer.class.getName());
    try {
      container.upgradeHttpToWebSocket(
          request, response, config(new HandledEndpoint(background, handler)), Map.of());
    } catch (DeploymentException cannot) {
      throw new IllegalStateException(cannot);
    }
  }

  private static ServerEndpointConfig config(HandledEndpoint endpoint) {
    return ServerEndpointConfig.Builder.create(HandledEndpoint.class, "/any")
        .configurator(
            new ServerEndpointConfig.Configurator() {
              @Override
              public <T> T getEndpointInstance(Class<T> type) {
                return type.cast(endpoint);
              }
            })
        .build();
  }

  /** Sends a message; returns when it is on its way. */
  public void send(String text) throws IOException {
    try {
      session.getBasicRemote().sendText(text);
    } catch (IllegalStateException closed) {
      throw new IOException(closed);
    }
  }

  /** Sends a sign of life, which the client answers by itself. */
  public void ping() throws IOException {
    try {
      session.getBasicRemote().sendPing(ByteBuffer.allocate(0));
    } catch (IllegalStateException | IllegalArgumentException closed) {
      throw new IOException(closed);
    }
  }

  private void close(Close why) {
    try {
      session.close(new CloseReason(why.code, why.words));
    } catch (IOException | IllegalStateException gone) {
      log.atDebug().setCause(gone).log("socket was gone when it was closed");
    }
  }

  /** The container's view of it. */
  private static final class HandledEndpoint extends Endpoint {
    private final ExecutorService background;
    private final Handler handler;
    private volatile @Nullable Thread thread;
    private volatile boolean gone;

    HandledEndpoint(ExecutorService background, Handler handler) {
      this.background = background;
      this.handler = handler;
    }

    @Override
    public void onOpen(Session session, EndpointConfig config) {
      session
          .getUserProperties()
          .put("org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT", SEND_TIMEOUT_MILLIS);
      session.addMessageHandler(String.class, (MessageHandler.Partial<String>) (_, _) -> {});
      session.addMessageHandler(
          ByteBuffer.class, (MessageHandler.Partial<ByteBuffer>) (_, _) -> {});
      background.execute(() -> handle(new TextSocket(session)));
    }

    /** Also for a client that has gone before, so that everything is given back. */
    private void handle(TextSocket socket) {
      var why = Close.FAILED;
      thread = Thread.currentThread();
      if (gone) {
        Thread.currentThread().interrupt();
      }
      try {
        why = handler.handle(socket);
      } catch (IOException gone) {
        log.atDebug().setCause(gone).log("client is gone");
      } catch (InterruptedException gone) {
        Thread.currentThread().interrupt();
        why = Close.GOING;
      } finally {
        socket.close(why);
      }
    }

    @Override
    public void onClose(Session session, CloseReason reason) {
      gone = true;
      var running = thread;
      if (running != null) {
        running.interrupt();
      }
    }

    @Override
    public void onError(Session session, Throwable failure) {
      log.atDebug().setCause(failure).log("socket failed");
    }
  }
}
