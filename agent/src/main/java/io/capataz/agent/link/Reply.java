package io.capataz.agent.link;

import java.util.Optional;

/**
 * What came of a call. Every kind asks for something else of the caller, so none of them is an
 * exception.
 *
 * @param <T> the message of a call that was taken
 */
public sealed interface Reply<T> {

  /** Why the session is over, if this is the answer to a call that speaks for the session. */
  default Optional<String> sessionOver() {
    return switch (this) {
      case Fenced<T>(int status, String detail) when status == 410 ->
          Optional.of("another agent runs with the same identity. " + detail);
      case CredentialRefused<T>(String detail) ->
          Optional.of("the supervisor rejected the credential of this agent. " + detail);
      case Taken<T> _, Fenced<T> _, Faulty<T> _, Unreachable<T> _ -> Optional.empty();
    };
  }

  /** The supervisor took the call. */
  record Taken<T>(T message) implements Reply<T> {}

  /**
   * 409 or 410: whoever speaks so is not the one to speak any more. Of an attempt: stop it, forget
   * it, never report it again. Of a session (410): another one was opened, end.
   */
  record Fenced<T>(int status, String detail) implements Reply<T> {}

  /** 401: the credential is not, or no longer, a good one. */
  record CredentialRefused<T>(String detail) implements Reply<T> {}

  /** The call is a faulty one; repeating it would not help. */
  record Faulty<T>(int status, String detail) implements Reply<T> {}

  /** Nobody knows whether the call arrived. Repeat it: all calls but enrolment are repeatable. */
  record Unreachable<T>(String why) implements Reply<T> {}

  /** The message of a call that answers nothing. */
  enum Nothing {
    NOTHING
  }
}
