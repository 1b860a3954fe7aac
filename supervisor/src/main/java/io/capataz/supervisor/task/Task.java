package io.capataz.supervisor.task;

import io.capataz.common.protocol.WorkOrder.Handling;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.credential.CredentialUse;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.secretkey.KeyTarget;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;
import tools.jackson.databind.JsonNode;

/**
 * A definition of what can be run (seed 004, "Propiedades del Modelo").
 *
 * @param id 24 hexadecimal digits
 * @param organization whose it is
 * @param name what people call it
 * @param description what it does, for people
 * @param tags labels for finding it
 * @param target where it runs
 * @param script what it runs
 * @param parameters what it can be given, by order
 * @param environment variables of every run
 * @param maskedVariables the names of those whose values are secrets
 * @param timeout after this long a run gets SIGTERM
 * @param grace after this much longer, SIGKILL
 * @param priority of its jobs, where a run does not say otherwise
 * @param concurrency how many of its jobs may run at once
 * @param retry whether a job is tried again
 * @param handling how a run is stopped, and what it may use; missing in tasks of before there was
 *     such
 * @param acl who, below administrators, may see it
 * @param runAs as whom its scripts run, a user's name or a command template; null: as the agent
 * @param interpreter program and options put before its script; null: what the script says
 * @param enabled whether it may be run; missing in tasks of before there was such
 * @param triggers the ids of the events that start it
 * @param graceTime how long after such an event it is started
 * @param library the named set of tasks that it belongs to
 * @param keepJobs how many of its ended jobs are kept; null: as many as of any task
 * @param keepDays for how many days at the most; null: for as many as those of any task
 * @param credentials which stored credentials its scripts are given; missing in tasks of before
 *     there were such
 * @param kept what its recipe said and means nothing here yet
 * @param version counts its changes, from 1; missing in tasks of before there was such
 * @param created when
 * @param updated when it was last changed
 * @param changedBy who did that; null in tasks of before it was noted
 */
