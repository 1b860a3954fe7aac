package io.capataz.agent.policy;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * A run to be checked against the host policy.
 *
 * @param user the user the script runs as, or the template of the command that runs it
 * @param isTemplate whether {@code user} is such a template
 * @param becomesRoot whether the agent switches to root for it
 * @param task the task's id
 * @param taskName the task's name
 * @param digest the verified digest of the script
 * @param interpreter absolute path of the program that runs it, or {@link #NO_INTERPRETER}
 * @param words the interpreter and its options as named by the task, beginning with the full path
 *     of the program; empty if the script itself decides
 * @param environment names of the variables that the task sets
 * @param timeout the timeout of the run
 */
public record WantedRun(
    String user,
    boolean isTemplate,
    boolean becomesRoot,
    String task,
    String taskName,
    String digest,
    String interpreter,
    List<String> words,
    Set<String> environment,
    Duration timeout) {

  /** Interpreter of executables, which need none. */
  public static final String NO_INTERPRETER = "binary";

  public WantedRun {
    words = List.copyOf(words);
    environment = Set.copyOf(environment);
  }
}
