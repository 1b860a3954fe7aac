package io.capataz.agent.process;

import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Limits of each process of a run, which the kernel enforces without control groups ({@code
 * setrlimit}). There are never core dumps, which would contain secrets.
 *
 * @param openFiles maximum number of open files
 * @param fileBytes maximum size of a file
 * @param userProcesses maximum number of processes of the run's user; empty if the user is not the
 *     run's own
 */
public record ResourceLimits(int openFiles, long fileBytes, OptionalInt userProcesses) {

  static final int USUAL_PROCESSES = 4096;

  private static final int USUAL_OPEN_FILES = 65_536;
  private static final long LEAST_FILE_BYTES = 64L << 20;

  /**
   * Generous limits that keep a run from taking everything.
   *
   * @param folder a file may take nine tenths of the space that is free where this is
   * @param hasOwnUser whether nothing else runs as the user of the run
   */
  public static ResourceLimits usual(Path folder, boolean hasOwnUser) {
    long free = folder.toFile().getUsableSpace();
    return new ResourceLimits(
        USUAL_OPEN_FILES,
        Math.max(LEAST_FILE_BYTES, free / 10 * 9),
        hasOwnUser ? OptionalInt.of(USUAL_PROCESSES) : OptionalInt.empty());
  }
}
