package io.capataz.supervisor.runtime;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stands before a server and, when told to, swallows everything that either side says, without
 * closing a connection: what a machine does that has lost its power or its network.
 */
final class MuteProxy implements AutoCloseable {

  private final ServerSocket listening;
  private final int target;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
  private volatile boolean mute;

  private MuteProxy(ServerSocket listening, int target) {
    this.listening = listening;
    this.target = target;
  }

  /** Begins to forward to a port of this machine. */
  static MuteProxy to(int target) {
    try {
      var proxy = new MuteProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
      Thread.ofVirtual().start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listening.getLocalPort();
  }

  void mute() {
    mute = true;
  }

  /** Speaks again. What was swallowed is lost, and so are the connections that it went through. */
  void speak() {
    mute = false;
    open.forEach(MuteProxy::close);
    open.clear();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        var client = listening.accept();
        var server = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(client);
        open.add(server);
        Thread.ofVirtual().start(() -> forward(client, server));
        Thread.ofVirtual().start(() -> forward(server, client));
      } catch (IOException e) {
        // Closed, or the server is not there.
      }
    }
  }

  private void forward(Socket from, Socket to) {
    var buffer = new byte[64 * 1024];
    try {
      for (var n = from.getInputStream().read(buffer);
          n >= 0;
          n = from.getInputStream().read(buffer)) {
        if (!mute) {
          to.getOutputStream().write(buffer, 0, n);
        }
      }
    } catch (IOException e) {
      // The other side's end.
    } finally {
      close(from);
      close(to);
    }
  }

  private static void close(Closeable connection) {
    try {
      connection.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    close(listening);
    speak();
  }
}
