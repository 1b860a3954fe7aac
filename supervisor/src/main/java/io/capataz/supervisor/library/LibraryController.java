package io.capataz.supervisor.library;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.library.ApiTask.SourceControl;
import io.capataz.supervisor.library.ApiTask.Version;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.script.Scripts;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.web.LargeBody;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Libraries over HTTP: what the Python package {@code capataz} asks for. */
@RestController
class LibraryController {

  private static final int PAGE = 1_000;

  /** An id has the form of a UUID, so that no other route is meant. */
  private static final String ONE = "/library/{id:[0-9a-f-]{36}}";

  private static final Listing.Offer<ApiTask> LIST =
      new Listing.Offer<>(
          Map.of(
              "name", new Listing.Order<>(ApiTask::name),
              "creation_date", new Listing.Order<>(ApiTask::created)),
          "name",
          Set.of("library", "name"),
          PAGE,
          PAGE);

  private final Libraries libraries;
  private final ApiTasks tasks;
  private final Scripts scripts;

  LibraryController(Libraries libraries, ApiTasks tasks, Scripts scripts) {
    this.libraries = libraries;
    this.tasks = tasks;
    this.scripts = scripts;
  }

  /**
   * {@code GET /library}: lists the API tasks of which the caller may run a version, by name.
   * Filtered by {@code library name}; see {@link Listing}.
   */
  @GetMapping("/library")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ, jobs = true)
  ResponseEntity<List<ApiTaskView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(tasks.list(caller, asked), task -> ApiTaskView.of(task, caller));
  }

  /**
   * {@code POST /library}: registers a Python function or class as the next version of an API task,
   * 0.1 for a new one. The library is made with its first task.
   *
   * <p>Fields: {@code libraryName}, {@code name}, {@code source}, the whole script, and {@code
   * endpoints: [{name, help, parameters: [{name, type, annotation, required, default}]}]}; and,
   * each optional, {@code kind description tags sourceControl apiAccess deployable taskType pool
   * host_id}, and {@code calls: [Library.name]}, the API tasks that its runs may start with their
   * {@code CAPATAZ_JOB_TOKEN}. Without {@code pool} and {@code host_id} it runs where it ran
   * before; a new one on the pool named {@code python}, else on the only host. 409 if it has 150
   * versions.
   */
  @PostMapping("/library")
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  @LargeBody
  ApiTaskView register(ApiInput input, Caller.Member caller) {
    var registration = Registration.read(FieldReader.of(input.object()));
    return ApiTaskView.of(libraries.register(caller, registration), caller);
  }

  /** {@code GET /library/{id}}: returns one API task. */
  @GetMapping(ONE)
  @Allow(role = Role.VIEWER, scope = Scope.TASK_READ)
  ApiTaskView get(@PathVariable String id, Caller.Member caller) {
    return ApiTaskView.of(visible(caller, id), caller);
  }

  /**
   * {@code PUT /library/{id}/promote}: changes the {@code level} of a {@code version}, by default
   * the newest: U, its author; O, the organization; P, the same. 409 if it is at that level.
   */
  @PutMapping(ONE + "/promote")
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ApiTaskView promote(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var level = level(fields);
    var version = version(fields, false);
    fields.done();
    var promoted = libraries.promote(caller, id, version.orElse(null), level.orElseThrow());
    return ApiTaskView.of(promoted.task(), caller).promoting(promoted.version());
  }

  /** {@code PUT /library/{id}/version}: chooses the {@code version} that runs if none is named. */
  @PutMapping(ONE + "/version")
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ApiTaskView choose(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var version = version(fields, true);
    fields.done();
    return ApiTaskView.of(libraries.choose(caller, id, version.orElseThrow()), caller);
  }

  /**
   * {@code DELETE /library/{id}/version/{number}}: removes a version; its number is not used again.
   * 409 if it is the only one.
   */
  @DeleteMapping(ONE + "/version/{number}")
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ApiTaskView deleteVersion(
      @PathVariable String id, @PathVariable String number, Caller.Member caller) {
    return ApiTaskView.of(libraries.deleteVersion(caller, id, number(number)), caller);
  }

  /**
   * A source.
   *
   * @param source the whole script
   */
  record SourceView(String version, String source) {}

  /**
   * {@code GET /library/{id}/version/{number}/source}: returns the script of a version, for its
   * author, for administrators, and for others if its {@code sourceControl} is {@code view} or
   * {@code edit}.
   */
  @GetMapping(ONE + "/version/{number}/source")
  @Allow(role = Role.USER, scope = Scope.TASK_READ)
  SourceView source(@PathVariable String id, @PathVariable String number, Caller.Member caller) {
    var task = visible(caller, id);
    var version = Libraries.versionFor(caller, task, Optional.of(number(number)));
    if (!showsSource(version, caller)) {
      throw ApiProblem.forbidden(
          "no_source_access",
          "The source of version %s of the task %s is not shown: its sourceControl is noAccess."
              .formatted(version.versionNumber(), task.name()));
    }
    return new SourceView(
        version.versionNumber().toString(),
        scripts
            .find(task.organization(), version.script())
            .map(script -> script.bytes().asUtf8())
            .orElseThrow(() -> ApiProblem.notFound("The script")));
  }

  private static boolean showsSource(Version version, Caller.Member caller) {
    return version.exposure().sourceControl() != SourceControl.NO_ACCESS
        || version.by().equals(caller.name())
        || caller.passesAcls();
  }

  /**
   * {@code DELETE /library/{id}}: removes an API task with its versions, and the task that runs it.
   * Waiting jobs are canceled; jobs remain visible.
   */
  @DeleteMapping(ONE)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  Map<String, String> delete(@PathVariable String id, Caller.Member caller) {
    libraries.delete(caller, id);
    return Map.of();
  }

  private ApiTask visible(Caller.Member caller, String id) {
    return tasks
        .find(caller.organization(), id)
        .filter(task -> !task.versionsFor(caller).isEmpty())
        .orElseThrow(Libraries::noSuchTask);
  }

  private static Optional<Level> level(FieldReader fields) {
    var word = fields.requiredText("level", 20);
    var level = List.of(Level.values()).stream().filter(it -> it.name().equals(word)).findFirst();
    if (level.isEmpty() && !word.isEmpty()) {
      fields.wrong("level", "unknown_level", "must be U, O or P.");
    }
    return level;
  }

  private static Optional<VersionNumber> version(FieldReader fields, boolean required) {
    var sent = fields.any("version");
    if (required && sent.isEmpty()) {
      fields.wrong("version", "required", "is required.");
    }
    var version = sent.flatMap(VersionNumber::of);
    if (sent.isPresent() && version.isEmpty()) {
      fields.wrong("version", "wrong_form", "must be a version such as 0.1.");
    }
    return version;
  }

  private static VersionNumber number(String text) {
    return VersionNumber.parse(text).orElseThrow(() -> ApiProblem.notFound("The version"));
  }
}
