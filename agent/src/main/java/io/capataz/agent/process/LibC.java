package io.capataz.agent.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Bindings for the C functions that start, signal and await processes. {@link ProcessBuilder} is
 * not used, because it starts a helper program first (twice the CPU per run), has no {@code
 * setsid}, and reaps a process before we are done with its pid.
 *
 * <p>Constants are those of Linux with glibc, which {@link #unsupported()} checks for.
 */
final class LibC {

  /** Stands for {@code /dev/null}. */
  static final int DEV_NULL = -1;

  static final int EPERM = 1;
  static final int ENOENT = 2;
  static final int ESRCH = 3;
  static final int EINTR = 4;
  static final int E2BIG = 7;
  static final int ENOEXEC = 8;
  static final int EAGAIN = 11;
  static final int ENOMEM = 12;
  static final int EACCES = 13;
  static final int EBUSY = 16;
  static final int ENOTDIR = 20;
  static final int EISDIR = 21;
  static final int ENFILE = 23;
  static final int EMFILE = 24;
  static final int ETXTBSY = 26;
  static final int ENOSPC = 28;
  static final int ELOOP = 40;

  /** Stands for the working directory where a function takes a folder's descriptor. */
  static final int AT_FDCWD = -100;

  static final int O_RDONLY = 0;
  private static final int O_WRONLY = 1;
  static final int O_DIRECTORY = onArm(0x4000, 0x1_0000);
  static final int O_CLOEXEC = 0x8_0000;
  private static final int MFD_CLOEXEC = 1;

  private static final short POSIX_SPAWN_SETSIGDEF = 0x04;
  private static final short POSIX_SPAWN_SETSIGMASK = 0x08;
  private static final short POSIX_SPAWN_SETSID = 0x80;

  private static final long SYS_PIDFD_SEND_SIGNAL = 424;
  private static final long SYS_PIDFD_OPEN = 434;
  private static final short POLLIN = 1;
  static final int POLLHUP = 16;

  private static final int P_PID = 1;
  private static final int WNOHANG = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x0100_0000;
  private static final int CLD_EXITED = 1;

  /**
   * Larger than posix_spawnattr_t, posix_spawn_file_actions_t, sigset_t and siginfo_t of any glibc.
   */
  private static final long STRUCT_BYTES = 512;

  /** {@code si_code} and {@code si_status} within siginfo_t on 64-bit Linux. */
  private static final long SI_CODE = 8;

  private static final long SI_STATUS = 24;

  /** {@code si_pid} and {@code si_value} of a signal with a value. */
  private static final long SI_PID = 16;

  private static final long SI_VALUE = 24;
  private static final int SI_QUEUE = -1;

  static final Linker LINKER = Linker.nativeLinker();
  static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  static final VarHandle ERRNO_VALUE =
      Linker.Option.captureStateLayout()
          .varHandle(java.lang.foreign.MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle POSIX_SPAWN =
      function("posix_spawn", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  private static final MethodHandle ACTIONS_INIT =
      function("posix_spawn_file_actions_init", ADDRESS);
  private static final MethodHandle ACTIONS_DESTROY =
      function("posix_spawn_file_actions_destroy", ADDRESS);
  private static final MethodHandle ACTIONS_OPEN =
      function("posix_spawn_file_actions_addopen", ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle ACTIONS_DUP2 =
      function("posix_spawn_file_actions_adddup2", ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle ACTIONS_CHDIR =
      function("posix_spawn_file_actions_addchdir_np", ADDRESS, ADDRESS);
  private static final MethodHandle ACTIONS_CLOSEFROM =
      function("posix_spawn_file_actions_addclosefrom_np", ADDRESS, JAVA_INT);
  private static final MethodHandle ATTR_INIT = function("posix_spawnattr_init", ADDRESS);
  private static final MethodHandle ATTR_DESTROY = function("posix_spawnattr_destroy", ADDRESS);
  private static final MethodHandle ATTR_FLAGS =
      function("posix_spawnattr_setflags", ADDRESS, JAVA_SHORT);
  private static final MethodHandle ATTR_SIGDEFAULT =
      function("posix_spawnattr_setsigdefault", ADDRESS, ADDRESS);
  private static final MethodHandle ATTR_SIGMASK =
      function("posix_spawnattr_setsigmask", ADDRESS, ADDRESS);
  private static final MethodHandle SIGFILLSET = function("sigfillset", ADDRESS);
  private static final MethodHandle SIGEMPTYSET = function("sigemptyset", ADDRESS);
  private static final MethodHandle KILL = function("kill", JAVA_INT, JAVA_INT);
  private static final MethodHandle GETSID = function("getsid", JAVA_INT);
  private static final MethodHandle GETPGID = function("getpgid", JAVA_INT);
  private static final MethodHandle WAITPID = function("waitpid", JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle CLOSE = function("close", JAVA_INT);
  private static final MethodHandle PIPE2 =
      LINKER.downcallHandle(
          symbol("pipe2"), FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), ERRNO);
  private static final MethodHandle MEMFD_CREATE =
      LINKER.downcallHandle(
          symbol("memfd_create"), FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT), ERRNO);
  private static final MethodHandle WAITID =
      LINKER.downcallHandle(
          symbol("waitid"),
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
          ERRNO);
  private static final MethodHandle POLL =
      LINKER.downcallHandle(
          symbol("poll"), FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT), ERRNO);
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          symbol("syscall"),
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT),
          ERRNO,
          Linker.Option.firstVariadicArg(1));

  private LibC() {}

  /** What this host lacks, as a sentence; empty if nothing. Call this first. */
  static Optional<String> unsupported() {
    boolean linux =
        System.getProperty("os.name", "").toLowerCase(Locale.ROOT).equals("linux")
            && ValueLayout.ADDRESS.byteSize() == 8;
    boolean glibc =
        linux
            && Linker.nativeLinker()
                .defaultLookup()
                .find("posix_spawn_file_actions_addclosefrom_np")
                .isPresent();
    if (!glibc) {
      return Optional.of(
          "The agent requires 64-bit Linux with glibc 2.34 or newer (Debian 12, Ubuntu 22.04, RHEL"
              + " 9 or later); this is "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.version")
              + (linux ? " with a different or older C library." : "."));
    }
    int self = processDescriptor((int) ProcessHandle.current().pid());
    if (self < 0) {
      return Optional.of(
          "The agent requires pidfd_open (Linux 5.3 or newer, and not blocked by a container"
              + " runtime); this is Linux "
              + System.getProperty("os.version")
              + ".");
    }
    close(self);
    return Optional.empty();
  }

  /**
   * Starts a process in its own session, with default signal dispositions, no blocked signals,
   * standard error on {@code /dev/null}, and no other descriptors than 0, 1 and 2.
   *
   * @param stdin the descriptor for its standard input, or {@link #DEV_NULL}
   * @param stdout the descriptor for its standard output
   * @return its process id
   */
  static int spawn(Command command, int stdin, int stdout) throws SpawnFailed {
    var program = command.argv().getFirst();
    try (var arena = Arena.ofConfined()) {
      var actions = arena.allocate(STRUCT_BYTES, 16);
      var attributes = arena.allocate(STRUCT_BYTES, 16);
      check((int) ACTIONS_INIT.invokeExact(actions), program);
      check((int) ATTR_INIT.invokeExact(attributes), program);
      try {
        addActions(actions, arena, command, stdin, stdout);
        setAttributes(attributes, arena, program);
        var path = text(arena, program);
        var argv = texts(arena, command.argv());
        var environment =
            texts(
                arena,
                command.environment().entrySet().stream()
                    .map(variable -> variable.getKey() + "=" + variable.getValue())
                    .toList());
        var pid = arena.allocate(JAVA_INT);
        check(
            (int) POSIX_SPAWN.invokeExact(pid, path, actions, attributes, argv, environment),
            program);
        return pid.get(JAVA_INT, 0);
      } finally {
        int _ = (int) ACTIONS_DESTROY.invokeExact(actions);
        int _ = (int) ATTR_DESTROY.invokeExact(attributes);
      }
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  private static void addActions(
      MemorySegment actions, Arena arena, Command command, int stdin, int stdout) throws Throwable {
    var program = command.argv().getFirst();
    var nothing = text(arena, "/dev/null");
    if (stdin == DEV_NULL) {
      check((int) ACTIONS_OPEN.invokeExact(actions, 0, nothing, O_RDONLY, 0), program);
    } else {
      check((int) ACTIONS_DUP2.invokeExact(actions, stdin, 0), program);
    }
    check((int) ACTIONS_DUP2.invokeExact(actions, stdout, 1), program);
    check((int) ACTIONS_OPEN.invokeExact(actions, 2, nothing, O_WRONLY, 0), program);
    var directory = text(arena, command.directory().toString());
    check((int) ACTIONS_CHDIR.invokeExact(actions, directory), program);
    check((int) ACTIONS_CLOSEFROM.invokeExact(actions, 3), program);
  }

  /** The JVM blocks some signals and ignores SIGPIPE; scripts must start without either. */
  private static void setAttributes(MemorySegment attributes, Arena arena, String program)
      throws Throwable {
    var signals = arena.allocate(STRUCT_BYTES, 16);
    check((int) SIGFILLSET.invokeExact(signals), program);
    check((int) ATTR_SIGDEFAULT.invokeExact(attributes, signals), program);
    check((int) SIGEMPTYSET.invokeExact(signals), program);
    check((int) ATTR_SIGMASK.invokeExact(attributes, signals), program);
    short flags = (short) (POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    check((int) ATTR_FLAGS.invokeExact(attributes, flags), program);
  }

  /**
   * A pipe that is not inherited by other processes.
   *
   * @param readEnd descriptor to read from
   * @param writeEnd descriptor to write to
   */
  record Pipe(int readEnd, int writeEnd) {}

  static Pipe pipe() throws SpawnFailed {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var ends = arena.allocate(JAVA_INT, 2);
      if ((int) PIPE2.invokeExact(state, ends, O_CLOEXEC) != 0) {
        throw new SpawnFailed("pipe", (int) ERRNO_VALUE.get(state, 0L));
      }
      return new Pipe(ends.getAtIndex(JAVA_INT, 0), ends.getAtIndex(JAVA_INT, 1));
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /**
   * A descriptor from which {@code content} can be read once. It exists only in memory, and is not
   * inherited by other processes.
   */
  static int memoryFile(byte[] content) throws IOException {
    int descriptor;
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var name = text(arena, "capataz");
      descriptor = (int) MEMFD_CREATE.invokeExact(state, name, MFD_CLOEXEC);
      if (descriptor < 0) {
        throw new SpawnFailed("memfd", (int) ERRNO_VALUE.get(state, 0L));
      }
    } catch (Throwable e) {
      throw rethrow(e);
    }
    try {
      // Written by path, which leaves the read position of the descriptor at the beginning.
      Files.write(Path.of("/proc/self/fd/" + descriptor), content);
      return descriptor;
    } catch (IOException e) {
      close(descriptor);
      throw e;
    }
  }

  static void close(int descriptor) {
    try {
      int _ = (int) CLOSE.invokeExact(descriptor);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Some flags have other values on ARM. */
  static int onArm(int arm, int others) {
    return System.getProperty("os.arch", "").equals("aarch64") ? arm : others;
  }

  /**
   * Opens a pidfd for any process.
   *
   * @return -1 if there is no such process
   */
  static int processDescriptor(int pid) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      return (int) (long) SYSCALL.invokeExact(state, SYS_PIDFD_OPEN, pid, 0, 0L, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Sends a signal through a pidfd, so it cannot reach another process with the same pid. */
  static void signal(int processDescriptor, int signal) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      long _ =
          (long)
              SYSCALL.invokeExact(state, SYS_PIDFD_SEND_SIGNAL, processDescriptor, signal, 0L, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Sends a signal with a value through a pidfd.
   *
   * @throws SpawnFailed if it cannot be queued, because too many signals are waiting
   */
  static void signal(int processDescriptor, int signal, long value) throws SpawnFailed {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var info = arena.allocate(STRUCT_BYTES, 16);
      info.set(JAVA_INT, 0, signal);
      info.set(JAVA_INT, SI_CODE, SI_QUEUE);
      info.set(JAVA_INT, SI_PID, (int) ProcessHandle.current().pid());
      info.set(JAVA_LONG, SI_VALUE, value);
      long done =
          (long)
              SYSCALL.invokeExact(
                  state, SYS_PIDFD_SEND_SIGNAL, processDescriptor, signal, info.address(), 0);
      int errno = (int) ERRNO_VALUE.get(state, 0L);
      if (done != 0 && errno != ESRCH) {
        throw new SpawnFailed("signal", errno);
      }
    } catch (Throwable e) {
      throw rethrow(e);
    }
  }

  /** Blocks until the process of a pidfd has ended. */
  static void awaitEndOf(int processDescriptor) {
    var _ = poll(processDescriptor, -1);
  }

  /**
   * Waits until there is something to read, or nothing can come any more.
   *
   * @return {@code POLLIN} and {@link #POLLHUP}; 0 if neither was the case within the time
   */
  static int poll(int descriptor, Duration atMost) {
    return poll(descriptor, (int) Math.min(atMost.toMillis(), Integer.MAX_VALUE));
  }

  private static int poll(int descriptor, int milliseconds) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var source = arena.allocate(8, 4);
      source.set(JAVA_INT, 0, descriptor);
      source.set(JAVA_SHORT, 4, POLLIN);
      while ((int) POLL.invokeExact(state, source, 1L, milliseconds) < 0) {
        int errno = (int) ERRNO_VALUE.get(state, 0L);
        if (errno != EINTR) {
          throw new IllegalStateException("Waiting for a process failed (error " + errno + ").");
        }
      }
      return source.get(JAVA_SHORT, 6);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Blocks until a child has ended, and leaves it as a zombie, so that its pid is not reused. */
  static ExitStatus awaitEnd(int pid) {
    try (var arena = Arena.ofConfined()) {
      var state = arena.allocate(Linker.Option.captureStateLayout());
      var info = arena.allocate(STRUCT_BYTES, 16);
      while ((int) WAITID.invokeExact(state, P_PID, pid, info, WEXITED | WNOWAIT) != 0) {
        int errno = (int) ERRNO_VALUE.get(state, 0L);
        if (errno != EINTR) {
          throw new IllegalStateException(
              "Waiting for process "
                  + pid
                  + " failed (error "
                  + errno
                  + "): it was already reaped.");
        }
      }
      int status = info.get(JAVA_INT, SI_STATUS);
      return info.get(JAVA_INT, SI_CODE) == CLD_EXITED
          ? new ExitStatus.Exited(status)
          : ExitStatus.Signaled.by(status);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Reaps a child that has ended. */
  static void reap(int pid) {
    try {
      int _ = (int) WAITPID.invokeExact(pid, MemorySegment.NULL, WNOHANG);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Sends a signal to a process, or to the process group {@code -pid}. Missing processes are
   * ignored.
   */
  static void kill(int pid, int signal) {
    try {
      int _ = (int) KILL.invokeExact(pid, signal);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** The session of a process; -1 if there is no such process. */
  static int session(int pid) {
    try {
      return (int) GETSID.invokeExact(pid);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** The process group of a process; -1 if there is no such process. */
  static int group(int pid) {
    try {
      return (int) GETPGID.invokeExact(pid);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static void check(int error, String program) throws SpawnFailed {
    if (error != 0) {
      throw new SpawnFailed(program, error);
    }
  }

  static MemorySegment text(Arena arena, String text) {
    return arena.allocateFrom(text, StandardCharsets.UTF_8);
  }

  private static MemorySegment texts(Arena arena, List<String> texts) {
    var array = arena.allocate(ADDRESS, texts.size() + 1L);
    for (int i = 0; i < texts.size(); i++) {
      array.setAtIndex(ADDRESS, i, text(arena, texts.get(i)));
    }
    array.setAtIndex(ADDRESS, texts.size(), MemorySegment.NULL);
    return array;
  }

  private static MethodHandle function(String name, ValueLayout... parameters) {
    return LINKER.downcallHandle(symbol(name), FunctionDescriptor.of(JAVA_INT, parameters));
  }

  static MemorySegment symbol(String name) {
    var lookup = LINKER.defaultLookup();
    return lookup.findOrThrow(name);
  }

  private static SpawnFailed rethrow(Throwable e) {
    if (e instanceof SpawnFailed failed) {
      return failed;
    }
    throw unexpected(e);
  }

  /** Method handles declare Throwable, but the C functions throw nothing. */
  static RuntimeException unexpected(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
  }
}
