package io.capataz.supervisor.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.supervisor.credential.CredentialUse;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.parameter.ParameterView;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A task in a response, with the field names of seed 004. Its definition can be sent back
 * unchanged: {@link TaskFields} reads it as the same task.
 *
 * @param env masked values are not shown
 * @param maskedEnv the names of variables whose values are secrets
 * @param timeout seconds
 * @param grace seconds
 * @param multitasking whether several of its jobs may run at once (seed 004)
 * @param maxParallel how many; null: no limit
 * @param concurrencyKey the label of the argument; jobs with the same value share a limit
 * @param concurrencyLimit how many jobs with the same value may run at once
 * @param maxAttempts how many attempts a job may have
 * @param onLost {@code fail} or {@code retry}
 * @param retryDelay seconds before the second attempt, doubled for each later one
 * @param acls the roles, e-mail addresses and tags that may see it, besides administrators
 * @param runAs the user its scripts run as; absent: the agent's
 * @param interpreter program and options placed before its script; absent: the script's own
 * @param killSignal the first signal when a run is ended
 * @param killMode {@code all}: sent to all of its processes; {@code main_first}: only to the
 *     script's own
 * @param outputLimit how many bytes of each stream are kept
 * @param memoryLimit how many bytes of memory a run may use; absent: no limit
 * @param processLimit how many processes and threads a run may have; absent: no limit
 * @param enable whether it can be run
 * @param triggers the ids of events that start it
 * @param graceTime seconds between the event and the run
 * @param library the named set of tasks it belongs to
 * @param keepJobs how many of its finished jobs are kept; absent: the default
 * @param keepDays for how many days its finished jobs are kept; absent: the default
 * @param credentials the stored credentials its scripts receive
 * @param kept settings from its recipe that have no meaning here yet
 * @param version its version number, from 1
 * @param changedBy who created this version
 * @param secret the secret key; only in the response that creates it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TaskView(
    String id,
    String type,
    @JsonProperty("_type") String className,
    String name,
    @Nullable String description,
    List<String> tags,
    @Nullable String hostId,
    @Nullable String pool,
    String scriptId,
    List<ParameterView> taskArguments,
    Map<String, String> env,
    List<String> maskedEnv,
    long timeout,
    long grace,
    int priority,
    boolean multitasking,
    @Nullable Integer maxParallel,
    @Nullable String concurrencyKey,
    @Nullable Integer concurrencyLimit,
    int maxAttempts,
    String onLost,
    long retryDelay,
    List<String> acls,
    @Nullable String runAs,
    @Nullable List<String> interpreter,
    String killSignal,
    String killMode,
    long outputLimit,
    @Nullable Long memoryLimit,
    @Nullable Integer processLimit,
    boolean enable,
    List<String> triggers,
    long graceTime,
    @Nullable String library,
    @Nullable Integer keepJobs,
    @Nullable Integer keepDays,
    List<Use> credentials,
    @Nullable JsonNode kept,
    int version,
    String customerName,
    Instant creationDate,
    Instant lastUpdate,
    @Nullable String changedBy,
    @Nullable String secret)
    implements TasksMade {

  /** The kind of task as {@code type} and {@code _type}; seed 004's system has other kinds too. */
  static final String TYPE = "script";

  static final String CLASS_NAME = "ScriptTask";

  /**
   * How the script receives a stored credential: the variables for its parts.
   *
   * @param credential its id
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Use(
      String credential,
      @Nullable String env,
      @Nullable String fileEnv,
      @Nullable String userEnv,
      @Nullable String passwordEnv) {
    static Use of(CredentialUse use) {
      return new Use(use.credential(), use.env(), use.fileEnv(), use.userEnv(), use.passwordEnv());
    }
  }

  static TaskView of(Task task) {
    return of(task, null);
  }

  static TaskView of(Task task, @Nullable String secret) {
    var concurrency = task.concurrency();
    return new TaskView(
        task.id(),
        TYPE,
        CLASS_NAME,
        task.name(),
        task.description(),
        task.tags(),
        task.target().host(),
        task.target().pool(),
        task.script(),
        task.parameters().stream().map(ParameterView::of).toList(),
        shown(task.environment(), task.maskedVariables()),
        task.maskedVariables(),
        task.timeout().toSeconds(),
        task.grace().toSeconds(),
        task.priority(),
        concurrency.most() != 1,
        concurrency.most() == 0 ? null : concurrency.most(),
        concurrency.key(),
        concurrency.key() == null ? null : concurrency.mostPerKey(),
        task.retry().maxAttempts(),
        task.retry().onLost().name().toLowerCase(Locale.ROOT),
        task.retry().delay().toSeconds(),
        task.acl().entries(),
        task.runAs(),
        task.interpreter(),
        task.handling().signal(),
        task.handling().mainFirst() ? "main_first" : "all",
        task.handling().output(),
        task.handling().memory(),
        task.handling().processes(),
        task.enabled(),
        task.triggers(),
        task.graceTime().toSeconds(),
        task.library(),
        task.keepJobs(),
        task.keepDays(),
        task.credentials().stream().map(Use::of).toList(),
        task.kept(),
        task.version(),
        task.organization(),
        task.created(),
        task.updated(),
        task.changedBy(),
        secret);
  }

  private static Map<String, String> shown(Map<String, String> variables, List<String> masked) {
    var shown = new HashMap<>(variables);
    masked.forEach(name -> shown.replace(name, Parameter.MASK));
    return shown;
  }
}
