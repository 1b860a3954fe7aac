package io.capataz.agent.link;

import io.capataz.common.protocol.SessionOpening.PoolSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadFactory;

/** Listens to the announcements of each pool that the host belongs to, on one thread per pool. */
public final class Pools implements AutoCloseable {

  private record Listening(PoolAnnouncements announcements, Thread thread) {
    void stop() {
      announcements.stop();
      thread.interrupt();
    }
  }

  private final ThreadFactory threads;
  private final BrokerClient broker;
  private final Backoff backoff;
  private final PoolListener listener;
  private final Map<PoolSource, Listening> listening = new HashMap<>();
  private boolean closed;

  /**
   * @param threads creates threads that may block
   * @param broker how brokers are reached from here
   * @param backoff pauses between reconnects
   * @param listener receives the jobs that wait
   */
  public Pools(ThreadFactory threads, BrokerClient broker, Backoff backoff, PoolListener listener) {
    this.threads = threads;
    this.broker = broker;
    this.backoff = backoff;
    this.listener = listener;
  }

  /** Sets the pools of the host. */
  public synchronized void listenTo(Collection<PoolSource> sources) {
    if (closed) {
      return;
    }
    var wanted = Set.copyOf(sources);
    listening.forEach(
        (source, one) -> {
          if (!wanted.contains(source)) {
            one.stop();
          }
        });
    listening.keySet().retainAll(wanted);
    wanted.forEach(source -> listening.computeIfAbsent(source, this::listenTo));
  }

  private Listening listenTo(PoolSource source) {
    var announcements = new PoolAnnouncements(source, broker, backoff, listener);
    var thread = threads.newThread(announcements);
    thread.start();
    return new Listening(announcements, thread);
  }

  /** Stops listening for good. */
  @Override
  public synchronized void close() {
    closed = true;
    listening.values().forEach(Listening::stop);
    listening.clear();
  }
}
