package io.capataz.agent.process;

import java.io.IOException;

/** The operating system did not start a process. The message is a sentence that says why. */
public final class SpawnFailed extends IOException {

  private static final long serialVersionUID = 1;

  private final int errno;

  SpawnFailed(String program, int errno) {
    this(program, meaning(errno), errno);
  }

  private SpawnFailed(String program, String why, int errno) {
    super("`" + program + "` could not be started: " + why);
    this.errno = errno;
  }

  /** What a keeper could not do before the program's first instruction. */
  static SpawnFailed of(String program, String stage, int errno) {
    String why =
        switch (stage) {
          case "program" -> meaning(errno);
          case "process" -> meaning(errno);
          case "user" ->
              "the agent may not start it as that user (error "
                  + errno
                  + "); run the agent as root.";
          case "directory" ->
              "its user cannot enter the folder it runs in (error "
                  + errno
                  + "). Give the agent a data folder whose parents everybody may pass through.";
          case "cgroup" -> "its control group cannot be joined (error " + errno + ").";
          case "output", "begin" -> "what it prints cannot be kept: " + meaning(errno);
          default -> "its keeper failed at `" + stage + "` with error " + errno + ".";
        };
    return new SpawnFailed(program, why, errno);
  }

  int errno() {
    return errno;
  }

  private static String meaning(int errno) {
    return switch (errno) {
      case LibC.ENOENT ->
          "it, or the program its `#!` line names, is not on this host (ENOENT). Install it; and"
              + " mind that a Windows line end after `#!` counts as part of the name.";
      case LibC.EACCES ->
          "permission denied (EACCES). It is not executable, or it lies on a file system that is"
              + " mounted noexec.";
      case LibC.E2BIG ->
          "arguments and environment together are longer than this host allows (E2BIG). Hand large"
              + " values over in a file.";
      case LibC.EAGAIN ->
          "there are no more processes to be had (EAGAIN): its control group, its user or the host"
              + " has as many as it may. Run less at once, or raise the limit.";
      case LibC.ENOMEM -> "this host has no memory for another process (ENOMEM).";
      case LibC.ENOEXEC ->
          "it is not a program this host can execute (ENOEXEC). Start it with a `#!` line or name"
              + " an interpreter.";
      case LibC.ENOTDIR -> "a part of its path is not a folder (ENOTDIR).";
      case LibC.ENOSPC -> "no space is left on this host's disk (ENOSPC).";
      case LibC.EMFILE, LibC.ENFILE -> "this host has no more file descriptors to give.";
      case LibC.ETXTBSY -> "its file is still open for writing (ETXTBSY).";
      default -> "the operating system says error " + errno + ".";
    };
  }
}
