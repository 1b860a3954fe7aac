package io.capataz.agent.journal;

import io.capataz.agent.host.Folders;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.WorkOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * What is needed to bring a run to its end, also after a restart of the agent. Stored in the run's
 * folder.
 *
 * @param job the job's id
 * @param attempt the attempt's number
 * @param claim the claim under which it was granted
 * @param taskName the task's name
 * @param grace time between the first signal and SIGKILL
 * @param secrets values to redact in its output
 */
public record RunNote(
    String job, int attempt, String claim, String taskName, Duration grace, List<String> secrets) {

  private static final String FILE = "note";

  public RunNote {
    secrets = secrets == null ? List.of() : List.copyOf(secrets);
  }

  public static RunNote of(WorkOrder order) {
    return new RunNote(
        order.job(),
        order.attempt(),
        order.claim(),
        order.owner().taskName(),
        order.grace(),
        order.secrets());
  }

  public AttemptId id() {
    return new AttemptId(job, attempt);
  }

  public RunningAttempt asRunning(boolean started) {
    return new RunningAttempt(job, attempt, claim, started);
  }

  /** Writes the note into the run's folder. */
  public void write(Path folder) throws IOException {
    Folders.write(folder.resolve(FILE), MessageJson.write(this), "rw-------");
  }

  /**
   * Reads the note from the run's folder.
   *
   * @throws IOException if it is missing or corrupt
   */
  static RunNote read(Path folder) throws IOException {
    var file = folder.resolve(FILE);
    try {
      return MessageJson.read(Files.readAllBytes(file), RunNote.class);
    } catch (JacksonException e) {
      // No cause: it would quote the file, and with it the secrets.
      throw new IOException("The file " + file + " is corrupt.");
    }
  }

  /** Does not contain the secrets. */
  @Override
  public String toString() {
    return job + " attempt " + attempt;
  }
}
