package io.capataz.supervisor.library;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.host.Pools;
import io.capataz.supervisor.library.ApiTask.Version;
import io.capataz.supervisor.script.Scripts;
import io.capataz.supervisor.task.Task.Target;
import io.capataz.supervisor.task.TaskTransfers;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Changes API tasks. The ordinary task is changed first, so that there is no version that cannot
 * run. After losing a race against another change, both are done again.
 */
@Component
class Libraries {

  /** Runs the API tasks of which nobody says where they run. */
  private static final String USUAL_POOL = "python";

  /** All versions of a task are stored as one document. */
  private static final int MOST_VERSIONS = 150;

  private final ApiTasks all;
  private final TaskTransfers tasks;
  private final Scripts scripts;
  private final Pools pools;
  private final Hosts hosts;
  private final InstantSource clock;

  Libraries(
      ApiTasks all,
      TaskTransfers tasks,
      Scripts scripts,
      Pools pools,
      Hosts hosts,
      InstantSource clock) {
    this.all = all;
    this.tasks = tasks;
    this.scripts = scripts;
    this.pools = pools;
    this.hosts = hosts;
    this.clock = clock;
  }

  /**
   * Registers the next version of a task, for its author alone.
   *
   * @throws ApiProblem 400 if nobody says where it runs, or it runs nowhere; 403 if the
   *     organization has as much as it may have; 409 if there are as many versions as there may be
   */
  ApiTask register(Caller.Member caller, Registration registration) {
    var organization = caller.organization();
    var id = ApiTasks.idOf(organization, registration.library(), registration.name());
    var isNew = all.find(organization, id).filter(task -> isThere(caller, task)).isEmpty();
    var target = target(organization, registration, isNew);
    checkCalls(organization, id, registration);
    var filename = registration.name() + ".py";
    var source = Bytes.utf8(registration.source());
    var script = scripts.add(organization, filename, null, source).id();
    while (true) {
      var current = all.find(organization, id).orElse(null);
      if (current != null && current.versions().size() >= MOST_VERSIONS) {
        throw ApiProblem.conflict(
            "too_many_versions",
            "The task %s has %d versions. Remove some of them first."
                .formatted(current.name(), MOST_VERSIONS));
      }
      var version = version(caller, registration, script, current);
      var next =
          current == null ? first(id, organization, registration, version) : current.with(version);
      run(caller, next, version, target);
      if (current == null ? all.add(next) : all.change(next)) {
        return next;
      }
    }
  }

  /** A function may call itself; whatever else it calls has been registered before. */
  private void checkCalls(String organization, String id, Registration registration) {
    var calls = registration.definition().calls();
    var errors = new ArrayList<FieldError>();
    for (var i = 0; i < calls.size(); i++) {
      var called = calls.get(i).in(organization);
      if (!called.equals(id) && all.find(organization, called).isEmpty()) {
        errors.add(
            new FieldError("/calls/" + i, "not_found", "must be an API task that is registered."));
      }
    }
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
  }

  /**
   * Checks that somebody says where the task is to run, or that it runs already.
   *
   * @throws ApiProblem 400
   */
  void checkTarget(Caller.Member caller, Registration registration) {
    var organization = caller.organization();
    var id = ApiTasks.idOf(organization, registration.library(), registration.name());
    var isNew = all.find(organization, id).filter(task -> isThere(caller, task)).isEmpty();
    var _ = target(organization, registration, isNew);
  }

  private Version version(
      Caller.Member caller, Registration registration, String script, @Nullable ApiTask current) {
    var number = current == null ? VersionNumber.FIRST : new VersionNumber(current.last()).next();
    return new Version(
        number.tenths(),
        Level.U,
        script,
        registration.definition(),
        registration.exposure(),
        caller.name(),
        clock.instant());
  }

  private ApiTask first(
      String id, String organization, Registration registration, Version version) {
    return new ApiTask(
        id,
        organization,
        registration.library(),
        registration.name(),
        version.number(),
        version.number(),
        List.of(version),
        1,
        clock.instant());
  }

  /** Where a task is to run; null: where it runs already. */
  private @Nullable Target target(String organization, Registration registration, boolean isNew) {
    if (registration.pool() != null) {
      return pools
          .named(organization, registration.pool())
          .map(pool -> new Target(null, pool.id()))
          .orElseThrow(() -> noTarget("pool", "must be the id or name of an existing pool."));
    }
    if (registration.host() != null) {
      return hosts
          .withIdOrName(organization, registration.host())
          .map(host -> new Target(host.id(), null))
          .orElseThrow(() -> noTarget("host_id", "must be the id or name of an existing host."));
    }
    return isNew ? usualTarget(organization) : null;
  }

  private Target usualTarget(String organization) {
    return pools
        .named(organization, USUAL_POOL)
        .map(pool -> new Target(null, pool.id()))
        .or(() -> hosts.only(organization).map(host -> new Target(host.id(), null)))
        .orElseThrow(
            () ->
                noTarget(
                    "pool",
                    "is required: there is no pool named python, and not exactly one host. Send the"
                        + " name of a pool, or host_id."));
  }

