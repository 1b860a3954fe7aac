package io.capataz.agent.process;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts keepers: forked by a {@link Zygote}, or executed where there is none.
 *
 * <p>A keeper holds its end of the pipe for its answer as long as it lives. So a pipe that is
 * closed without an answer proves that no process has the order any more. If no keeper has begun
 * then, the order is given to another one: the run is not lost, and not started twice.
 */
final class KeeperStarts implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(KeeperStarts.class);

  static final String PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

  /** Maximum length of the line that a keeper prints when it has started. */
  private static final int ANSWER_BYTES = 200;

  /** How many zygotes are tried for one run, before its keeper is executed. */
  private static final int ZYGOTES = 2;

  private final List<String> command;
  private final Optional<Path> program;
  private final Duration patience;
  private @Nullable Zygote zygote;

  /**
   * @param command the words that execute a keeper, without the folder
   * @param program the program of the zygote; empty to execute all keepers
   * @param patience how long a zygote may take to fork, before it is replaced
   */
  KeeperStarts(List<String> command, Optional<Path> program, Duration patience) {
    this.command = List.copyOf(command);
    this.program = program;
    this.patience = patience;
  }

  /**
   * The answer of a keeper.
   *
   * @param words its words
   * @param child pid of the keeper if it is a child of this process, which must reap it; else 0
   * @param descriptor pidfd of the keeper; -1 if it has ended, or has not started the script
   */
  record Answer(List<String> words, int child, int descriptor) {

    /** No answer. */
    boolean isEmpty() {
      return words.getFirst().isEmpty();
    }

    boolean isStarted() {
      return words.getFirst().equals("started");
    }
  }

  /**
   * Starts a keeper, and returns its answer.
   *
   * @param folder the run's folder
   * @param order the descriptor for its standard input, or {@link LibC#DEV_NULL}
   * @throws SpawnFailed if none could be started
   */
  Answer start(Path folder, int order) throws SpawnFailed {
    for (int tries = 0; tries < ZYGOTES; tries++) {
      var current = zygote();
      if (current.isEmpty()) {
        break;
      }
      var answer = forked(current.get(), folder, order);
      if (!answer.isEmpty() || Files.exists(new KeeperFiles(folder, Keepers.Form.NATIVE).begin())) {
        return answer;
      }
      replace(current.get());
      FileCalls.rewind(order);
    }
    return executed(folder, order);
  }

  /** The zygote in use; started if there is none yet. */
  synchronized Optional<Zygote> zygote() {
    if (zygote == null) {
      zygote = program.flatMap(Zygote::start).orElse(null);
    }
    return Optional.ofNullable(zygote);
  }

  private synchronized void replace(Zygote gone) {
    if (zygote == gone) {
      log.warn("the process that forks keepers is gone; it is replaced, and running jobs continue");
      gone.close();
      zygote = null;
    }
  }

  private Answer forked(Zygote by, Path folder, int order) throws SpawnFailed {
    var pipe = LibC.pipe();
    try {
      try {
        if (!by.fork(folder, order, pipe.writeEnd())) {
          return new Answer(List.of(""), 0, -1);
        }
      } finally {
        LibC.close(pipe.writeEnd());
      }
      if (LibC.poll(pipe.readEnd(), patience) == 0) {
        by.kill(); // It has forked, or never will. So there is an answer, or an end of the pipe.
      }
      var words = words(pipe.readEnd());
      if (!words.getFirst().equals("started")) {
        awaitEndOfAnswer(pipe.readEnd());
        return new Answer(words, 0, -1);
      }
      int descriptor = LibC.processDescriptor(Integer.parseInt(words.get(2)));
      if (descriptor >= 0 && (LibC.poll(pipe.readEnd(), Duration.ZERO) & LibC.POLLHUP) != 0) {
        // The keeper has ended. The number may be that of another process by now.
        LibC.close(descriptor);
        descriptor = -1;
      }
      return new Answer(words, 0, descriptor);
    } finally {
      LibC.close(pipe.readEnd());
    }
  }

  private Answer executed(Path folder, int order) throws SpawnFailed {
    var words = new ArrayList<String>(command);
    words.add(folder.toString());
    var pipe = LibC.pipe();
    int pid;
    try {
      try {
        Command keeper = new Command(words, Map.of("PATH", PATH), Path.of("/"));
        pid = Spawner.start(keeper, order, pipe.writeEnd());
      } finally {
        LibC.close(pipe.writeEnd());
      }
      var answer = words(pipe.readEnd());
      return new Answer(
          answer, pid, answer.getFirst().equals("started") ? LibC.processDescriptor(pid) : -1);
    } finally {
      LibC.close(pipe.readEnd());
    }
  }

  /** One line, which a keeper writes at once; a single empty word if there is none. */
  private static List<String> words(int pipe) {
    var line = new String(FileCalls.read(pipe, ANSWER_BYTES), StandardCharsets.US_ASCII).strip();
    return List.of(line.split(" ", -1));
  }

  /** Until the keeper has ended. */
  private static void awaitEndOfAnswer(int pipe) {
    while (FileCalls.read(pipe, ANSWER_BYTES).length > 0) {}
  }

  /** Ends the zygote, if there is one. Keepers go on. */
  @Override
  public synchronized void close() {
    if (zygote != null) {
      zygote.close();
      zygote = null;
    }
  }
}
