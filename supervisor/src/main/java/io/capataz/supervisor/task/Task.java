package io.capataz.supervisor.task;

import io.capataz.supervisor.access.Acl;
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
 * @param about what people know about it
 * @param target where it runs
 * @param parameters what a run can be given, in order
 * @param action what its jobs do
 * @param start what starts it
 * @param policy what holds for each of its jobs
 * @param acl who may see it, besides administrators
 * @param revision which version of it this is
 */
@Document("tasks")
public record Task(
    @Id String id,
    String organization,
    String name,
    About about,
    Target target,
    List<Parameter> parameters,
    Action action,
    Start start,
    Policy policy,
    Acl acl,
    Revision revision) {

  public Task {
    parameters = List.copyOf(parameters);
  }

  /**
   * Information for people, and for tools that organize tasks.
   *
   * @param tags labels for finding it
   * @param library the named set of tasks that it belongs to
   * @param kept settings from its recipe that have no meaning here yet
   */
  public record About(
      @Nullable String description,
      List<String> tags,
      @Nullable String library,
      @Nullable JsonNode kept) {
    public About {
      tags = List.copyOf(tags);
    }
  }

  /**
   * What starts a task.
   *
   * @param enabled whether it may be run at all
   * @param triggers the ids of the events that start it
   * @param emitters what emits these events, see {@link EventId}; derived, for an index
   * @param graceTime how long after such an event it is started
   */
  public record Start(
      boolean enabled, List<String> triggers, List<String> emitters, Duration graceTime) {
    public Start {
      triggers = List.copyOf(triggers);
      emitters = List.copyOf(emitters);
    }

    static Start of(boolean enabled, List<String> triggers, Duration graceTime) {
      return new Start(enabled, triggers, EventId.emittersOf(triggers), graceTime);
    }
  }

  /**
   * What holds for each job of a task.
   *
   * @param timeout after this long a run gets SIGTERM
   * @param grace after this much longer, SIGKILL
   * @param priority where a run does not say otherwise
   * @param concurrency how many may run at once
   * @param retry whether a failed job is tried again
   * @param keepJobs how many ended jobs are kept; null: as many as of any task
   * @param keepDays for how many days at most; null: for as many as those of any task
   * @param callbackUrl where their ends are reported, unless a run says otherwise; null: nowhere,
   *     or where a profile says
   */
  public record Policy(
      Duration timeout,
      Duration grace,
      int priority,
      Concurrency concurrency,
      Retry retry,
      @Nullable Integer keepJobs,
      @Nullable Integer keepDays,
      @Nullable String callbackUrl) {

    /** The default timeout (seed 004: 600 seconds). */
    static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(10);

    static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

    static final Duration DEFAULT_RETRY_DELAY = Duration.ofSeconds(10);
  }

  /**
   * A version of a task.
   *
   * @param version counts the changes, from 1
   * @param created when the task was created
   * @param updated when this version was
   * @param changedBy who created this version
   */
  public record Revision(int version, Instant created, Instant updated, String changedBy) {
    /** The next version. */
    Revision next(Instant at, String by) {
      return new Revision(version + 1, created, at, by);
    }
  }

  /** The range of priorities in both directions; higher runs first. */
  public static final int MOST_PRIORITY = 100;

  /**
   * The target of jobs: one host, or any host of a pool; neither, if no agent runs them.
   *
   * @param host the host's id, or null
   * @param pool the pool's id, or null
   */
  public record Target(@Nullable String host, @Nullable String pool) {

    /** The target of jobs that no agent runs. */
    public static final Target NONE = new Target(null, null);

    public Target {
      if (host != null && pool != null) {
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

  /** The position of the parameter with that label; -1 if there is none. */
  public int position(String label) {
    return IntStream.range(0, parameters.size())
        .filter(place -> parameters.get(place).label().equals(label))
        .findFirst()
        .orElse(-1);
  }

  /** The positions of arguments that are secrets. */
  public List<Integer> maskedArguments() {
    return IntStream.range(0, parameters.size())
        .filter(place -> parameters.get(place).masked())
        .boxed()
        .toList();
  }

  /**
   * The parameters that the arguments of a run are checked against. What an input will ask for may
   * be left out; what is given is offered to whoever is asked.
   */
  public List<Parameter> runParameters() {
    return action instanceof AskInput input && input.asks()
        ? parameters.stream().map(Parameter::optional).toList()
        : parameters;
  }

  /** The number of this version. */
  public int version() {
    return revision.version();
  }

  /** The same task with another script. */
  public Task running(String script) {
    return new Task(
        id,
        organization,
        name,
        about,
        target,
        parameters,
        action.asScript().running(script),
        start,
        policy,
        acl,
        revision);
  }

  /**
   * What a workflow changes in a task for one of its steps.
   *
   * @param acl who may see the step's job
   * @param environment more variables, which win over the task's own
   * @param timeout of each attempt; null: the task's
   * @param attempts how often it may be tried in all; null: as often as the task says
   * @param delay before the second attempt; null: the task's
   */
  public record Adjustment(
      Acl acl,
      Map<String, String> environment,
      @Nullable Duration timeout,
      @Nullable Integer attempts,
      @Nullable Duration delay) {
    public Adjustment {
      environment = Map.copyOf(environment);
    }

    private Policy of(Policy policy) {
      var retry = policy.retry();
      return new Policy(
          timeout == null ? policy.timeout() : timeout,
          policy.grace(),
          policy.priority(),
          policy.concurrency(),
          new Retry(
              attempts == null ? retry.maxAttempts() : attempts,
              retry.onLost(),
              delay == null ? retry.delay() : delay),
          policy.keepJobs(),
          policy.keepDays(),
          policy.callbackUrl());
    }
  }

  /** The same task as a step of a workflow has it. */
  public Task adjusted(Adjustment how) {
    return new Task(
        id,
        organization,
        name,
        about,
        target,
        parameters,
        action instanceof RunScript script ? script.withVariables(how.environment()) : action,
        start,
        how.of(policy),
        how.acl(),
        revision);
  }

  /** Another task with the same definition, for a different target. */
  Task on(String otherId, Target otherTarget) {
    return new Task(
        otherId,
        organization,
        name,
        about,
        otherTarget,
        parameters,
        action,
        start,
        policy,
        acl,
        revision);
  }

  /** The same task for a run of it on another target, whose job others may see. */
  public Task placed(Target where, Acl others) {
    return on(id, where).shownTo(others);
  }

  /** The same task with a different ACL. */
  Task shownTo(Acl others) {
    return new Task(
        id, organization, name, about, target, parameters, action, start, policy, others, revision);
  }

  /** The same task as another version. */
  Task as(Revision other) {
    return new Task(
        id, organization, name, about, target, parameters, action, start, policy, acl, other);
  }

  /** The same task with the content of a past version; the ACL stays. */
  Task restored(Task past) {
    return past.shownTo(acl).as(revision);
  }

  /** The same task with its values in another form; see {@link TaskSecrets}. */
  Task valued(List<Parameter> otherParameters, Action otherAction) {
    return new Task(
        id,
        organization,
        name,
        about,
        target,
        otherParameters,
        otherAction,
        start,
        policy,
        acl,
        revision);
  }
}
