package io.capataz.agent.policy;

import java.time.Duration;
import java.util.Set;

/**
 * What a supervisor wants to be run, as far as a host's policy speaks of it.
 *
 * @param user the user under whom the script would run
 * @param task the task's id
 * @param taskName its name
 * @param digest the script's, checked against its bytes
 * @param interpreter the program that runs it, by full path
 * @param environment the names of the variables that the task sets
 * @param timeout how long it may run
 */
public record WantedRun(
    String user,
    String task,
    String taskName,
    String digest,
    String interpreter,
    Set<String> environment,
    Duration timeout) {
  public WantedRun {
    environment = Set.copyOf(environment);
  }
}