  private static ApiProblem noTarget(String field, String detail) {
    return ApiProblem.invalid(List.of(new FieldError("/" + field, "not_found", detail)));
  }

  private boolean isThere(Caller.Member caller, ApiTask task) {
    return tasks.written(caller, task.task()).isPresent();
  }

  /** Has the ordinary task run a version. */
  private void run(Caller.Member caller, ApiTask task, Version version, @Nullable Target target) {
    var body = TaskBody.of(task, version);
    if (target != null) {
      var isHost = target.host() != null;
      body.put(isHost ? "host_id" : "pool", isHost ? target.host() : target.pool());
    }
    if (isThere(caller, task)) {
      tasks.patch(caller, task.task(), body);
    } else {
      tasks.makeAs(task.task(), tasks.check(caller, body));
    }
  }

  /**
   * Changes the level of a version.
   *
   * @param number null: the newest
   * @throws ApiProblem 404 if there is no such version, 409 if it is at that level
   */
  Promoted promote(Caller.Member caller, String id, @Nullable VersionNumber number, Level level) {
    var promoted = new VersionNumber[1];
    var task =
        change(
            caller,
            id,
            current -> {
              var version = number == null ? current.newest() : versionOf(current, number);
              promoted[0] = version.versionNumber();
              if (version.level() == level) {
                throw ApiProblem.conflict(
                    "already_there",
                    "Version %s of the task %s is already in level %s. The levels are U, O and P."
                        .formatted(promoted[0], current.name(), level));
              }
              return current.promoting(promoted[0], level);
            });
    return new Promoted(task, promoted[0]);
  }

  /** A task with a version that has another level now. */
  record Promoted(ApiTask task, VersionNumber version) {}

  /**
   * Chooses the version that runs if none is named.
   *
   * @throws ApiProblem 404 if there is no such version
   */
  ApiTask choose(Caller.Member caller, String id, VersionNumber number) {
    return change(
        caller,
        id,
        current -> {
          run(caller, current, versionOf(current, number), targetIfGone(caller, current));
          return current.choosing(number);
        });
  }

  /**
   * Removes a version.
   *
   * @throws ApiProblem 404 if there is no such version, 409 if it is the only one
   */
  ApiTask deleteVersion(Caller.Member caller, String id, VersionNumber number) {
    return change(
        caller,
        id,
        current -> {
          var _ = versionOf(current, number);
          if (current.versions().size() == 1) {
            throw ApiProblem.conflict(
                "only_version",
                "Version %s is the only one of the task %s. Remove the task instead."
                    .formatted(number, current.name()));
          }
          var rest = current.without(number);
          run(caller, rest, rest.chosenVersion(), targetIfGone(caller, current));
          return rest;
        });
  }

  private @Nullable Target targetIfGone(Caller.Member caller, ApiTask task) {
    return isThere(caller, task) ? null : usualTarget(task.organization());
  }

  /** Removes a task with its versions, and the ordinary task; its jobs stay visible. */
  void delete(Caller.Member caller, String id) {
    var task = found(caller, id);
    tasks.remove(caller, task.task());
    all.remove(task);
  }

  private ApiTask change(Caller.Member caller, String id, UnaryOperator<ApiTask> change) {
    while (true) {
      var changed = change.apply(found(caller, id));
      if (all.change(changed)) {
        return changed;
      }
    }
  }

  private ApiTask found(Caller.Member caller, String id) {
    return all.find(caller.organization(), id).orElseThrow(Libraries::noSuchTask);
  }

  static ApiProblem noSuchTask() {
    return ApiProblem.notFound("The API task");
  }

  private static Version versionOf(ApiTask task, VersionNumber number) {
    return task.version(number).orElseThrow(() -> noSuchVersion(task, number, task.versions()));
  }

  /** Names the versions that there are. */
  static ApiProblem noSuchVersion(ApiTask task, VersionNumber number, List<Version> known) {
    return ApiProblem.notFound(
        "unknown_version",
        "The task %s has no version %s. Its versions: %s."
            .formatted(
                task.name(),
                number,
                known.stream()
                    .map(version -> version.versionNumber().toString())
                    .collect(Collectors.joining(", "))));
  }

  /** The version with that number, or the usual one, if the member may run it. */
  static Version versionFor(Caller.Member caller, ApiTask task, Optional<VersionNumber> number) {
    if (number.isPresent()) {
      var version =
          task.version(number.get())
              .orElseThrow(() -> noSuchVersion(task, number.get(), task.versionsFor(caller)));
      if (!version.isFor(caller)) {
        throw notPromoted(task, version.versionNumber().toString());
      }
      return version;
    }
    return task.usualFor(caller).orElseThrow(() -> notPromoted(task, "any"));
  }

  private static ApiProblem notPromoted(ApiTask task, String version) {
    return ApiProblem.forbidden(
        "not_promoted",
        version.equals("any")
            ? "No version of the task %s has been promoted. Its author can run it, and can promote it to the level O."
                .formatted(task.name())
            : "Version %s of the task %s has not been promoted. Its author can run it, and can promote it to the level O."
                .formatted(version, task.name()));
  }
}
