package io.capataz.agent.job;

/** The script cannot be started on this host. The message is a sentence for users of the job. */
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
