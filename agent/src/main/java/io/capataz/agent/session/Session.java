package io.capataz.agent.session;

import io.capataz.agent.link.SupervisorClient;
import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.SessionOpening;

/**
 * An open session.
 *
 * @param identity the identity of this agent
 * @param supervisor client with the agent's credential
 * @param terms the session's epoch and intervals
 */
public record Session(
    Enrolment.Answer identity, SupervisorClient supervisor, SessionOpening.Answer terms) {

  /** Does not contain the credential. */
  @Override
  public String toString() {
    return "session " + terms.epoch() + " of agent " + identity.agent();
  }
}
