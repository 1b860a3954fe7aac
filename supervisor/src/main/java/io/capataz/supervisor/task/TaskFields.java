package io.capataz.supervisor.task;

import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.host.Pools;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.parameter.ParameterFields;
import io.capataz.supervisor.script.ScriptDraft;
import io.capataz.supervisor.script.ScriptFiles;
import io.capataz.supervisor.secretkey.SecretKeys;
import io.capataz.supervisor.task.Task.About;
import io.capataz.supervisor.task.Task.Concurrency;
import io.capataz.supervisor.task.Task.OnLost;
import io.capataz.supervisor.task.Task.Policy;
import io.capataz.supervisor.task.Task.Retry;
import io.capataz.supervisor.task.Task.Revision;
import io.capataz.supervisor.task.Task.Start;
import io.capataz.supervisor.task.Task.Target;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Reads a task's definition and validates it against existing hosts, pools and scripts. Omitted
 * fields get their defaults. Read-only fields of a response may be sent back.
 */
@Component
class TaskFields {

  /** Read-only fields of a response. */
  private static final String[] READ_ONLY = {
    "id",
    "_id",
    "creation_date",
    "last_update",
    "customer_id",
    "customer_name",
    "version",
    "changed_by",
    "customer",
    "access_token"
  };

  private static final int MOST_HOSTS = 100;

  /** The maximum length of additional fields from a recipe. */
  private static final int MOST_KEPT = 64 * 1024;

  /** The maximum timeout and grace time in seconds. */
  private static final long MONTH = 30L * 24 * 3600;

  /** The maximum timeout of what a supervisor does, in seconds. */
  private static final long LONGEST_CALL = 300;

  private static final Duration DEFAULT_CALL = Duration.ofSeconds(30);

  private static final int NOTIFICATION_ATTEMPTS = 5;

  private static final int MOST_KEPT_JOBS = 1_000_000;

  private static final int MOST_KEPT_DAYS = 3_650;

  private static final Pattern LIBRARY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  private final ScriptFiles scripts;
  private final Hosts hosts;
  private final Pools pools;
  private final SecretKeys keys;
  private final CredentialFields credentials;

  TaskFields(
      ScriptFiles scripts,
      Hosts hosts,
      Pools pools,
      SecretKeys keys,
      CredentialFields credentials) {
    this.credentials = credentials;
    this.scripts = scripts;
    this.hosts = hosts;
    this.pools = pools;
    this.keys = keys;
  }

  /**
   * The result of reading.
   *
   * @param task the whole task, but for its script where that is still to be kept
   * @param brought the script to be kept; null: the task names one that is there
   * @param targets where it is to run; more than one only if there is to be a task for each
   * @param list whether a list of hosts was sent, and so a list of tasks is to be answered
   */
  record Draft(Task task, @Nullable ScriptDraft brought, List<Target> targets, boolean list) {
    Draft {
      targets = List.copyOf(targets);
    }
  }

  /** Reads a new task, or one for each of {@code host_ids}. */
  Draft readNew(FieldReader fields, String organization, Instant now, String by) {
    var id = ObjectId.get().toHexString();
    if (fields.has("secret")) {
      fields.wrong(
          "secret",
          "not_settable",
          "must be left out: the key is generated and shown in the response.");
    }
    return read(fields.ignoring("secret"), organization, null, id, new Revision(1, now, now, by));
  }

  /** Reads the changed task; its version and dates stay. */
  Draft readChanged(FieldReader fields, Task current) {
    // The key shown in a response may be sent back; a client cannot choose a different one.
    fields
        .text("secret", 1_000)
        .filter(
            text ->
                AccessKey.parse(text).filter(key -> keys.opens(current.keyTarget(), key)).isEmpty())
        .ifPresent(
            _ ->
                fields.wrong(
                    "secret",
                    "not_settable",
                    "must not be chosen by the client; POST /%s/task/%s/secret creates a new key."
                        .formatted(current.organization(), current.id())));
    return read(fields, current.organization(), current, current.id(), current.revision());
  }

