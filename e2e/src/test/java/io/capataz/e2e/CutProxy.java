package io.capataz.e2e;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Stands between a client and a server and now and then loses an answer: the request goes through,
 * the server does what it asks for, and the client never hears of it. Knows no protocol: a request
 * is what the client sends after the server has last spoken.
 */
final class CutProxy implements AutoCloseable {

  private static final int BUFFER = 64 * 1024;
  private static final int CONNECT_MILLIS = 5_000;

  /** A client that has sent nothing more for so long has sent all of its request. */
  private static final int END_OF_REQUEST_MILLIS = 2;

  /** When a connection is cut. */
  enum Moment {
    /** The server has begun to answer, so it has done what was asked. */
    WHEN_ANSWERED,
    /** The request is on its way; it may be under way while the client asks again. */
    WHEN_ASKED
  }

  private final ServerSocket listening;
  private final int target;
  private final Random random;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger cuts = new AtomicInteger();
  private volatile Moment moment = Moment.WHEN_ANSWERED;
  private volatile long slowest;
  private int every;
  private int untilNext;

  private CutProxy(ServerSocket listening, int target, long seed) {
    this.listening = listening;
    this.target = target;
    this.random = new Random(seed);
  }

  /** Begins to forward to a port of 127.0.0.1; cuts nothing yet. */
  static CutProxy to(int target, long seed) {
    try {
      CutProxy proxy =
          new CutProxy(new ServerSocket(0, 200, InetAddress.getLoopbackAddress()), target, seed);
      Thread.ofVirtual().start(proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return listening.getLocalPort();
  }

  /**
   * Cuts one request in so many from now on, half of that to one and a half times apart, so that it
   * is not always the same kind that is hit.
   */
  synchronized void cutOneIn(int requests, Moment when) {
    moment = when;
    every = requests;
    untilNext = next();
  }

  /** Cuts no more. */
  synchronized void mend() {
    every = 0;
  }

  /** Holds every request up for a while, at the most for so long. */
  void slowDown(Duration most) {
    slowest = most.toNanos();
  }

  int cuts() {
    return cuts.get();
  }

  private synchronized boolean isHit() {
    if (every == 0 || --untilNext > 0) {
      return false;
    }
    untilNext = next();
    return true;
  }

  private int next() {
    return Math.max(1, every / 2 + random.nextInt(every + 1));
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        open.add(client);
        Thread.ofVirtual().start(() -> connect(client));
      } catch (IOException e) {
        return; // Closed.
      }
    }
  }

  private void connect(Socket client) {
    Socket server = new Socket();
    open.add(server);
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      server.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), target), CONNECT_MILLIS);
      Connection connection = new Connection(client, server);
      Thread.ofVirtual().start(connection::carryRequests);
      connection.carryAnswers();
    } catch (IOException e) {
      end(client);
      end(server);
    }
  }

  /** Both directions of one connection. */
  private final class Connection {

    private final Socket client;
    private final Socket server;
    private volatile boolean asked;
    private volatile boolean hit;

    private Connection(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    private void carryRequests() {
      byte[] buffer = new byte[BUFFER];
      try {
        int read = client.getInputStream().read(buffer);
        while (read >= 0) {
          if (!asked) {
            asked = true;
            hit = isHit();
            dawdle();
          }
          server.getOutputStream().write(buffer, 0, read);
          if (hit && moment == Moment.WHEN_ASKED) {
            client.setSoTimeout(END_OF_REQUEST_MILLIS);
          }
          read = client.getInputStream().read(buffer);
        }
      } catch (SocketTimeoutException e) {
        cuts.incrementAndGet();
      } catch (IOException e) {
        // Whoever of the two left, the other is told by the end of its connection.
      } finally {
        end(client);
        end(server);
      }
    }

    private void carryAnswers() {
      byte[] buffer = new byte[BUFFER];
      try {
        int read = server.getInputStream().read(buffer);
        while (read >= 0 && !hit) {
          asked = false;
          client.getOutputStream().write(buffer, 0, read);
          read = server.getInputStream().read(buffer);
        }
        if (read >= 0) {
          cuts.incrementAndGet();
        }
      } catch (IOException e) {
        // As above.
      } finally {
        end(client);
        end(server);
      }
    }
  }

  /** As a server does that has much else to do. */
  private void dawdle() {
    long most = slowest;
    if (most > 0) {
      LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(most));
    }
  }

  private void end(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // It is gone either way.
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Closeable socket : open) {
      socket.close();
    }
  }
}