@Document("tasks")
public record Task(
    @Id String id,
    String organization,
    String name,
    @Nullable String description,
    List<String> tags,
    Target target,
    String script,
    List<Parameter> parameters,
    Map<String, String> environment,
    List<String> maskedVariables,
    Duration timeout,
    Duration grace,
    int priority,
    Concurrency concurrency,
    Retry retry,
    Handling handling,
    Acl acl,
    @Nullable String runAs,
    @Nullable List<String> interpreter,
    Boolean enabled,
    List<String> triggers,
    Duration graceTime,
    @Nullable String library,
    @Nullable Integer keepJobs,
    @Nullable Integer keepDays,
    List<CredentialUse> credentials,
    @Nullable JsonNode kept,
    Integer version,
    Instant created,
    Instant updated,
    @Nullable String changedBy) {

  /** The default timeout (seed 004: 600 seconds). */
  static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);

  static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

  static final Duration DEFAULT_RETRY_DELAY = Duration.ofSeconds(10);

  public Task {
    tags = List.copyOf(tags);
    parameters = List.copyOf(parameters);
    environment = Map.copyOf(environment);
    maskedVariables = maskedVariables == null ? List.of() : List.copyOf(maskedVariables);
    handling = handling == null ? Handling.USUAL : handling;
    acl = Acl.orNobody(acl);
    interpreter = interpreter == null ? null : List.copyOf(interpreter);
    enabled = enabled == null || enabled;
    triggers = triggers == null ? List.of() : List.copyOf(triggers);
    graceTime = graceTime == null ? Duration.ZERO : graceTime;
    credentials = credentials == null ? List.of() : List.copyOf(credentials);
    version = version == null ? 1 : version;
  }

  /** The range of priorities in both directions; higher runs first. */
  public static final int MOST_PRIORITY = 100;

  /**
   * The target of jobs: one host, or any host of a pool.
   *
   * @param host the host's id, or null
   * @param pool the pool's id, or null
   */
  public record Target(@Nullable String host, @Nullable String pool) {
    public Target {
      if ((host == null) == (pool == null)) {
        throw new IllegalArgumentException("A target must be either a host or a pool.");
      }
    }
  }

  /**
   * Concurrency limits.
   *
   * @param most of all jobs of the task; 0: as many as there are places
   * @param key the label of the parameter whose value makes jobs wait for each other; null: none
   * @param mostPerKey of the jobs with the same value of that parameter
   */
  public record Concurrency(int most, @Nullable String key, int mostPerKey) {}

  /**
   * Whether a failed job is retried.
   *
   * @param maxAttempts how often it may be tried in all
   * @param onLost what becomes of a job whose host was lost
   * @param delay before the second attempt; doubled for each one after that
   */
  public record Retry(int maxAttempts, OnLost onLost, Duration delay) {

    /** The maximum delay between two attempts. */
    private static final Duration LONGEST_DELAY = Duration.ofHours(1);

    /** The delay after so many attempts, counted from 1. */
    public Duration delayAfter(int attempts) {
      var doubled = delay.multipliedBy(1L << Math.min(Math.max(attempts - 1, 0), 20));
      return doubled.compareTo(LONGEST_DELAY) < 0 ? doubled : LONGEST_DELAY;
    }
  }

  /** What happens to a job if nobody knows how far its script got. */
  public enum OnLost {
    /** It fails: running it twice could do harm. */
    FAIL,
    /** It is retried if attempts are left: running it twice does no harm. */
    RETRY
  }

  /** The argument for the parameter with that label; empty if there is none. */
  public String argument(String label, List<String> arguments) {
    for (var i = 0; i < parameters.size() && i < arguments.size(); i++) {
      if (parameters.get(i).label().equals(label)) {
        return arguments.get(i);
      }
    }
    return "";
  }

  /** What this task's secret keys are issued for. */
  public KeyTarget keyTarget() {
    return new KeyTarget(organization, "task", id);
  }

  /** Whether the parameter with that label is a secret. */
  public boolean isMasked(String label) {
    return parameters.stream().anyMatch(p -> p.masked() && p.label().equals(label));
  }

  /** The positions of arguments that are secrets. */
  public List<Integer> maskedArguments() {
    return IntStream.range(0, parameters.size())
        .filter(place -> parameters.get(place).masked())
        .boxed()
        .toList();
  }

  /** The same task with another script. */
  Task running(String otherScript) {
    return copy(id, target, otherScript, acl, version, updated, changedBy);
  }

  /** Another task with the same definition, for a different target. */
  Task on(String otherId, Target otherTarget) {
    return copy(otherId, otherTarget, script, acl, version, updated, changedBy);
  }

  /** The same task with a different ACL. */
  Task shownTo(Acl others) {
    return copy(id, target, script, others, version, updated, changedBy);
  }

  /** The same task with a version number. */
  Task asVersion(int number, Instant at, String by) {
    return copy(id, target, script, acl, number, at, by);
  }

  /** The same task with the content of that version; the ACL stays. */
  Task restored(Task past) {
    return past.copy(id, past.target, past.script, acl, version, updated, changedBy);
  }

  /** The same task with its values in another form; see {@link TaskSecrets}. */
  Task valued(List<Parameter> otherParameters, Map<String, String> otherEnvironment) {
    return copy(
        id, target, script, otherParameters, otherEnvironment, acl, version, updated, changedBy);
  }

  private Task copy(
      String newId,
      Target newTarget,
      String newScript,
      Acl newAcl,
      int newVersion,
      Instant newUpdated,
      @Nullable String newChangedBy) {
    return copy(
        newId,
        newTarget,
        newScript,
        parameters,
        environment,
        newAcl,
        newVersion,
        newUpdated,
        newChangedBy);
  }

  private Task copy(
      String newId,
      Target newTarget,
      String newScript,
      List<Parameter> newParameters,
      Map<String, String> newEnvironment,
      Acl newAcl,
      int newVersion,
      Instant newUpdated,
      @Nullable String newChangedBy) {
    return new Task(
        newId,
        organization,
        name,
        description,
        tags,
        newTarget,
        newScript,
        newParameters,
        newEnvironment,
        maskedVariables,
        timeout,
        grace,
        priority,
        concurrency,
        retry,
        handling,
        newAcl,
        runAs,
        interpreter,
        enabled,
        triggers,
        graceTime,
        library,
        keepJobs,
        keepDays,
        credentials,
        kept,
        newVersion,
        created,
        newUpdated,
        newChangedBy);
  }
}
