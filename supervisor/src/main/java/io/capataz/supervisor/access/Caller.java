package io.capataz.supervisor.access;

/** Who is asking. Controllers take it as a parameter; it is never read from what a client says. */
public sealed interface Caller {

  /** Nobody we know. A route may still know what to do with a secret key. */
  record Anonymous() implements Caller {}

  /**
   * A program, by its integration token.
   *
   * @param organization the one it may act in
   * @param token the token's id
   * @param role what it may do there
   */
  record Machine(String organization, String token, Role role) implements Caller {}

  /**
   * An agent, by the credential it got when it enrolled.
   *
   * @param organization the one it belongs to
   * @param agent its id
   * @param host the id of the host it is on
   */
  record Agent(String organization, String agent, String host) implements Caller {}

  /** A name for audit and history, as {@code token:…}. */
  default String name() {
    return switch (this) {
      case Anonymous() -> "anonymous";
      case Machine machine -> "token:" + machine.token();
      case Agent agent -> "agent:" + agent.agent();
    };
  }
}
