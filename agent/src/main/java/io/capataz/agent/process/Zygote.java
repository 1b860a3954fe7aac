package io.capataz.agent.process;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small process that forks a keeper for each run, which costs a fraction of executing one. It has
 * no state: each keeper gets its order from the agent and stands on its own from then on. So it may
 * die at any time without any effect on runs, and ends with the agent that started it.
 *
 * <p>Orders reach it through a socket without a name, which only this process has.
 */
final class Zygote implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Zygote.class);

  private static final String HELLO = "capataz-keeper ";
  private static final int HELLO_BYTES = 100;

  /** Replaced by the folder of the run in the command lines of keepers. */
  private static final String PLACE = " ".repeat(200);

  private final int pid;
  private final Object life = new Object();
  private int socket;
  private boolean reaped;

  private Zygote(int pid, int socket) {
    this.pid = pid;
    this.socket = socket;
  }

  /** Starts one; empty if this host cannot, which is logged. */
  static Optional<Zygote> start(Path program) {
    try {
      var hello = LibC.pipe();
      Zygote zygote;
      byte[] said;
      try {
        try {
          zygote = spawned(program, hello.writeEnd());
        } finally {
          LibC.close(hello.writeEnd());
        }
        said = FileCalls.read(hello.readEnd(), HELLO_BYTES);
      } finally {
        LibC.close(hello.readEnd());
      }
      if (new String(said, StandardCharsets.US_ASCII).startsWith(HELLO)) {
        return Optional.of(zygote);
      }
      zygote.close();
    } catch (SpawnFailed e) {
      log.warn("cannot start the process that forks keepers: {}", e.getMessage());
    }
    return Optional.empty();
  }

  private static Zygote spawned(Path program, int hello) throws SpawnFailed {
    Command command =
        new Command(
            List.of(program.toString(), "--zygote", PLACE),
            Map.of("PATH", KeeperStarts.PATH),
            Path.of("/"));
    var ends = SocketCalls.pair();
    try {
      return new Zygote(Spawner.start(command, ends.other(), hello), ends.own());
    } catch (SpawnFailed e) {
      LibC.close(ends.own());
      throw e;
    } finally {
      LibC.close(ends.other());
    }
  }

  int pid() {
    return pid;
  }

  /**
   * Has a keeper forked.
   *
   * @param folder the run's folder
   * @param order descriptor of the order
   * @param answer descriptor that the keeper answers to
   * @return whether the order was sent; not if this process is gone. If it is gone before it has
   *     forked, nobody has {@code answer} any more.
   */
  synchronized boolean fork(Path folder, int order, int answer) {
    return socket >= 0 && SocketCalls.send(socket, folder.toString(), order, answer);
  }

  /**
   * Kills it. Orders that it has not taken are dropped. Never waits for {@link #fork}, which waits
   * for a zygote that hangs.
   */
  void kill() {
    synchronized (life) {
      if (!reaped) {
        LibC.kill(pid, Signal.SIGKILL.number()); // Its number is not reused before it is reaped.
      }
    }
  }

  /** Ends it. Its keepers go on. */
  @Override
  public void close() {
    kill();
    synchronized (this) {
      if (socket >= 0) {
        LibC.close(socket);
        socket = -1;
      }
    }
    synchronized (life) {
      if (!reaped) {
        reaped = true;
        var _ = LibC.awaitEnd(pid);
        LibC.reap(pid);
      }
    }
  }
}
