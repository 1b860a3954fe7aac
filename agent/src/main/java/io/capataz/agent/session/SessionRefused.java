package io.capataz.agent.session;

/** The supervisor wants nothing to do with this agent. The message is a sentence that says why. */
public final class SessionRefused extends Exception {

  private static final long serialVersionUID = 1;

  SessionRefused(String message) {
    super(message);
  }
}
