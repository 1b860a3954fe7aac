package io.capataz.agent.process;

import java.util.List;

/** How a process ended. */
public sealed interface ExitStatus {

  /**
   * It exited.
   *
   * @param code 0 to 255
   */
  record Exited(int code) implements ExitStatus {}

  /**
   * A signal terminated it.
   *
   * @param signal the signal's name, such as {@code SIGSEGV}
   */
  record Signaled(String signal) implements ExitStatus {
    /** Signals 1 to 31 of Linux, in order. */
    private static final List<String> NAMES =
        List.of(
            "SIGHUP",
            "SIGINT",
            "SIGQUIT",
            "SIGILL",
            "SIGTRAP",
            "SIGABRT",
            "SIGBUS",
            "SIGFPE",
            "SIGKILL",
            "SIGUSR1",
            "SIGSEGV",
            "SIGUSR2",
            "SIGPIPE",
            "SIGALRM",
            "SIGTERM",
            "SIGSTKFLT",
            "SIGCHLD",
            "SIGCONT",
            "SIGSTOP",
            "SIGTSTP",
            "SIGTTIN",
            "SIGTTOU",
            "SIGURG",
            "SIGXCPU",
            "SIGXFSZ",
            "SIGVTALRM",
            "SIGPROF",
            "SIGWINCH",
            "SIGIO",
            "SIGPWR",
            "SIGSYS");

    static Signaled by(int number) {
      return new Signaled(
          number >= 1 && number <= NAMES.size() ? NAMES.get(number - 1) : "SIG" + number);
    }
  }
}
