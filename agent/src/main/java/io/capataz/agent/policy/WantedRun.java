package io.capataz.agent.policy;

import java.time.Duration;
import java.util.Set;

/**
 * What a supervisor wants to be run, as far as a host's policy speaks of it.
 *
 * @param user the user under whom the script would run, or the template of the command that runs it
 * @param becomesRoot whether it would be made root's, whoever the agent's user is
 * @param task the task's id
 * @param taskName its name
 * @param digest the script's, checked against its bytes
 * @param interpreter the program that runs it, by full path, or {@link #NO_INTERPRETER}
 * @param environment the names of the variables that the task sets
 * @param timeout how long it may run
 */
public record WantedRun(
    String user,
    boolean becomesRoot,
    String task,
    String taskName,
    String digest,
    String interpreter,
    Set<String> environment,
    Duration timeout) {

  /** Stands for the interpreter of what needs none, because it is a program itself. */
  public static final String NO_INTERPRETER = "binary";

  public WantedRun {
    environment = Set.copyOf(environment);
  }
}
