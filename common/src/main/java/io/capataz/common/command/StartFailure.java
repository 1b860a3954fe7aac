package io.capataz.common.command;

/**
 * Why a command cannot start or go on: one or two sentences that say what is wrong and what to do
 * about it. It needs no stack trace.
 */
public class StartFailure extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public StartFailure(String sentence) {
    super(sentence, null, false, false);
  }
}
