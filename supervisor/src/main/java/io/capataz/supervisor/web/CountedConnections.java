package io.capataz.supervisor.web;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tomcat's HTTP/1.1, with a limit on the connections of one client address. Tomcat itself has one
 * for all together, which a single client can use up with connections that say nothing.
 */
public final class CountedConnections extends Http11NioProtocol {

  private static final Logger log = LoggerFactory.getLogger(CountedConnections.class);

  /** Made by Tomcat, by its name. Has no limit until {@link #limit}. */
  public CountedConnections() {
    super(new Endpoint());
  }

  /** Sets how many connections one address may have; 0: any number. */
  public void limit(int perAddress) {
    ((Endpoint) getEndpoint()).limit(perAddress);
  }

  private static final class Endpoint extends NioEndpoint {

    private static final long LOG_EVERY = Duration.ofMinutes(1).toNanos();

    private final Map<SocketChannel, String> networks = new ConcurrentHashMap<>();
    private final AtomicLong nextLog = new AtomicLong(System.nanoTime());
    private volatile PerAddress counts = new PerAddress(0);
    private volatile int most;

    void limit(int perAddress) {
      most = perAddress;
      counts = new PerAddress(perAddress);
    }

    @Override
    protected boolean setSocketOptions(SocketChannel socket) {
      if (!isCounted(socket)) {
        destroySocket(socket);
        return false;
      }
      return super.setSocketOptions(socket);
    }

    private boolean isCounted(SocketChannel socket) {
      try {
        if (!(socket.getRemoteAddress() instanceof InetSocketAddress address)) {
          return true;
        }
        var network = ClientNetwork.of(address.getAddress());
        if (counts.enter(network)) {
          networks.put(socket, network);
          return true;
        }
        tell(network);
        return false;
      } catch (IOException gone) {
        return false;
      }
    }

    private void tell(String network) {
      var due = nextLog.get();
      var now = System.nanoTime();
      if (now - due >= 0 && nextLog.compareAndSet(due, now + LOG_EVERY)) {
        log.atWarn()
            .addKeyValue("address", network)
            .addKeyValue("limit", most)
            .log(
                "connection closed: its address has as many as it may have"
                    + " (capataz.connections.per-address)");
      }
    }

    private void forget(SocketChannel socket) {
      var network = networks.remove(socket);
      if (network != null) {
        counts.leave(network);
      }
    }

    @Override
    protected void destroySocket(SocketChannel socket) {
      forget(socket);
      super.destroySocket(socket);
    }

    @Override
    public void setHandler(Handler<NioChannel> handler) {
      super.setHandler(new Forgetting(handler));
    }

    /** Hears of the end of each connection. */
    private final class Forgetting implements Handler<NioChannel> {

      private final Handler<NioChannel> handler;

      Forgetting(Handler<NioChannel> handler) {
        this.handler = handler;
      }

      @Override
      public SocketState process(SocketWrapperBase<NioChannel> socket, SocketEvent status) {
        return handler.process(socket, status);
      }

      @Override
      public Object getGlobal() {
        return handler.getGlobal();
      }

      @Override
      public void release(SocketWrapperBase<NioChannel> socket) {
        forget(socket.getSocket().getIOChannel());
        handler.release(socket);
      }

      @Override
      public void pause() {
        handler.pause();
      }

      @Override
      public void recycle() {
        handler.recycle();
      }
    }
  }
}
