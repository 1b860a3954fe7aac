package io.capataz.agent.job;

/** The host cannot run a script. The message is a sentence for the person who reads the job. */
final class CannotStart extends Exception {

  private static final long serialVersionUID = 1;

  CannotStart(String reason) {
    super(reason);
  }

  CannotStart(String reason, Throwable cause) {
    super(reason, cause);
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
