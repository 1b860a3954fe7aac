package io.capataz.supervisor.task;

import java.util.Map;
import java.util.Optional;

/**
 * What the jobs of a task do. A task has one action, and each job a copy of it as it was when the
 * job was made. Code that depends on the kind of action switches over the permitted records, so
 * that the compiler names every place that has to know about a new one.
 */
public sealed interface Action permits RunScript, Approve, AskInput, Wait, CallHttp, Notify {

  /** Its kind on the wire. */
  default ActionKind kind() {
    return switch (this) {
      case RunScript _ -> ActionKind.SCRIPT;
      case Approve _ -> ActionKind.APPROVAL;
      case AskInput _ -> ActionKind.INPUT;
      case Wait _ -> ActionKind.WAIT;
      case CallHttp _ -> ActionKind.HTTP;
      case Notify _ -> ActionKind.NOTIFICATION;
    };
  }

  /** Who does the work of its jobs. */
  default DoneBy doneBy() {
    return switch (this) {
      case RunScript _ -> DoneBy.AGENT;
      case Approve _ -> DoneBy.PEOPLE;
      case AskInput input -> input.asks() ? DoneBy.PEOPLE : DoneBy.CLOCK;
      case Wait _ -> DoneBy.CLOCK;
      case CallHttp _, Notify _ -> DoneBy.SUPERVISOR;
    };
  }

  /** The script it runs, if it runs one. */
  default Optional<RunScript> runScript() {
    return this instanceof RunScript script ? Optional.of(script) : Optional.empty();
  }

  /** The script to run, for code that handles jobs of agents only. */
  default RunScript asScript() {
    return runScript()
        .orElseThrow(() -> new IllegalStateException("No script is run by " + kind() + "."));
  }

  /** Its texts that are secrets, by names such as {@code env/TOKEN}. */
  default Map<String, String> secrets() {
    return switch (this) {
      case RunScript script -> script.secretVariables();
      case CallHttp call -> call.secretHeaders();
      case Approve _, AskInput _, Wait _, Notify _ -> Map.of();
    };
  }

  /** The same with the secrets in another form, sealed or opened. */
  default Action withSecrets(Map<String, String> others) {
    return switch (this) {
      case RunScript script -> script.withSecretVariables(others);
      case CallHttp call -> call.withSecretHeaders(others);
      case Approve _, AskInput _, Wait _, Notify _ -> this;
    };
  }

  /** About how many bytes its texts have. */
  default long bytes() {
    return switch (this) {
      case RunScript script ->
          script.environment().values().stream().mapToLong(String::length).sum();
      case Approve approve -> approve.approvers().toString().length();
      case AskInput input -> input.people().toString().length();
      case Wait _ -> 0;
      case CallHttp call -> call.length();
      case Notify notify -> notify.subject().length() + notify.body().length();
    };
  }
}
