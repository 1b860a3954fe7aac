package io.capataz.agent.process;

import io.capataz.agent.cgroup.ControlGroups;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts each run under a keeper: a small process that enforces the run's time limit, stores its
 * output and records its end, and that outlives the agent. There are two keepers with the same file
 * formats (documented in {@code src/main/c/capataz-keeper.c}): a native program, and a shell script
 * for hosts that cannot run it.
 */
public final class Keepers implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Keepers.class);

  /**
   * Variable in the environment of every process of a run, unless the process clears its
   * environment.
   */
  static final String MARKER = "CAPATAZ_RUN";

  /** How long a zygote may take to fork. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** How long to go on killing leftovers that keep forking. */
  private static final long KILL_TIMEOUT = TimeUnit.SECONDS.toNanos(2);

  private static final long POLL_INTERVAL = TimeUnit.MILLISECONDS.toNanos(10);

  private static final OptionalLong HOST_MEMORY = mostMemory();

  private static final int VERSION_BYTES = 100;

  /** The kind of keeper. */
  public enum Form {
    /** The native program. */
    NATIVE,
    /** The shell script. */
    SHELL
  }

  /** The result of {@link #find}. */
  public sealed interface Found {
    /** It was started, and is running or has ended. */
    record Started(SupervisedRun run) implements Found {}

    /** It was not started, and never will be. */
    record NotStarted() implements Found {}

    /** It could not be started. */
    record Failed(SpawnFailed failure) implements Found {}

    /** It may have been started, but its keeper ended without a record. */
    record Lost() implements Found {}
  }

  private final KeeperStarts starts;
  private final Form form;
  private final ControlGroups groups;
  private final Executor waiters;

  private Keepers(KeeperStarts starts, Form form, ControlGroups groups, Executor waiters) {
    this.starts = starts;
    this.form = form;
    this.groups = groups;
    this.waiters = waiters;
  }

  /** Why this host cannot run scripts, as a sentence; empty if it can. */
  public static Optional<String> missing() {
    return LibC.unsupported();
  }

  /**
   * Installs the keeper, and detects how processes can be kept together on this host.
   *
   * @param programs the folder to install into; created if it does not exist
   * @param wanted the kind of keeper; empty for the native one if it runs on this host
   * @param name unique name of this agent on the host
   * @param waiters runs a task per run that blocks in native code until the run has ended; must not
   *     use virtual threads
   * @throws IOException if the keeper cannot be installed, with a message for people
   */
  public static Keepers in(Path programs, Optional<Form> wanted, String name, Executor waiters)
      throws IOException {
    return in(programs, wanted, ControlGroups.find(Path.of("/proc"), name), waiters);
  }

  static Keepers in(Path programs, Optional<Form> wanted, ControlGroups groups, Executor waiters)
      throws IOException {
    return in(programs, wanted, groups, waiters, Optional.of(PATIENCE));
  }

  /**
   * As above.
   *
   * @param forking how long a zygote may take to fork; empty to execute all keepers
   */
  static Keepers in(
      Path programs,
      Optional<Form> wanted,
      ControlGroups groups,
      Executor waiters,
      Optional<Duration> forking)
      throws IOException {
    Files.createDirectories(
        programs,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (wanted.orElse(Form.NATIVE) == Form.NATIVE) {
      var starts = nativeStarts(programs, forking);
      if (starts.isPresent()) {
        return new Keepers(starts.get(), Form.NATIVE, groups, waiters);
      }
      if (wanted.isPresent()) {
        throw new IOException(
            "The native keeper is not available: this build has none for "
                + System.getProperty("os.arch")
                + ", or "
                + programs
                + " is mounted noexec. Leave out --keeper to use the shell keeper, or build on a"
                + " host with a C compiler.");
      }
      log.info("no native keeper for this host in this build; using the shell keeper");
    }
    var script = install(programs, "keeper.sh").orElseThrow();
    var command = List.of("/bin/sh", script.toString());
    var starts = new KeeperStarts(command, Optional.empty(), PATIENCE);
    return new Keepers(starts, Form.SHELL, groups, waiters);
  }

  /** The keeper and the containment method in use, for the log. */
  public String description() {
    var keeper = form == Form.NATIVE ? "native" : "shell";
    return "keeper: "
        + keeper
        + ", process containment: "
        + (groups.isUsable() ? groups.method() : "session")
        + ". "
        + groups.why();
  }

  /** Memory for a run whose task sets no limit: nine tenths of the host's, if it can be limited. */
  public OptionalLong usualMemory() {
    return groups.canLimitMemory() ? HOST_MEMORY : OptionalLong.empty();
  }

  /** Processes for a run whose task sets no limit, if their number can be limited. */
  public OptionalInt usualProcesses() {
    return groups.canLimitProcesses()
        ? OptionalInt.of(ResourceLimits.USUAL_PROCESSES)
        : OptionalInt.empty();
  }

  private static OptionalLong mostMemory() {
    try (var lines = Files.lines(Path.of("/proc/meminfo"))) {
      return lines
          .filter(line -> line.startsWith("MemTotal:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 10 * 9)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }

  /**
   * Starts a command under a keeper.
   *
   * @param folder the run folder, without the files of a keeper; its name must be unique on this
   *     host
   * @return the run; one that is lost if its keeper was killed while it started the command
   * @throws SpawnFailed if the command could not be started
   * @throws IOException if the folder is not writable
   */
  public SupervisedRun start(Path folder, Command command, RunLimits limits) throws IOException {
    if (form == Form.SHELL) {
      var own =
          Files.createDirectory(
              folder.resolve(KeeperFiles.SHELL_FOLDER),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      SupervisedRun.reserveRequest(own);
    }
    var run = folder.getFileName().toString();
    var confinement = groups.confine(run, limits.memory(), limits.processes());
    int stdin = LibC.DEV_NULL;
    if (form == Form.NATIVE) {
      stdin = LibC.memoryFile(KeeperOrder.forProgram(run, command, limits, confinement));
    } else {
      var own = folder.resolve(KeeperFiles.SHELL_FOLDER);
      write(own.resolve("order"), KeeperOrder.forShell(run, command, limits, confinement));
      write(own.resolve("command"), KeeperOrder.commandForShell(run, command));
    }
    var program = command.argv().getFirst();
    try (var waiter = Waiter.of(waiters, program)) {
      var files = new KeeperFiles(folder, form);
      var answer = starts.start(folder, stdin);
      if (answer.isStarted()) {
        long pid = Long.parseLong(answer.words().get(1));
        return new SupervisedRun(files, pid, answer.descriptor(), answer.child(), waiter);
      }
      var failure = failure(folder, program, answer);
      if (answer.isEmpty() && form == Form.NATIVE && Files.exists(files.begin())) {
        // It was killed after it had begun, so it may have started the script.
        return new SupervisedRun(files, files.script()[0], -1, 0, waiter);
      }
      throw failure;
    } finally {
      if (stdin != LibC.DEV_NULL) {
        LibC.close(stdin);
      }
    }
  }

  private SpawnFailed failure(Path folder, String program, KeeperStarts.Answer answer) {
    if (answer.child() != 0) {
      var _ = LibC.awaitEnd(answer.child());
      LibC.reap(answer.child());
    }
    if (form == Form.SHELL) {
      // The shell keeper may have started the script, and then failed to fork to report it.
      var _ = killLeftovers(folder);
    }
    var words = answer.words();
    return words.getFirst().equals("failed") && words.size() == 3
        ? SpawnFailed.of(program, words.get(1), Integer.parseInt(words.get(2)))
        : SpawnFailed.of(program, "start", 0);
  }

  /** The process that forks keepers, if there is one. */
  Optional<Zygote> zygote() {
    return starts.zygote();
  }

  /**
   * Finds a run of an earlier process. If it was not started yet, it never will be.
   *
   * @throws IOException if the folder cannot be read
   */
  public Found find(Path folder) throws IOException {
    var files = KeeperFiles.in(folder);
    if (files.preventsStart()) {
      return new Found.NotStarted();
    }
    var recorded = recorded(files);
    if (recorded.isPresent()) {
      return recorded.get();
    }
    var keeper = files.keeper();
    if (keeper.isPresent() && keeper.get()[2].equals(bootId())) {
      int pid = Integer.parseInt(keeper.get()[0]);
      int descriptor = LibC.processDescriptor(pid);
      if (descriptor >= 0) {
        if (ProcessTable.start(pid).equals(OptionalLong.of(Long.parseLong(keeper.get()[1])))) {
          return new Found.Started(
              new SupervisedRun(files, files.script()[0], descriptor, 0, waiters));
        }
        LibC.close(descriptor);
      }
    }
    // It may have ended in the meantime.
    return recorded(files).orElseGet(Found.Lost::new);
  }

  private static Optional<Found> recorded(KeeperFiles files) throws IOException {
    return files
        .end()
        .map(
            lines ->
                ExitRecord.isFailure(lines)
                    ? new Found.Failed(ExitRecord.failure(lines, "The script"))
                    : new Found.Started(
                        new SupervisedRun(files, files.script()[0], ExitRecord.of(lines))));
  }

  /**
   * Kills what is left of a run whose keeper is gone: processes in its control group, in its
   * session, and with its marker variable.
   *
   * @return the processes that could not be killed
   */
  public List<LiveProcess> killLeftovers(Path folder) {
    groups.kill(folder.getFileName().toString());
    var script = KeeperFiles.in(folder).script();
    var marker = MARKER + "=" + folder.getFileName();
    long until = System.nanoTime() + KILL_TIMEOUT;
    while (true) {
      // If the pid was reused, the session is not ours.
      var start = ProcessTable.start(script[0]);
      boolean isOurs = start.isEmpty() || start.getAsLong() == script[1];
      var left = ProcessTable.ofRun(isOurs ? (int) script[0] : -1, marker);
      if (left.isEmpty() || System.nanoTime() > until) {
        return left;
      }
      left.forEach(process -> LibC.kill((int) process.pid(), Signal.SIGKILL.number()));
      LockSupport.parkNanos(POLL_INTERVAL);
    }
  }

  /**
   * Whether the kernel killed a process of the run for exceeding its memory limit. Ask before
   * {@link #release}.
   */
  public boolean wasOutOfMemory(Path folder) {
    return groups.wasOutOfMemory(folder.getFileName().toString());
  }

  /** Releases the kernel resources of a run that has ended. */
  public void release(Path folder) {
    groups.remove(folder.getFileName().toString());
  }

  /** Ends all unknown runs and releases their resources. */
  public void releaseAllBut(Predicate<String> known) {
    groups.removeLeftovers(known);
  }

  @Override
  public void close() {
    starts.close();
    groups.close();
  }

  private static String bootId() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
  }

  private static Optional<KeeperStarts> nativeStarts(Path programs, Optional<Duration> forking)
      throws IOException {
    var program = install(programs, "capataz-keeper-" + System.getProperty("os.arch"));
    if (program.isEmpty()) {
      return Optional.empty();
    }
    var starts =
        new KeeperStarts(
            List.of(program.get().toString()),
            forking.flatMap(_ -> program),
            forking.orElse(PATIENCE));
    return starts.zygote().isPresent() || isRunnable(program.get())
        ? Optional.of(starts)
        : Optional.empty();
  }

  private static boolean isRunnable(Path program) {
    try {
      var pipe = LibC.pipe();
      try {
        int pid;
        try {
          Command version =
              new Command(List.of(program.toString(), "--version"), Map.of(), Path.of("/"));
          pid = Spawner.start(version, LibC.DEV_NULL, pipe.writeEnd());
        } finally {
          LibC.close(pipe.writeEnd());
        }
        var answer = FileCalls.read(pipe.readEnd(), VERSION_BYTES);
        var _ = LibC.awaitEnd(pid);
        LibC.reap(pid);
        return new String(answer, StandardCharsets.US_ASCII).startsWith("capataz-keeper ");
      } finally {
        LibC.close(pipe.readEnd());
      }
    } catch (SpawnFailed e) {
      log.warn("cannot run the native keeper on this host: {}", e.getMessage());
      return false;
    }
  }

  /**
   * Installs a resource as an executable file, named by a hash of its content; empty if there is no
   * such resource.
   */
  private static Optional<Path> install(Path programs, String name) throws IOException {
    byte[] content;
    try (var resource = Keepers.class.getResourceAsStream(name)) {
      if (resource == null) {
        return Optional.empty();
      }
      content = resource.readAllBytes();
    }
    var program = programs.resolve(name + "-" + Integer.toHexString(Arrays.hashCode(content)));
    if (!Files.isExecutable(program) || !Arrays.equals(Files.readAllBytes(program), content)) {
      var fresh = Files.createTempFile(programs, name, ".new");
      Files.write(fresh, content);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
      Files.move(fresh, program, StandardCopyOption.ATOMIC_MOVE);
    }
    return Optional.of(program);
  }

  private static void write(Path file, byte[] content) throws IOException {
    try (var channel =
        Files.newByteChannel(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      var bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }
}