  private Draft read(
      FieldReader fields,
      String organization,
      @Nullable Task current,
      String id,
      Revision revision) {
    fields.ignoring(READ_ONLY);
    var kind = ActionFields.kind(fields, current);
    var name = fields.requiredName("name", 200);
    var about = about(fields);
    var targets = targets(organization, fields, kind, current == null);
    var parameters = Masks.lifted(fields, ParameterFields.read(fields), current);
    var policy = policy(fields, parameters, kind);
    var acl = AclFields.read(fields).orElse(Acl.ADMINISTRATORS);
    var start = start(fields);
    var brought = new ScriptDraft[1];
    var action = action(organization, fields, kind, parameters, current, brought);
    if (kind != ActionKind.SCRIPT) {
      ActionFields.checkParameters(fields, parameters, kind);
    }
    fields.done();

    return new Draft(
        new Task(
            id,
            organization,
            name,
            about,
            targets.getFirst(),
            parameters,
            action,
            start,
            policy,
            acl,
            revision),
        brought[0],
        targets,
        current == null && (fields.has("host_ids") || fields.has("hosts")));
  }

  private static About about(FieldReader fields) {
    return new About(
        fields.textOrNothing("description", 10_000).orElse(null),
        fields.names("tags", 50, 100).orElse(List.of()),
        library(fields).orElse(null),
        kept(fields).orElse(null));
  }

  private static Start start(FieldReader fields) {
    return Start.of(
        fields.truth("enable").orElse(true),
        fields.names("triggers", 100, 64).orElse(List.of()),
        Duration.ofSeconds(fields.whole("grace_time", 0, MONTH).orElse(0)));
  }

  private static Policy policy(FieldReader fields, List<Parameter> parameters, ActionKind kind) {
    var ours = kind == ActionKind.HTTP || kind == ActionKind.NOTIFICATION;
    return new Policy(
        seconds(
            fields.whole("timeout", 1, ours ? LONGEST_CALL : MONTH),
            ours ? DEFAULT_CALL : Policy.DEFAULT_TIMEOUT),
        seconds(fields.whole("grace", 0, 3600), Policy.DEFAULT_GRACE),
        (int) fields.whole("priority", -Task.MOST_PRIORITY, Task.MOST_PRIORITY).orElse(0),
        concurrency(fields, parameters),
        retry(fields, kind),
        number(fields.whole("keep_jobs", 1, MOST_KEPT_JOBS)),
        number(fields.whole("keep_days", 1, MOST_KEPT_DAYS)),
        CallbackUrl.read(fields, "callback_url").orElse(null));
  }

  private Action action(
      String organization,
      FieldReader fields,
      ActionKind kind,
      List<Parameter> parameters,
      @Nullable Task current,
      @Nullable ScriptDraft[] brought) {
    return switch (kind) {
      case SCRIPT -> runScript(organization, fields, current, brought);
      case APPROVAL -> ActionFields.approval(fields);
      case INPUT -> ActionFields.input(fields);
      case WAIT -> ActionFields.waiting(fields);
      case HTTP -> HttpFields.read(fields, parameters, current);
      case NOTIFICATION -> NotifyFields.read(fields, parameters);
    };
  }

  private RunScript runScript(
      String organization,
      FieldReader fields,
      @Nullable Task current,
      @Nullable ScriptDraft[] brought) {
    var handling = HandlingFields.read(fields);
    var runAs = RunAs.read(fields);
    var variables = Environment.read(fields);
    var masked = Environment.masked(fields, variables);
    var environment = Masks.lifted(fields, "env", variables, masked, current);
    var uses = credentials.read(organization, fields, variables);
    var interpreter = interpreter(fields);
    var launched =
        interpreter.isPresent()
            || runAs.filter(command -> command.contains("%script%")).isPresent();
    var script = script(organization, fields, launched, brought).orElse("");
    return new RunScript(
        script,
        interpreter.orElse(null),
        environment,
        masked,
        uses,
        CallFields.read(fields),
        runAs.orElse(null),
        handling);
  }

  private static Duration seconds(OptionalLong sent, Duration otherwise) {
    return sent.isPresent() ? Duration.ofSeconds(sent.getAsLong()) : otherwise;
  }

