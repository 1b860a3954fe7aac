package io.capataz.agent.session;

import io.capataz.agent.link.SupervisorClient;
import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.SessionOpening;

/**
 * An open session.
 *
 * @param identity who the supervisor takes this agent for
 * @param supervisor speaks with the agent's credential
 * @param terms the session's epoch, and how often the supervisor wants to hear of it
 */
public record Session(
    Enrolment.Answer identity, SupervisorClient supervisor, SessionOpening.Answer terms) {

  /** Without the credential that the identity holds. */
  @Override
  public String toString() {
    return "session " + terms.epoch() + " of agent " + identity.agent();
  }
}
