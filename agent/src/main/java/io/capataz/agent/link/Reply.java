package io.capataz.agent.link;

import java.util.Optional;

/**
 * The result of a call. Each kind requires a different reaction of the caller, so none is an
 * exception.
 *
 * @param <T> the message of a successful call
 */
public sealed interface Reply<T> {

  /** Why the session has ended, if this is the reply to a call of the session. */
  default Optional<String> sessionOver() {
    return switch (this) {
      case Fenced<T>(int status, String detail) when status == 410 ->
          Optional.of("another agent runs with the same identity. " + detail);
      case CredentialRefused<T>(String detail) ->
          Optional.of("the supervisor rejected the credential of this agent. " + detail);
      case Taken<T> _, Fenced<T> _, Faulty<T> _, Unreachable<T> _ -> Optional.empty();
    };
  }

  /** The call succeeded. */
  record Taken<T>(T message) implements Reply<T> {}

  /**
   * 409 or 410: the caller is fenced. An attempt must be stopped and never be reported again. A
   * session (410) was replaced by another one: the agent must end.
   */
  record Fenced<T>(int status, String detail) implements Reply<T> {}

  /** 401: the credential is not valid, or no longer. */
  record CredentialRefused<T>(String detail) implements Reply<T> {}

  /** The request was rejected; a retry would not help. */
  record Faulty<T>(int status, String detail) implements Reply<T> {}

  /**
   * It is unknown whether the call arrived. Retry it: all calls except enrolment are idempotent.
   */
  record Unreachable<T>(String why) implements Reply<T> {}

  /** The message of a call without an answer. */
  enum Nothing {
    NOTHING
  }
}