  private static @Nullable Integer number(OptionalLong sent) {
    return sent.isPresent() ? (int) sent.getAsLong() : null;
  }

  /**
   * Checks that everything a past version refers to still exists.
   *
   * @throws ApiProblem 409 if not
   */
  void checkStillThere(Task past) {
    var target = past.target();
    var host = target.host();
    var pool = target.pool();
    var gone =
        host != null && hosts.find(past.organization(), host).isEmpty()
            ? "host " + host
            : pool != null && pools.find(past.organization(), pool).isEmpty()
                ? "pool " + pool
                : past.action()
                    .runScript()
                    .map(RunScript::script)
                    .filter(script -> scripts.current(past.organization(), script).isEmpty())
                    .map(script -> "script " + script)
                    .orElse(null);
    if (gone != null) {
      throw ApiProblem.conflict(
          "no_longer_there",
          "That version uses the " + gone + ", which no longer exists. Change the task instead.");
    }
  }

  /** The script's id; empty if the request contains a script, or after a mistake. */
  private Optional<String> script(
      String organization, FieldReader fields, boolean launched, @Nullable ScriptDraft[] brought) {
    var id = fields.text("script_id", 64);
    if (fields.has("script_id") && fields.has("script")) {
      fields.wrong("script_id", "conflict", "must not be sent together with script.");
    } else if (!fields.has("script_id") && !fields.has("script")) {
      fields.wrong("script", "required", "is required unless script_id is sent.");
    }
    var theirs = fields.isText("script");
    if (theirs) {
      id = fields.text("script", 64);
    } else {
      fields.object("script", script -> brought[0] = ScriptDraft.read(script, launched));
    }
    id.filter(known -> scripts.current(organization, known).isEmpty())
        .ifPresent(
            _ ->
                fields.wrong(
                    theirs ? "script" : "script_id",
                    "not_found",
                    "must be the id of an existing script."));
    return id;
  }

  /** The targets; empty after a mistake. */
  private List<Target> targets(
      String organization, FieldReader fields, ActionKind kind, boolean many) {
    var names =
        many
            ? List.of("host_id", "host", "host_ids", "hosts", "pool")
            : List.of("host_id", "host", "pool");
    if (kind != ActionKind.SCRIPT) {
      ActionFields.checkNoTarget(fields, names, kind);
      return List.of(Target.NONE);
    }
    var sent = names.stream().filter(fields::has).toList();
    if (sent.size() > 1) {
      fields.wrong(
          sent.getLast(), "conflict", "must not be sent together with " + sent.getFirst() + ".");
    } else if (sent.isEmpty()) {
      fields.wrong("host_id", "required", "is required unless pool is sent.");
    }
    var hostId = host(organization, fields, "host_id", fields.text("host_id", 254));
    var host = host(organization, fields, "host", fields.text("host", 254));
    var pool = pool(organization, fields);
    if (!many) {
      return hostId.or(() -> host).or(() -> pool).stream().toList();
    }
    var hostIds = hosts(organization, fields, "host_ids");
    var ofHosts = hosts(organization, fields, "hosts");
    return hostId
        .or(() -> host)
        .or(() -> pool)
        .map(List::of)
        .orElseGet(() -> hostIds.isEmpty() ? ofHosts : hostIds);
  }

  private Optional<Target> pool(String organization, FieldReader fields) {
    return fields
        .text("pool", 100)
        .flatMap(
            id -> {
              var known = pools.named(organization, id);
              if (known.isEmpty()) {
                fields.wrong(
                    "pool",
                    "not_found",
                    "must be the id or name of an existing pool; see GET /"
                        + organization
                        + "/pool.");
              }
              return known.map(pool -> new Target(null, pool.id()));
            });
  }

  private Optional<Target> host(
      String organization, FieldReader fields, String name, Optional<String> id) {
    return id.flatMap(
        sent -> {
          var known = hosts.withIdOrName(organization, sent);
          if (known.isEmpty()) {
            fields.wrong(
                name,
                "not_found",
                "must be the id or name of an existing host; see GET /" + organization + "/host.");
          }
          return known.map(host -> new Target(host.id(), null));
        });
  }

