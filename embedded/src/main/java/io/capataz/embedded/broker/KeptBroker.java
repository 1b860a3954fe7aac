package io.capataz.embedded.broker;

import io.capataz.common.command.StartFailure;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.Exit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An embedded broker that is started again, on the same port, after a failure of its disk. Kafka
 * ends the JVM then, and everything else in it, although nothing waits for announcements: while the
 * broker is away, agents find their work by polling.
 *
 * <p>One in a JVM, because the JVM has one way out.
 */
public final class KeptBroker implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(KeptBroker.class);

  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Less than this, and it would fail again at once. */
  private static final long ROOM_TO_START = 4 << 20;

  private final Path folder;
  private final int port;
  private final BrokerPasswords passwords;
  private final Semaphore failures = new Semaphore(0);
  private final Thread keeper;
  private Optional<EmbeddedBroker> running;

  /** Thrown through Kafka's own thread, which ends with it: it counts on not coming back. */
  private static final class NotTheEnd extends Error {
    private static final long serialVersionUID = 1L;

    NotTheEnd(String message) {
      super(message, null, false, false);
    }
  }

  private KeptBroker(Path folder, BrokerPasswords passwords) throws IOException {
    this.folder = folder;
    this.passwords = passwords;
    Exit.setHaltProcedure(this::refuseToEnd);
    Exit.setExitProcedure(this::refuseToEnd);
    EmbeddedBroker first = EmbeddedBroker.start(folder, 0, passwords);
    this.running = Optional.of(first);
    this.port = first.port();
    this.keeper = Thread.ofPlatform().name("broker-keeper").daemon().unstarted(this::keep);
  }

  /**
   * Starts a broker on a free port and returns when it takes records.
   *
   * @throws StartFailure if the folder cannot be written
   */
  public static KeptBroker start(Path folder, BrokerPasswords passwords) throws IOException {
    KeptBroker kept = new KeptBroker(folder, passwords);
    kept.keeper.start();
    return kept;
  }

  /** What a client calls {@code bootstrap.servers}; stays the same. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  private void refuseToEnd(int code, @Nullable String why) {
    failures.release();
    throw new NotTheEnd("the embedded broker failed" + (why == null ? "" : ": " + why));
  }

  private void keep() {
    try {
      while (true) {
        failures.acquire();
        log.atError()
            .addKeyValue("folder", folder)
            .log(
                "the embedded broker failed and is started again when its disk takes writes; agents"
                    + " find jobs by polling meanwhile");
        running().ifPresent(EmbeddedBroker::close);
        set(Optional.empty());
        awaitRestart();
        log.atInfo().log("the embedded broker runs again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // Closed.
    }
  }

  private void awaitRestart() throws InterruptedException {
    while (running().isEmpty()) {
      // Nobody else is to be on this port: clients would send him their passwords.
      try (ServerSocket placeholder = new ServerSocket()) {
        hold(placeholder);
        do {
          TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        } while (!hasRoom());
      } catch (IOException e) {
        log.atDebug().setCause(e).log("the broker's port could not be given back");
      }
      tryToStart();
    }
  }

  private void hold(ServerSocket placeholder) {
    try {
      placeholder.setReuseAddress(true);
      placeholder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("port", port)
          .log("the embedded broker's port is taken; the broker waits for it");
    }
  }

  private void tryToStart() {
    failures.drainPermits(); // Of the last life.
    try {
      set(Optional.of(EmbeddedBroker.start(folder, port, passwords)));
    } catch (IOException | RuntimeException | NotTheEnd e) {
      log.atDebug().setCause(e).log("the embedded broker could not be started yet");
    }
  }

  private boolean hasRoom() {
    Path probe = folder.resolve("room.probe");
    try {
      try {
        Files.write(probe, new byte[(int) ROOM_TO_START]);
      } finally {
        Files.deleteIfExists(probe);
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private synchronized Optional<EmbeddedBroker> running() {
    return running;
  }

  private synchronized void set(Optional<EmbeddedBroker> now) {
    running = now;
  }

  /** Stops it for good. */
  @Override
  public void close() {
    keeper.interrupt();
    try {
      keeper.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    running().ifPresent(EmbeddedBroker::close);
    Exit.resetHaltProcedure();
    Exit.resetExitProcedure();
  }
}
