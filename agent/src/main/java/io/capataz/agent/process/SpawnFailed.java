package io.capataz.agent.process;

import java.io.IOException;

/** The operating system could not start a process. The message is a sentence with the reason. */
public final class SpawnFailed extends IOException {

  private static final long serialVersionUID = 1;

  private final int errno;

  SpawnFailed(String program, int errno) {
    this(program, meaning(errno), errno);
  }

  private SpawnFailed(String program, String why, int errno) {
    super("Cannot start `" + program + "`: " + why);
    this.errno = errno;
  }

  /** A failure that a keeper reported before the program was executed. */
  static SpawnFailed of(String program, String stage, int errno) {
    String why =
        switch (stage) {
          case "program" -> meaning(errno);
          case "process" -> meaning(errno);
          case "fork" -> "its keeper cannot be started: " + meaning(errno);
          case "user" ->
              "the agent is not allowed to switch to that user (error "
                  + errno
                  + "). Run the agent as root.";
          case "directory" ->
              "its user has no access to the working directory (error "
                  + errno
                  + "). Choose a data folder whose parent directories are executable by everyone.";
          case "cgroup" -> "it cannot join its control group (error " + errno + ").";
          case "limits" -> "its resource limits cannot be set (error " + errno + ").";
          case "output", "begin" -> "its output cannot be stored: " + meaning(errno);
          default -> "its keeper failed at stage `" + stage + "` (error " + errno + ").";
        };
    return new SpawnFailed(program, why, errno);
  }

  int errno() {
    return errno;
  }

  private static String meaning(int errno) {
    return switch (errno) {
      case LibC.ENOENT ->
          "file not found, or the interpreter in its `#!` line not found (ENOENT). Install it, and"
              + " check that the `#!` line does not end with a Windows line ending.";
      case LibC.EACCES ->
          "permission denied (EACCES). The file is not executable, or its file system is mounted"
              + " noexec.";
      case LibC.E2BIG ->
          "arguments and environment exceed the limit of this host (E2BIG). Pass large values as"
              + " files.";
      case LibC.EAGAIN ->
          "process limit reached (EAGAIN) for its control group, its user or the host. Run fewer"
              + " jobs at once, or raise the limit.";
      case LibC.ENOMEM -> "this host is out of memory (ENOMEM).";
      case LibC.ENOEXEC ->
          "unknown executable format (ENOEXEC). Begin the script with a `#!` line or name an"
              + " interpreter.";
      case LibC.ENOTDIR -> "a component of its path is not a directory (ENOTDIR).";
      case LibC.ENOSPC -> "no space left on the disk of this host (ENOSPC).";
      case LibC.EMFILE, LibC.ENFILE -> "file descriptor limit reached.";
      case LibC.ETXTBSY -> "its file is still open for writing (ETXTBSY).";
      default -> "operating system error " + errno + ".";
    };
  }
}
