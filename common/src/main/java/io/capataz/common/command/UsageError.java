package io.capataz.common.command;

/** A flag or a setting that a command does not accept, in one sentence. */
public final class UsageError extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public UsageError(String sentence) {
    super(sentence, null, false, false);
  }
}
