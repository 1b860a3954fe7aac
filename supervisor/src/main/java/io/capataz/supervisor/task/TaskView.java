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
 * A task in an answer, in the names of seed 004. What it says of the definition can be sent back as
 * it is: {@link TaskFields} reads it as the same task.
 *
 * @param env the values of masked ones are not shown
 * @param maskedEnv the names of variables whose values are secrets
 * @param timeout seconds
 * @param grace seconds
 * @param multitasking whether more than one of its jobs may run at once (seed 004)
 * @param maxParallel how many may; null: as many as there are places
 * @param concurrencyKey the label of the argument whose equal values wait for each other
 * @param concurrencyLimit how many jobs with the same value may run at once
 * @param maxAttempts how often a job may be tried
 * @param onLost {@code fail} or {@code retry}
 * @param retryDelay seconds before the second attempt, doubled for each one after that
 * @param acls the roles, e-mail addresses and tags that may see it, besides administrators
 * @param runAs as whom its scripts run; missing: as the agent
 * @param interpreter program and options put before its script; missing: what the script says
 * @param killSignal what a run gets first when it is to end
 * @param killMode {@code all}: all of its processes get it; {@code main_first}: the script's own
 * @param outputLimit how many bytes of each stream are kept
 * @param memoryLimit bytes that a run may use; missing: no limit
 * @param processLimit processes and threads that it may have; missing: no limit
 * @param enable whether it may be run
 * @param triggers the ids of events that start it
 * @param graceTime seconds between such an event and the run
 * @param library the named set of tasks that it belongs to
 * @param keepJobs how many of its ended jobs are kept; missing: as many as of any task
 * @param keepDays for how many days at the most; missing: for as many as those of any task
 * @param credentials the stored credentials that its scripts are given
 * @param kept what its recipe said and means nothing here yet
 * @param version counts its changes, from 1
 * @param changedBy who made this version
 * @param secret the secret key; only in the answer that made it
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

  /** What a task is, as {@code type} and as {@code _type}; seed 004's system has others too. */
  static final String TYPE = "script";

  static final String CLASS_NAME = "ScriptTask";

  /**
   * How a stored credential is given to the script: the variables that hold what.
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
