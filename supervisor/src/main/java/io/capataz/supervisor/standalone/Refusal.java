package io.capataz.supervisor.standalone;

/**
 * Why a command will not run, in one sentence or two for the person at the terminal: what, which,
 * why, and what to do now. It needs no stack trace.
 */
final class Refusal extends RuntimeException {

  private static final long serialVersionUID = 1L;

  Refusal(String sentence) {
    super(sentence, null, false, false);
  }
}
