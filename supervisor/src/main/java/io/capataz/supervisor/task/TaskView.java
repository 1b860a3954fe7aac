package io.capataz.supervisor.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.supervisor.credential.CredentialUse;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.parameter.ParameterView;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A task in a response, with the field names of seed 004. Its definition can be sent back unchanged
 * and is read as the same task.
 *
 * @param acls the roles, e-mail addresses and tags that may see it, besides administrators
 * @param secret the secret key; only in the response that creates it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TaskView(
    @JsonUnwrapped About about,
    @Nullable String hostId,
    @Nullable String pool,
    @JsonUnwrapped What what,
    @JsonUnwrapped Policy policy,
    List<String> acls,
    @JsonUnwrapped @Nullable Handling handling,
    @JsonUnwrapped Start start,
    @JsonUnwrapped Keeping keeping,
    @JsonUnwrapped Revision revision,
    @Nullable String secret)
    implements TasksMade {

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record About(
      String id,
      String type,
      @JsonProperty("_type") String className,
      String name,
      @Nullable String description,
      List<String> tags) {
    static About of(Task task) {
      return new About(
          task.id(),
          task.action().kind().type(),
          task.action().kind().taskClass(),
          task.name(),
          task.about().description(),
          task.about().tags());
    }
  }

  /**
   * What is run.
   *
   * @param scriptId only of a task that runs a script, and so are {@code env} and {@code maskedEnv}
   * @param env masked values are not shown
   * @param maskedEnv the names of variables whose values are secrets
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record What(
      @Nullable String scriptId,
      List<ParameterView> taskArguments,
      @Nullable Map<String, String> env,
      @Nullable List<String> maskedEnv,
      @JsonUnwrapped ActionView action) {
    static What of(Task task) {
      var parameters = task.parameters().stream().map(ParameterView::of).toList();
      var action = ActionView.of(task.action());
      return task.action()
          .runScript()
          .map(
              script ->
                  new What(
                      script.script(),
                      parameters,
                      Parameter.masked(script.environment(), script.maskedVariables()),
                      script.maskedVariables(),
                      action))
          .orElseGet(() -> new What(null, parameters, null, null, action));
    }
  }

  /**
   * What holds for each job.
   *
   * @param timeout seconds
   * @param grace seconds
   * @param multitasking whether several of its jobs may run at once (seed 004)
   * @param maxParallel how many; null: no limit
   * @param concurrencyKey the label of the argument; jobs with the same value share a limit
   * @param concurrencyLimit how many jobs with the same value may run at once
   * @param maxAttempts how many attempts a job may have
   * @param onLost {@code fail} or {@code retry}
   * @param retryDelay seconds before the second attempt, doubled for each later one
   * @param callbackUrl where the ends of its jobs are reported
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Policy(
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
      @Nullable String callbackUrl) {
    static Policy of(Task.Policy policy) {
      var concurrency = policy.concurrency();
      var retry = policy.retry();
      return new Policy(
          policy.timeout().toSeconds(),
          policy.grace().toSeconds(),
          policy.priority(),
          concurrency.most() != 1,
          concurrency.most() == 0 ? null : concurrency.most(),
          concurrency.key(),
          concurrency.key() == null ? null : concurrency.mostPerKey(),
          retry.maxAttempts(),
          retry.onLost().name().toLowerCase(Locale.ROOT),
          retry.delay().toSeconds(),
          policy.callbackUrl());
    }
  }

  /**
   * How a script is started and stopped, and what it may use; absent for a task that runs none.
   *
   * @param runAs the user its scripts run as; absent: the agent's
   * @param calls the ids of the tasks that its runs may start; absent: none
   * @param interpreter program and options placed before its script; absent: the script's own
   * @param killSignal the first signal when a run is ended
   * @param killMode {@code all}: sent to all of its processes; {@code main_first}: only to the
   *     script's own
   * @param outputLimit how many bytes of each stream are kept
   * @param memoryLimit how many bytes of memory a run may use; absent: no limit
   * @param processLimit how many processes and threads a run may have; absent: no limit
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Handling(
      @Nullable String runAs,
      @Nullable List<String> calls,
      @Nullable List<String> interpreter,
      String killSignal,
      String killMode,
      long outputLimit,
      @Nullable Long memoryLimit,
      @Nullable Integer processLimit) {
    static Handling of(RunScript script) {
      var handling = script.handling();
      return new Handling(
          script.runAs(),
          script.calls().isEmpty() ? null : script.calls(),
          script.interpreter(),
          handling.signal(),
          handling.mainFirst() ? "main_first" : "all",
          handling.output(),
          handling.memory(),
          handling.processes());
    }
  }

  /**
   * What starts it.
   *
   * @param enable whether it can be run
   * @param triggers the ids of events that start it
   * @param graceTime seconds between the event and the run
   */
  record Start(boolean enable, List<String> triggers, long graceTime) {
    static Start of(Task.Start start) {
      return new Start(start.enabled(), start.triggers(), start.graceTime().toSeconds());
    }
  }

  /**
   * What is kept of it and with it.
   *
   * @param library the named set of tasks it belongs to
   * @param keepJobs how many of its finished jobs are kept; absent: the default
   * @param keepDays for how many days its finished jobs are kept; absent: the default
   * @param credentials the stored credentials its scripts receive
   * @param kept settings from its recipe that have no meaning here yet
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Keeping(
      @Nullable String library,
      @Nullable Integer keepJobs,
      @Nullable Integer keepDays,
      @Nullable List<Use> credentials,
      @Nullable JsonNode kept) {
    static Keeping of(Task task) {
      return new Keeping(
          task.about().library(),
          task.policy().keepJobs(),
          task.policy().keepDays(),
          task.action()
              .runScript()
              .map(script -> script.credentials().stream().map(Use::of).toList())
              .orElse(null),
          task.about().kept());
    }
  }

  /**
   * Its version.
   *
   * @param version its version number, from 1
   * @param changedBy who created this version
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Revision(
      int version,
      String customerName,
      Instant creationDate,
      Instant lastUpdate,
      @Nullable String changedBy) {
    static Revision of(Task task) {
      var revision = task.revision();
      return new Revision(
          revision.version(),
          task.organization(),
          revision.created(),
          revision.updated(),
          revision.changedBy());
    }
  }

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
    return new TaskView(
        About.of(task),
        task.target().host(),
        task.target().pool(),
        What.of(task),
        Policy.of(task.policy()),
        task.acl().entries(),
        task.action().runScript().map(Handling::of).orElse(null),
        Start.of(task.start()),
        Keeping.of(task),
        Revision.of(task),
        secret);
  }
}
