package io.capataz.supervisor.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.host.Pools;
import io.capataz.supervisor.script.ScriptDraft;
import io.capataz.supervisor.script.ScriptFiles;
import io.capataz.supervisor.script.Scripts;
import io.capataz.supervisor.task.Task.Concurrency;
import io.capataz.supervisor.task.Task.OnLost;
import io.capataz.supervisor.task.Task.Retry;
import io.capataz.supervisor.task.Task.Target;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.web.Listing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tasks by HTTP; the rows of seed 004 that list, show and make them. */
@RestController
class TaskController {

  private static final int PAGE = 1_000;

  private final Tasks tasks;
  private final Scripts scripts;
  private final ScriptFiles files;
  private final Hosts hosts;
  private final Pools pools;
  private final InstantSource clock;

  TaskController(
      Tasks tasks,
      Scripts scripts,
      ScriptFiles files,
      Hosts hosts,
      Pools pools,
      InstantSource clock) {
    this.tasks = tasks;
    this.scripts = scripts;
    this.files = files;
    this.hosts = hosts;
    this.pools = pools;
    this.clock = clock;
  }

  /**
   * A task in an answer, in the names of seed 004.
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
   * @param killSignal what a run gets first when it is to end
   * @param killMode {@code all}: all of its processes get it; {@code main_first}: the script's own
   * @param outputLimit how many bytes of each stream are kept
   * @param memoryLimit bytes that a run may use; missing: no limit
   * @param processLimit processes and threads that it may have; missing: no limit
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
      String killSignal,
      String killMode,
      long outputLimit,
      @Nullable Long memoryLimit,
      @Nullable Integer processLimit,
      String customerName,
      Instant creationDate,
      Instant lastUpdate,
      @Nullable String secret) {}

  private static final Listing.Offer<Task> LIST =
      new Listing.Offer<>(
          Map.of(
              "name", new Listing.Order<>("name", Task::name),
              "creation_date", new Listing.Order<>("created", Task::created),
              "last_update", new Listing.Order<>("updated", Task::updated)),
          "name",
          Set.of("name", "host_id", "pool", "script_id", "tags"),
          PAGE,
          PAGE);

  /**
   * {@code GET /{customer}/task} (seed 004, example 1): the tasks, by name. Sorted by {@code name},
   * {@code creation_date} or {@code last_update}; filtered by {@code name host_id pool script_id
   * tags}; see {@link Listing}.
   */
  @GetMapping("/{customer}/task")
  @Allow(role = Role.VIEWER)
  ResponseEntity<List<TaskView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(tasks.list(caller, asked), task -> view(task, null));
  }

  /** {@code GET /{customer}/task/{id}} (seed 004, example 2): one task. */
  @GetMapping("/{customer}/task/{id}")
  @Allow(role = Role.VIEWER)
  TaskView get(@PathVariable String id, Caller.Member caller) {
    return tasks
        .visible(caller, id)
        .map(task -> view(task, null))
        .orElseThrow(() -> ApiProblem.notFound("The task"));
  }

  /**
   * {@code POST /{customer}/task}: makes a task. The answer shows its secret key, this once.
   *
   * <p>Fields: {@code name}, {@code host_id} or {@code pool}, {@code script: {filename, content,
   * interpreter}}, with {@code data} instead of {@code content} where it is no text, or {@code
   * script_id}; and, each optional, {@code description tags task_arguments env timeout grace
   * priority multitasking acls max_parallel concurrency_key concurrency_limit max_attempts on_lost
   * retry_delay run_as kill_signal kill_mode output_limit memory_limit process_limit masked_env}.
   * What is masked is shown to nobody, in this answer neither.
   */
  @PostMapping("/{customer}/task")
  @Allow(role = Role.ADMIN)
  TaskView create(@PathVariable String customer, ApiInput input) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var name = fields.requiredText("name", 200);
    var description = fields.text("description", 10_000);
    var tags = fields.texts("tags", 50, 100);
    var target = target(customer, fields);
    var parameters = ParameterFields.read(fields);
    var priority = fields.whole("priority", -Task.MOST_PRIORITY, Task.MOST_PRIORITY);
    var concurrency = concurrency(fields, parameters);
    var retry = retry(fields);
    var handling = HandlingFields.read(fields);
    var acls = fields.texts("acls", 200, 254);
    var runAs = RunAs.read(fields);
    var environment = Environment.read(fields);
    var maskedVariables = Environment.masked(fields, environment);
    var timeout = fields.whole("timeout", 1, 30L * 24 * 3600);
    var grace = fields.whole("grace", 0, 3600);
    var scriptId = fields.text("script_id", 64);
    var draft = new ScriptDraft[1];
    fields.object("script", script -> draft[0] = ScriptDraft.read(script));
    if (scriptId.isEmpty() == (draft[0] == null) && !fields.has("script")) {
      fields.wrong("script", "required", "or script_id is required.");
    } else if (scriptId.isPresent() && fields.has("script")) {
      fields.wrong("script_id", "conflict", "cannot stand beside script; send one of them.");
    }
    scriptId
        .filter(id -> files.current(customer, id).isEmpty())
        .ifPresent(_ -> fields.wrong("script_id", "not_found", "is not the id of a script here."));
    fields.done();

    var script = scriptId.orElseGet(() -> keep(customer, draft[0]));
    var secretKey = AccessKey.issue(AccessKey.Kind.SK);
    var now = clock.instant();
    var task =
        tasks.add(
            new Task(
                ObjectId.get().toHexString(),
                customer,
                name,
                description.orElse(null),
                tags.orElse(List.of()),
                target.orElseThrow(),
                script,
                parameters,
                environment,
                maskedVariables,
                timeout.isPresent()
                    ? Duration.ofSeconds(timeout.getAsLong())
                    : Task.DEFAULT_TIMEOUT,
                grace.isPresent() ? Duration.ofSeconds(grace.getAsLong()) : Task.DEFAULT_GRACE,
                (int) priority.orElse(0),
                concurrency,
                retry,
                handling,
                new Acl(acls.orElse(List.of())),
                runAs.orElse(null),
                secretKey.key().hash(),
                1,
                now,
                now));
    return view(task, secretKey.text().reveal());
  }

  /** Where jobs run; empty when that is one of the mistakes that {@code fields} has found. */
  private Optional<Target> target(String customer, FieldReader fields) {
    var host = fields.text("host_id", 64);
    var pool = fields.text("pool", 64);
    if (host.isPresent() && pool.isPresent()) {
      fields.wrong("pool", "conflict", "cannot stand beside host_id; send one of them.");
      return Optional.empty();
    }
    if (host.isEmpty() && pool.isEmpty()) {
      if (!fields.has("host_id") && !fields.has("pool")) {
        fields.wrong("host_id", "required", "or pool is required.");
      }
      return Optional.empty();
    }
    if (pool.isPresent()) {
      var known = pools.find(customer, pool.get());
      if (known.isEmpty()) {
        fields.wrong(
            "pool", "not_found", "is not the id of a pool here; see GET /" + customer + "/pool.");
      }
      return known.map(p -> new Target(null, p.id()));
    }
    var known = hosts.find(customer, host.orElseThrow());
    if (known.isEmpty()) {
      fields.wrong(
          "host_id", "not_found", "is not the id of a host here; see GET /" + customer + "/host.");
    }
    return known.map(h -> new Target(h.id(), null));
  }

  private static Concurrency concurrency(FieldReader fields, List<Parameter> parameters) {
    var multitasking = fields.truth("multitasking");
    var most = fields.whole("max_parallel", 1, 10_000);
    var key = fields.text("concurrency_key", 200);
    var mostPerKey = fields.whole("concurrency_limit", 1, 10_000);
    if (multitasking.equals(Optional.of(false)) && most.orElse(1) != 1) {
      fields.wrong(
          "max_parallel", "conflict", "must be 1 or left out where multitasking is false.");
    }
    if (key.isEmpty() && mostPerKey.isPresent()) {
      fields.wrong("concurrency_limit", "conflict", "is for tasks that have a concurrency_key.");
    }
    key.filter(label -> parameters.stream().filter(p -> p.label().equals(label)).count() != 1)
        .ifPresent(
            _ ->
                fields.wrong(
                    "concurrency_key", "not_found", "is not the label of one of task_arguments."));
    key.filter(
            label ->
                parameters.stream()
                    .anyMatch(p -> p.label().equals(label) && p.kind() == Parameter.Kind.FILE))
        .ifPresent(
            _ ->
                fields.wrong(
                    "concurrency_key",
                    "not_a_text",
                    "is the label of a file; files have no value that others could share."));
    return new Concurrency(
        multitasking.equals(Optional.of(false)) ? 1 : (int) most.orElse(0),
        key.orElse(null),
        (int) mostPerKey.orElse(1));
  }

  private static Retry retry(FieldReader fields) {
    var maxAttempts = fields.whole("max_attempts", 1, 20);
    var onLost =
        fields
            .text("on_lost", 10)
            .flatMap(
                word ->
                    switch (word) {
                      case "fail" -> Optional.of(OnLost.FAIL);
                      case "retry" -> Optional.of(OnLost.RETRY);
                      default -> {
                        fields.wrong("on_lost", "unknown_word", "must be fail or retry.");
                        yield Optional.empty();
                      }
                    });
    var delay = fields.whole("retry_delay", 0, 3600);
    if (onLost.equals(Optional.of(OnLost.RETRY)) && maxAttempts.orElse(1) < 2) {
      fields.wrong("on_lost", "conflict", "as retry takes a max_attempts of 2 or more.");
    }
    return new Retry(
        (int) maxAttempts.orElse(1),
        onLost.orElse(OnLost.FAIL),
        delay.isPresent() ? Duration.ofSeconds(delay.getAsLong()) : Task.DEFAULT_RETRY_DELAY);
  }

  private String keep(String customer, @Nullable ScriptDraft draft) {
    if (draft == null) {
      throw new IllegalStateException("The fields were checked, but there is no script.");
    }
    return scripts.add(customer, draft.filename(), draft.interpreter(), draft.content()).id();
  }

  private static Map<String, String> shown(Map<String, String> variables, List<String> masked) {
    var shown = new HashMap<>(variables);
    masked.forEach(name -> shown.replace(name, Task.MASK));
    return shown;
  }

  private static TaskView view(Task task, @Nullable String secret) {
    var concurrency = task.concurrency();
    return new TaskView(
        task.id(),
        "script",
        "ScriptTask",
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
        task.handling().signal(),
        task.handling().mainFirst() ? "main_first" : "all",
        task.handling().output(),
        task.handling().memory(),
        task.handling().processes(),
        task.organization(),
        task.created(),
        task.updated(),
        secret);
  }
}