  private List<Target> hosts(String organization, FieldReader fields, String name) {
    var sent = fields.texts(name, MOST_HOSTS, 254);
    if (sent.isEmpty()) {
      return List.of();
    }
    var ids = sent.get().stream().distinct().toList();
    if (ids.isEmpty()) {
      fields.wrong(name, "empty", "must name at least one host.");
    }
    var targets = new ArrayList<Target>();
    for (var i = 0; i < ids.size(); i++) {
      host(organization, fields, name + "/" + i, Optional.of(ids.get(i))).ifPresent(targets::add);
    }
    return targets;
  }

  private static Optional<List<String>> interpreter(FieldReader fields) {
    var interpreter = fields.textsOrWord("interpreter", 20, 1_000).filter(argv -> !argv.isEmpty());
    interpreter
        .filter(argv -> argv.getFirst().isBlank())
        .ifPresent(
            _ -> fields.wrong("interpreter", "empty", "must begin with the name of a program."));
    return interpreter;
  }

  private static Optional<String> library(FieldReader fields) {
    var library = fields.text("library", 100);
    library
        .filter(name -> !LIBRARY.matcher(name).matches())
        .ifPresent(
            _ ->
                fields.wrong(
                    "library",
                    "invalid_name",
                    "must start with a letter or digit and contain only letters, digits, '.',"
                        + " '_' and '-'."));
    return library;
  }

  private static Optional<JsonNode> kept(FieldReader fields) {
    var kept = fields.any("kept");
    kept.filter(value -> !value.isObject() || value.toString().length() > MOST_KEPT)
        .ifPresent(
            _ ->
                fields.wrong(
                    "kept",
                    "wrong_type",
                    "must be an object of at most " + MOST_KEPT + " characters."));
    return kept;
  }

  private static Concurrency concurrency(FieldReader fields, List<Parameter> parameters) {
    var multitasking = fields.truth("multitasking");
    var most = fields.whole("max_parallel", 1, 10_000);
    var key = fields.name("concurrency_key", 200);
    var mostPerKey = fields.whole("concurrency_limit", 1, 10_000);
    if (multitasking.equals(Optional.of(false)) && most.orElse(1) != 1) {
      fields.wrong("max_parallel", "conflict", "must be 1 or left out if multitasking is false.");
    }
    if (key.isEmpty() && mostPerKey.isPresent()) {
      fields.wrong(
          "concurrency_limit", "conflict", "must be left out for tasks without a concurrency_key.");
    }
    key.filter(label -> parameters.stream().filter(p -> p.label().equals(label)).count() != 1)
        .ifPresent(
            _ ->
                fields.wrong(
                    "concurrency_key", "not_found", "must be the label of one of task_arguments."));
    key.filter(
            label ->
                parameters.stream()
                    .anyMatch(p -> p.label().equals(label) && p.kind() == Parameter.Kind.FILE))
        .ifPresent(
            _ ->
                fields.wrong(
                    "concurrency_key",
                    "not_a_text",
                    "must not be the label of a file: files have no value to compare."));
    return new Concurrency(
        multitasking.equals(Optional.of(false)) ? 1 : (int) most.orElse(0),
        key.orElse(null),
        (int) mostPerKey.orElse(1));
  }

  /** A notification is sent at least once, unless its task says otherwise. */
  private static Retry retry(FieldReader fields, ActionKind kind) {
    var insists = kind == ActionKind.NOTIFICATION && !fields.has("max_attempts");
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
    if (onLost.equals(Optional.of(OnLost.RETRY)) && maxAttempts.orElse(1) < 2 && !insists) {
      fields.wrong("on_lost", "conflict", "must not be retry unless max_attempts is at least 2.");
    }
    return new Retry(
        (int) maxAttempts.orElse(insists ? NOTIFICATION_ATTEMPTS : 1),
        onLost.orElse(insists ? OnLost.RETRY : OnLost.FAIL),
        seconds(delay, Policy.DEFAULT_RETRY_DELAY));
  }
}
