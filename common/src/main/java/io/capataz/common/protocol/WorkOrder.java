package io.capataz.common.protocol;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything an agent needs to run one attempt; the response to a claim. Nothing of it travels over
 * Kafka.
 *
 * @param grant which attempt of which job it is
 * @param owner whose job it is
 * @param script what to run
 * @param arguments passed to the script unchanged, as argv, never through a shell
 * @param environment added to the small fixed environment of every run
 * @param timeout after this long the script gets SIGTERM
 * @param grace after this much longer, whatever lives gets SIGKILL
 * @param runAs the user it runs as: a name, or a command template that contains {@code %script%};
 *     null: the agent's own user
 * @param handling how it is stopped, and what it may use
 * @param files arguments that are files: they are written into the run's folder, and the script
 *     receives their paths
 * @param secrets texts that must not be seen in what the script prints
 * @param secretFiles secrets that the script receives as files
 */
public record WorkOrder(
    @JsonUnwrapped Grant grant,
    @JsonUnwrapped Owner owner,
    ScriptText script,
    List<String> arguments,
    Map<String, String> environment,
    Duration timeout,
    Duration grace,
    @Nullable String runAs,
    Handling handling,
    List<FileArgument> files,
    List<String> secrets,
    List<SecretFile> secretFiles) {

  /** Variable: the id of the person or the token that asked for the job; not set if unknown. */
  public static final String USER_ID = "CAPATAZ_USER_ID";

  /** Variable: what people call them. */
  public static final String USER_NAME = "CAPATAZ_USER_NAME";

  /** Variable: a person's address. */
  public static final String USER_EMAIL = "CAPATAZ_USER_EMAIL";

  /** Variable: a token for the tasks that the run may start; not set if there are none. */
  public static final String JOB_TOKEN = "CAPATAZ_JOB_TOKEN";

  public WorkOrder {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
    files = List.copyOf(files);
    secrets = List.copyOf(secrets);
    secretFiles = List.copyOf(secretFiles);
  }

  /**
   * Which attempt it is.
   *
   * @param job the job's id
   * @param attempt the number of this attempt, to be named in every report
   * @param claim the claim id under which it was granted, to be named in every report
   */
  public record Grant(String job, int attempt, String claim) {}

  /**
   * Whose job it is.
   *
   * @param organization the organization's name
   * @param task the task's id
   * @param taskName the task's name
   */
  public record Owner(String organization, String task, String taskName) {}

  public AttemptId attemptId() {
    return new AttemptId(job(), attempt());
  }

  public String job() {
    return grant.job();
  }

  public int attempt() {
    return grant.attempt();
  }

  public String claim() {
    return grant.claim();
  }

  /**
   * How a run is stopped, and what it may use of its host.
   *
   * @param signal what it gets first when it is to end, as {@code SIGTERM}
   * @param mainFirst whether that goes to the script's own process alone; else to all of its
   *     processes at once. SIGKILL always goes to all that are left.
   * @param output how many bytes of each stream are kept: the first and the last half of them
   * @param memory bytes of memory that all of its processes together may use; null: no limit
   * @param processes how many processes and threads it may have at once; null: no limit
   */
  public record Handling(
      String signal,
      boolean mainFirst,
      long output,
      @Nullable Long memory,
      @Nullable Integer processes) {

    /** Where the task does not say. */
    public static final Handling USUAL =
        new Handling("SIGTERM", false, 16 * 1024 * 1024, null, null);

    public Handling {
      requireNonNull(signal);
    }
  }

  /**
   * An argument that is a file.
   *
   * @param place which of the arguments, from 0; what stands there is replaced by the file's path
   * @param filename a name for people and programs; never a path
   * @param content the file's bytes
   */
  public record FileArgument(int place, String filename, Bytes content) {
    public FileArgument {
      requireNonNull(filename);
      requireNonNull(content);
    }
  }

  /**
   * A secret in a file, which only the script's user may read and which ends with the run.
   *
   * @param variable the variable that holds the file's path
   * @param filename a name for people and programs; never a path
   * @param content the file's bytes
   */
  public record SecretFile(String variable, String filename, Bytes content) {
    public SecretFile {
      requireNonNull(variable);
      requireNonNull(filename);
      requireNonNull(content);
    }
  }

  /**
   * A script: bytes and what runs them.
   *
   * @param filename a name for people and for the interpreter's messages; never a path
   * @param digest {@code sha256:} and 64 hexadecimal digits over the script's bytes, checked by the
   *     agent before anything runs
   * @param interpreter program and options put before the script, as {@code ["python3", "-u"]};
   *     null: by the script's {@code #!} line, else by the file name's ending
   * @param content the script's bytes; null: they are more than the claim asked for
   */
  public record ScriptText(
      String filename, String digest, @Nullable List<String> interpreter, @Nullable Bytes content) {
    public ScriptText {
      interpreter = interpreter == null ? null : List.copyOf(interpreter);
    }
  }
}
