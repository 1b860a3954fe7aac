package io.capataz.supervisor.link;

import io.capataz.common.protocol.LinkMessage;
import io.capataz.common.protocol.LinkTurn;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.Host;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's end of one WebSocket: messages to bytes and back, within limits. */
final class LinkEndpoint extends Endpoint {

  private static final Logger log = LoggerFactory.getLogger(LinkEndpoint.class);

  /** An agent that does not read for so long is cut off. */
  private static final long SEND_TIMEOUT_MILLIS = 10_000;

  private final Links links;
  private final Caller.Agent agent;
  private final Host host;
  private @Nullable Link link;

  private LinkEndpoint(Links links, Caller.Agent agent, Host host) {
    this.links = links;
    this.agent = agent;
    this.host = host;
  }

  static ServerEndpointConfig config(Links links, Caller.Agent agent, Host host) {
    var endpoint = new LinkEndpoint(links, agent, host);
    return ServerEndpointConfig.Builder.create(LinkEndpoint.class, "/agent/v1/link")
        .configurator(
            new ServerEndpointConfig.Configurator() {
              @Override
              public <T> T getEndpointInstance(Class<T> type) {
                return type.cast(endpoint);
              }
            })
        .build();
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    session
        .getUserProperties()
        .put("org.apache.tomcat.websocket.BLOCKING_SEND_TIMEOUT", SEND_TIMEOUT_MILLIS);
    var opened = links.open(agent, host, new Socket(session));
    link = opened;
    session.addMessageHandler(new Parts(opened));
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    var closed = link;
    if (closed != null) {
      links.closed(closed);
    }
    log.atInfo()
        .addKeyValue("host", host.name())
        .addKeyValue("why", reason.getReasonPhrase())
        .addKeyValue("code", reason.getCloseCode().getCode())
        .log("agent unlinked");
  }

  @Override
  public void onError(Session session, Throwable failure) {
    log.atDebug().addKeyValue("host", host.name()).setCause(failure).log("link failed");
  }

  /**
   * Puts messages together. Not left to the container, which would keep a buffer of the largest
   * size for each link.
   */
  private static final class Parts implements MessageHandler.Partial<ByteBuffer> {
    private final Link link;
    private @Nullable ByteArrayOutputStream message;

    Parts(Link link) {
      this.link = link;
    }

    @Override
    public void onMessage(ByteBuffer part, boolean last) {
      var so = message == null ? new ByteArrayOutputStream(part.remaining()) : message;
      if (so.size() + part.remaining() > LinkTurn.MAX_BYTES) {
        message = null;
        link.tooLarge();
        return;
      }
      while (part.hasRemaining()) {
        var bytes = new byte[part.remaining()];
        part.get(bytes);
        so.writeBytes(bytes);
      }
      message = last ? null : so;
      if (last) {
        link.received(so.toByteArray());
      }
    }
  }

  /** Sends one message at a time, as the container demands. */
  private static final class Socket implements LinkSocket {
    private final Session session;
    private final ReentrantLock sending = new ReentrantLock();

    Socket(Session session) {
      this.session = session;
    }

    @Override
    public void send(LinkMessage message) {
      var bytes = ByteBuffer.wrap(MessageJson.write(message));
      sending.lock();
      try {
        session.getBasicRemote().sendBinary(bytes);
      } catch (IOException | IllegalStateException gone) {
        log.atDebug().setCause(gone).log("message not sent");
        close(CloseCodes.GOING_AWAY.getCode(), "cannot be sent to");
      } finally {
        sending.unlock();
      }
    }

    @Override
    public void close(int code, String why) {
      try {
        session.close(new CloseReason(CloseCodes.getCloseCode(code), why));
      } catch (IOException | IllegalStateException gone) {
        log.atDebug().setCause(gone).log("link was gone when it was closed");
      }
    }
  }
}
