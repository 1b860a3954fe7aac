package io.capataz.supervisor.task;

import io.capataz.common.protocol.WorkOrder.Handling;
import io.capataz.supervisor.credential.CredentialUse;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.TypeAlias;

/**
 * Runs a script on a host.
 *
 * @param script the script's id: in a task the file's, in a job that of the version it runs
 * @param interpreter program and options placed before the script; null: the script's own
 * @param environment variables of every run; in a job, masked values are sealed
 * @param maskedVariables the names of the variables whose values are secrets
 * @param credentials the stored credentials that the script receives
 * @param calls the ids of the tasks that its runs may start, with a token of their own; see {@code
 *     docs/python-functions.md}
 * @param runAs the user it runs as, a name or a command template; null: the agent's
 * @param handling how it is stopped, and what it may use
 */
@TypeAlias("run_script")
public record RunScript(
    String script,
    @Nullable List<String> interpreter,
    Map<String, String> environment,
    List<String> maskedVariables,
    List<CredentialUse> credentials,
    List<String> calls,
    @Nullable String runAs,
    Handling handling)
    implements Action {

  private static final String ENV = "env/";

  public RunScript {
    interpreter = interpreter == null ? null : List.copyOf(interpreter);
    environment = Map.copyOf(environment);
    maskedVariables = List.copyOf(maskedVariables);
    credentials = List.copyOf(credentials);
    // Absent in what an older supervisor has stored.
    calls = calls == null ? List.of() : List.copyOf(calls);
  }

  /** The same with another script. */
  public RunScript running(String other) {
    return new RunScript(
        other, interpreter, environment, maskedVariables, credentials, calls, runAs, handling);
  }

  /** The same with more variables; a masked one stays as it is. */
  RunScript withVariables(Map<String, String> more) {
    var all = new HashMap<>(more);
    environment.forEach(
        (name, value) -> {
          if (maskedVariables.contains(name) || !all.containsKey(name)) {
            all.put(name, value);
          }
        });
    return new RunScript(
        script, interpreter, all, maskedVariables, credentials, calls, runAs, handling);
  }

  /** The masked variables, by names such as {@code env/TOKEN}. */
  Map<String, String> secretVariables() {
    return maskedVariables.stream()
        .filter(environment::containsKey)
        .collect(Collectors.toMap(name -> ENV + name, name -> value(environment, name)));
  }

  /** The same with other values of the masked variables. */
  RunScript withSecretVariables(Map<String, String> others) {
    var values = new HashMap<>(environment);
    others.forEach((name, value) -> values.put(name.substring(ENV.length()), value));
    return new RunScript(
        script, interpreter, values, maskedVariables, credentials, calls, runAs, handling);
  }

  private static String value(Map<String, String> values, String name) {
    return Objects.requireNonNull(values.get(name));
  }
}
