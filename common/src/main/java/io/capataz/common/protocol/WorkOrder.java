package io.capataz.common.protocol;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything an agent needs to run one attempt. What a claim returns; nothing of it travels over
 * Kafka.
 *
 * @param job the job's id
 * @param attempt this attempt's number, to be named in every report
 * @param claim the claim id under which it was granted, to be named in every report
 * @param organization the organization's name
 * @param task the task's id
 * @param taskName the task's name
 * @param script what to run
 * @param arguments given to the script as they are, as argv, never through a shell
 * @param environment added to the small fixed environment of every run
 * @param timeout after this long the script gets SIGTERM
 * @param grace after this much longer, whatever lives gets SIGKILL
 */
public record WorkOrder(
    String job,
    int attempt,
    String claim,
    String organization,
    String task,
    String taskName,
    ScriptText script,
    List<String> arguments,
    Map<String, String> environment,
    Duration timeout,
    Duration grace) {
  public WorkOrder {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  public AttemptId attemptId() {
    return new AttemptId(job, attempt);
  }

  /**
   * A script: bytes and what runs them.
   *
   * @param filename a name for people and for the interpreter's messages; never a path
   * @param digest {@code sha256:} and 64 hexadecimal digits over {@code content}, checked by the
   *     agent before anything runs
   * @param interpreter program and options put before the script, as {@code ["python3", "-u"]};
   *     null: by the script's {@code #!} line, else by the file name's ending
   * @param content the script's bytes
   */
  public record ScriptText(
      String filename, String digest, @Nullable List<String> interpreter, Bytes content) {
    public ScriptText {
      interpreter = interpreter == null ? null : List.copyOf(interpreter);
    }
  }
}
