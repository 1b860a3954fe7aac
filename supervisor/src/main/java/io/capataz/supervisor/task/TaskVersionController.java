package io.capataz.supervisor.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** The versions of tasks over HTTP; not part of seed 004, but in its style. */
@RestController
class TaskVersionController {

  private static final int PAGE = 100;

  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");

  private final Tasks tasks;
  private final TaskVersions versions;
  private final TaskChanges changes;
  private final TaskFields fields;

  TaskVersionController(
      Tasks tasks, TaskVersions versions, TaskChanges changes, TaskFields fields) {
    this.tasks = tasks;
    this.versions = versions;
    this.changes = changes;
    this.fields = fields;
  }

  /**
   * A version in a list.
   *
   * @param changedBy who created it; absent if not recorded
   * @param lastUpdate when it was created
   * @param current whether it is the current version
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record VersionView(
      int version, @Nullable String changedBy, Instant lastUpdate, boolean current, String name) {}

  private static final Listing.Offer<TaskVersion> LIST =
      new Listing.Offer<>(
          Map.of("version", new Listing.Order<>(TaskVersion::number)),
          "-version",
          Set.of(),
          PAGE,
          1_000);

  /**
   * {@code GET /{customer}/task/{id}/version} and {@code GET /task/{id}/version}: lists all
   * versions, newest first: who changed it, and when.
   */
  @GetMapping({"/{customer}/task/{id}/version", "/task/{id}/version"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  ResponseEntity<List<VersionView>> list(
      @PathVariable String id, ApiInput input, Caller.Member caller) {
    var current = visible(caller, id);
    var asked = LIST.read(input);
    return asked.answer(
        versions.list(current, asked),
        version ->
            new VersionView(
                version.number(),
                version.content().revision().changedBy(),
                version.content().revision().updated(),
                version.number() == current.version(),
                version.content().name()));
  }

  /** {@code GET /{customer}/task/{id}/version/{n}}: returns the task at that version. */
  @GetMapping({"/{customer}/task/{id}/version/{number}", "/task/{id}/version/{number}"})
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  TaskView get(@PathVariable String id, @PathVariable String number, Caller.Member caller) {
    return TaskView.of(version(visible(caller, id), number));
  }

  /** The differences between two versions. */
  record DiffView(int version, int with, List<TaskDifference> changes) {}

  /**
   * {@code GET /{customer}/task/{id}/version/{n}/diff?with=m}: returns the differences by field
   * between version {@code n} ({@code before}) and {@code m} ({@code after}); without {@code with},
   * the current version. Secrets are masked on both sides.
   */
  @GetMapping({"/{customer}/task/{id}/version/{number}/diff", "/task/{id}/version/{number}/diff"})
  @Accepts(query = "with")
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  DiffView diff(
      @PathVariable String id, @PathVariable String number, ApiInput input, Caller.Member caller) {
    var current = visible(caller, id);
    var one = version(current, number);
    var with = input.queryText("with").orElse(String.valueOf(current.version()));
    if (!NUMBER.matcher(with).matches()) {
      throw ApiProblem.invalid(
          List.of(new FieldError("/with", "out_of_range", "must be the number of a version.")));
    }
    var other = version(current, with);
    return new DiffView(one.version(), other.version(), TaskDifference.between(one, other));
  }

  /**
   * {@code POST /{customer}/task/{id}/version/{n}/restore}: creates a new version with the content
   * of {@code n}. ACL and secret keys stay unchanged. 409 if its host, pool or script no longer
   * exists; {@code If-Match} as with {@code PUT} of the task.
   */
  @PostMapping({
    "/{customer}/task/{id}/version/{number}/restore",
    "/task/{id}/version/{number}/restore"
  })
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ResponseEntity<TaskView> restore(
      @PathVariable String id,
      @PathVariable String number,
      @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
      Caller.Member caller) {
    var task =
        changes.change(
            caller,
            id,
            ifMatch,
            current -> {
              var past = version(current, number);
              fields.checkStillThere(past);
              return current.restored(past);
            });
    return TaskChanges.tag(task).answer(TaskView.of(task));
  }

  /**
   * A task by fingerprint and version, in the words of seed 004's system.
   *
   * @param fingerprint equal for tasks that do the same
   */
  record FingerprintView(
      String id,
      String name,
      String type,
      @JsonProperty("_type") String className,
      String fingerprint,
      int version) {
    static FingerprintView of(Task task) {
      var content =
          List.of(
                  task.organization(),
                  task.name(),
                  task.start().graceTime(),
                  task.policy().timeout(),
                  task.policy().concurrency(),
                  task.action().runScript().map(FingerprintView::doing).orElseGet(task::action),
                  task.parameters().stream().map(Parameter::label).toList())
              .toString();
      return new FingerprintView(
          task.id(),
          task.name(),
          task.action().kind().type(),
          task.action().kind().taskClass(),
          UUID.nameUUIDFromBytes(content.getBytes(StandardCharsets.UTF_8)).toString(),
          task.version());
    }

    private static Object doing(RunScript script) {
      return List.of(
          script.script(),
          String.valueOf(script.runAs()),
          new TreeSet<>(script.environment().keySet()));
    }
  }

  private static final Listing.Offer<Task> ALL =
      new Listing.Offer<>(
          Map.of("name", new Listing.Order<>(Task::name)), "name", Set.of(), 1_000, 1_000);

  /**
   * {@code GET /task/version}: lists tasks by what they do; of tasks with the same fingerprint and
   * version, only the first.
   */
  @GetMapping({"/task/version", "/{customer}/task/version"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_READ)
  ResponseEntity<List<FingerprintView>> fingerprints(ApiInput input, Caller.Member caller) {
    var asked = ALL.read(input);
    var page = tasks.list(caller, asked);
    var seen = new HashSet<String>();
    var first = new ArrayList<Task>();
    for (var task : page.items()) {
      if (seen.add(FingerprintView.of(task).fingerprint() + ":" + task.version())) {
        first.add(task);
      }
    }
    return asked.answer(new Listing.Page<>(first, page.last()), FingerprintView::of);
  }

  private Task version(Task current, String number) {
    if (!NUMBER.matcher(number).matches()) {
      throw noSuchVersion();
    }
    return versions
        .find(current, Integer.parseInt(number))
        .orElseThrow(TaskVersionController::noSuchVersion);
  }

  private Task visible(Caller.Member caller, String id) {
    return tasks.visible(caller, id).orElseThrow(TaskChanges::noSuchTask);
  }

  private static ApiProblem noSuchVersion() {
    return ApiProblem.notFound("That version of the task");
  }
}
