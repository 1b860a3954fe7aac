package io.capataz.cli.terminal;

/** Why a command ends early: sentences for a person, and the exit code for a script. */
public final class Failure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int code;

  public Failure(int code, String sentences) {
    super(sentences, null, false, false);
    this.code = code;
  }

  public static Failure usage(String sentences) {
    return new Failure(ExitCode.USAGE, sentences);
  }

  /** See {@link ExitCode}. */
  public int code() {
    return code;
  }

  /** What went wrong. */
  public String sentences() {
    return String.valueOf(getMessage());
  }
}
