package io.capataz.cli.terminal;

/**
 * How a command ends. A command that waits for a job ends with the exit code of its script, and
 * with the last two of these where there is none.
 */
public final class ExitCode {

  public static final int OK = 0;

  /** Something else: the supervisor had a fault, or refused for a reason that has no code here. */
  public static final int FAILED = 1;

  /** The command or its input is wrong. */
  public static final int USAGE = 2;

  /** Not logged in, or not allowed. */
  public static final int NOT_ALLOWED = 3;

  public static final int NOT_FOUND = 4;

  /** The state of the object does not allow it, or a name is ambiguous. */
  public static final int CONFLICT = 5;

  /** The supervisor cannot be reached, or not at the moment. */
  public static final int UNREACHABLE = 6;

  /** The job timed out, as for {@code timeout(1)}. */
  public static final int TIMED_OUT = 124;

  /** The job did not succeed, and no script has said how. */
  public static final int NOT_SUCCEEDED = 125;

  /** A signal of that number ended the script. */
  public static int ofSignal(int number) {
    return 128 + number;
  }

  private ExitCode() {}
}
