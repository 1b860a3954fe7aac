package io.capataz.agent.session;

/** The supervisor rejected this agent. The message is a sentence with the reason. */
public final class SessionRefused extends Exception {

  private static final long serialVersionUID = 1;

  SessionRefused(String message) {
    super(message);
  }
}
