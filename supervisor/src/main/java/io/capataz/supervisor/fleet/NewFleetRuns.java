package io.capataz.supervisor.fleet;

import io.capataz.supervisor.fleet.FleetFields.Read;
import io.capataz.supervisor.fleet.FleetHost.Attempt;
import io.capataz.supervisor.fleet.FleetRun.Asked;
import io.capataz.supervisor.fleet.FleetRun.Course;
import io.capataz.supervisor.fleet.FleetRun.Off;
import io.capataz.supervisor.fleet.FleetRun.Plan;
import io.capataz.supervisor.fleet.FleetRun.Wish;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.task.DoneBy;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Makes fleet runs. */
@Component
class NewFleetRuns {

  /** How long the hosts of a run may take to be stored; after that it is given up. */
  static final Duration FREEZING = Duration.ofMinutes(1);

  private static final int MOST_WAVES = 500;
  private static final int MOST_OPEN = 200;

  /** How many runs of a task are kept. */
  private static final int KEPT = 100;

  private static final int REMOVED_AT_ONCE = 5;

  private final FleetRuns runs;
  private final FleetHosts hosts;
  private final ChosenHosts chosen;
  private final InstantSource clock;

  NewFleetRuns(FleetRuns runs, FleetHosts hosts, ChosenHosts chosen, InstantSource clock) {
    this.runs = runs;
    this.hosts = hosts;
    this.chosen = chosen;
    this.clock = clock;
  }

  /**
   * Makes a run, unless there is one of that id; its hosts are those of this moment.
   *
   * @param repeats the run that it repeats; null: none
   * @throws ApiProblem 400 if it could not run anything, 409 if the task is disabled, 503 if the
   *     run of that id is being made at this moment
   */
  FleetRun make(String id, Task task, Read read, Cause cause, @Nullable String repeats) {
    var there = runs.find(id);
    if (there.isPresent()) {
      return made(there.get());
    }
    check(task, read);
    if (runs.countOpen(task.organization(), MOST_OPEN) >= MOST_OPEN) {
      throw ApiProblem.conflict(
          "too_many_fleet_runs",
          "The organization has "
              + MOST_OPEN
              + " fleet runs that have not ended, and may have no more. Cancel some first.");
    }
    var members = chosen.of(task, read.choice(), read.hosts());
    var run = run(id, task, read, members.size(), Asked.of(cause, clock.instant(), repeats));
    if (!runs.add(run)) {
      return made(runs.find(id).orElseThrow(NewFleetRuns::beingMade));
    }
    // Of one of that id that was given up, some may be there.
    hosts.removeOf(id);
    hosts.add(members(run, members));
    var note = runs.note("began", cause.by(), "hosts: " + members.size());
    var begun = runs.freeze(run, note).orElseThrow(NewFleetRuns::beingMade);
    forgetOld(task.id());
    return begun;
  }

  private static FleetRun made(FleetRun run) {
    if (!run.course().frozen()) {
      throw beingMade();
    }
    return run;
  }

  private static ApiProblem beingMade() {
    return ApiProblem.unavailable("The fleet run is being made at this moment. Ask again.");
  }

  private static void check(Task task, Read read) {
    if (task.action().doneBy() != DoneBy.AGENT) {
      throw ApiProblem.conflict(
          "not_for_this_type",
          "Tasks of type "
              + task.action().kind().type()
              + " run on no host, so they have no fleet runs.");
    }
    if (!task.start().enabled()) {
      throw ApiProblem.conflict(
          "task_disabled", "The task is disabled. An administrator can enable it (enable: true).");
    }
    var _ = Arguments.check(task.runParameters(), read.given());
  }

  private FleetRun run(String id, Task task, Read read, int total, Asked asked) {
    var organization = task.organization();
    return new FleetRun(
        id,
        organization,
        task.id(),
        task.name(),
        task.acl(),
        asked,
        runs.sealed(organization, id, read.given()),
        read.choice(),
        read.wish(),
        plan(read.wish(), total, asked.created()),
        Course.beginning(asked.created().plus(FREEZING)));
  }

  /** What a wish means for so many hosts. The last size is repeated until all have a wave. */
  static Plan plan(Wish wish, int total, Instant now) {
    var ends = new ArrayList<Integer>();
    for (var end = 0; end < total; ) {
      var size = wish.waves().get(Math.min(ends.size(), wish.waves().size() - 1));
      end = Math.min(total, end + FleetFields.hosts(size, total));
      ends.add(end);
      if (ends.size() > MOST_WAVES) {
        throw ApiProblem.badRequest(
            "too_many_waves",
            "These waves are too small for %d hosts: that would be more than %d waves."
                .formatted(total, MOST_WAVES));
      }
    }
    return new Plan(
        total,
        ends,
        wish.budget() == null ? null : FleetFields.hosts(wish.budget(), total),
        wish.off() == Off.WAIT ? offUntil(wish, now) : null);
  }

  private static Instant offUntil(Wish wish, Instant now) {
    return wish.offUntil() != null
        ? wish.offUntil()
        : now.plusSeconds(wish.offFor() == null ? 0 : wish.offFor());
  }

  private static List<FleetHost> members(FleetRun run, List<Host> hosts) {
    return IntStream.range(0, hosts.size())
        .mapToObj(
            place ->
                new FleetHost(
                    FleetHost.idOf(run.id(), hosts.get(place).id()),
                    run.id(),
                    hosts.get(place).id(),
                    hosts.get(place).name(),
                    place,
                    run.plan().waveOf(place),
                    Stage.TO_COME,
                    Attempt.of(1),
                    null,
                    null))
        .toList();
  }

  private void forgetOld(String task) {
    runs.beyond(task, KEPT, REMOVED_AT_ONCE).stream()
        .filter(run -> run.isClosed() && run.asked().repeated() == null)
        .forEach(this::remove);
  }

  /** Removes a run with its hosts; its jobs stay as long as others of its task. */
  void remove(FleetRun run) {
    hosts.removeOf(run.id());
    runs.remove(run.id());
  }

  /** Removes what whoever was making a run has left behind. */
  void giveUp(FleetRun run) {
    if (runs.giveUp(run)) {
      hosts.removeOf(run.id());
    }
  }
}
