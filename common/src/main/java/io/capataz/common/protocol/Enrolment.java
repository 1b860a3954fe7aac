package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

/**
 * {@code POST /agent/v1/enrolment}: a new agent makes itself known with a join token, once.
 *
 * @param joinToken single use, short-lived, made by an administrator
 * @param host the name under which tasks will find this host; unique in the organization
 * @param facts what the host is
 */
public record Enrolment(String joinToken, String host, HostFacts facts) {
  public Enrolment {
    requireNonNull(joinToken);
    requireNonNull(host);
    requireNonNull(facts);
  }

  /**
   * The answer. The credential is told here and never again.
   *
   * @param agent the agent's id
   * @param host the host's id, the {@code host_id} of tasks
   * @param organization the name of the organization it belongs to
   * @param credential the bearer token of every later call
   */
  public record Answer(String agent, String host, String organization, String credential) {}
}
