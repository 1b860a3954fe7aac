package io.capataz.supervisor.fleet;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.fleet.FleetRun.Mark;
import io.capataz.supervisor.fleet.FleetRun.Note;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Component;

/** What people decide about fleet runs. */
@Component
class FleetChanges {

  private final FleetRuns runs;
  private final FleetHosts hosts;
  private final FleetDriver driver;
  private final InstantSource clock;

  FleetChanges(FleetRuns runs, FleetHosts hosts, FleetDriver driver, InstantSource clock) {
    this.runs = runs;
    this.hosts = hosts;
    this.driver = driver;
    this.clock = clock;
  }

  /** A decision, and what is noted of it. */
  private record Decision(Update update, Note note) {}

  FleetRun found(Caller.Member caller, String id) {
    return runs.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The fleet run"));
  }

  /** Decides about the run as it is at that moment, and has the driver see what follows. */
  private FleetRun decide(FleetRun run, Function<FleetRun, Optional<Decision>> how) {
    while (true) {
      var now = runs.find(run.id()).orElseThrow(() -> ApiProblem.notFound("The fleet run"));
      var decision = how.apply(now);
      if (decision.isEmpty()) {
        return now;
      }
      // Also if this supervisor dies before it sees what follows.
      var update = decision.get().update().set(FleetRuns.CHECK_AT, clock.instant());
      if (runs.decide(now, update, decision.get().note()).isPresent()) {
        driver.sweep(run.id());
        return runs.find(run.id()).orElse(now);
      }
    }
  }

  private static FleetRun open(FleetRun run) {
    if (run.isClosed()) {
      throw ApiProblem.conflict("run_ended", "The fleet run has ended.");
    }
    if (run.course().cancel() != null) {
      throw ApiProblem.conflict("run_canceled", "The fleet run was canceled and is ending.");
    }
    return run;
  }

  /** Nothing is begun until it is resumed; what is under way goes on. */
  FleetRun pause(Caller.Member caller, FleetRun run, @Nullable String note) {
    return decide(
        run,
        now -> {
          if (open(now).course().pause() != null) {
            return Optional.empty();
          }
          var pause = new Mark(clock.instant(), caller.name(), note);
          return Optional.of(
              new Decision(
                  new Update().set("course.pause", pause),
                  runs.note("paused", caller.name(), note)));
        });
  }

  /**
   * Goes on after a pause.
   *
   * @param budget another one; null: the same
   */
  FleetRun resume(Caller.Member caller, FleetRun run, @Nullable String budget) {
    return decide(
        run,
        now -> {
          if (open(now).course().pause() == null) {
            return Optional.empty();
          }
          var total = now.plan().total();
          var most = budget == null ? now.plan().budget() : budgetOf(budget, total);
          checkSpent(now, most);
          var update = new Update().unset("course.pause");
          if (budget != null) {
            update.set("plan.budget", most).set("wish.budget", budget);
          }
          var detail = budget == null ? null : "failure budget " + budget;
          return Optional.of(new Decision(update, runs.note("resumed", caller.name(), detail)));
        });
  }

  private static Integer budgetOf(String budget, int total) {
    return FleetFields.hosts(budget, total);
  }

  private void checkSpent(FleetRun run, @Nullable Integer most) {
    if (most == null) {
      return;
    }
    var failed = hosts.count(run.id(), Stage.FAILED, run.plan().total());
    if (failed >= most) {
      throw ApiProblem.conflict(
          "budget_spent",
          "Hosts that have failed: %d; failure budget: %d. Send a larger failure_budget, retry"
                  .formatted(failed, most)
              + " the failed hosts, or skip them.");
    }
  }

  /** Lets the wave begin that waits for an approval. */
  FleetRun approve(Caller.Member caller, FleetRun run) {
    var now = runs.find(run.id()).orElse(run);
    if (!open(now).course().gate()) {
      throw ApiProblem.conflict("nothing_to_approve", "No wave of it waits for an approval.");
    }
    if (!driver.beginWave(now, caller.name())) {
      return approve(caller, now);
    }
    driver.sweep(run.id());
    return runs.find(run.id()).orElse(now);
  }

  /** Ends a run: what is under way is canceled, and nothing else is begun. */
  FleetRun cancel(String by, FleetRun run) {
    return decide(
        run,
        now -> {
          if (now.isClosed() || now.course().cancel() != null) {
            return Optional.empty();
          }
          var cancel = new Mark(clock.instant(), by, null);
          return Optional.of(
              new Decision(
                  new Update().set("course.cancel", cancel), runs.note("canceled", by, null)));
        });
  }

  /**
   * Tries failed hosts again, also of a run that has ended.
   *
   * @param names ids or names; empty: all that have failed
   */
  FleetRun retry(Caller.Member caller, FleetRun run, List<String> names) {
    var failed = names.isEmpty() ? failed(run) : named(run, names);
    if (run.course().cancel() != null) {
      throw ApiProblem.conflict(
          "run_canceled", "The fleet run was canceled. Start another one for these hosts.");
    }
    var count = failed.stream().filter(host -> hosts.again(host).isPresent()).count();
    if (count == 0 && !hosts.isAny(run.id(), Stage.TO_COME)) {
      throw ApiProblem.conflict("nothing_failed", "None of these hosts has failed.");
    }
    return decide(
        run,
        now ->
            Optional.of(
                new Decision(
                    new Update().unset("course.closed"),
                    runs.note("retried", caller.name(), "hosts: " + count))));
  }

  private List<FleetHost> failed(FleetRun run) {
    return hosts.from(run.id(), Stage.FAILED, 0, FleetFields.MOST_HOSTS);
  }

  private List<FleetHost> named(FleetRun run, List<String> names) {
    return IntStream.range(0, names.size())
        .mapToObj(place -> host(run, "/hosts/" + place, names.get(place)))
        .toList();
  }

  private FleetHost host(FleetRun run, String pointer, String name) {
    return hosts
        .find(run.id(), name)
        .or(() -> hosts.named(run.id(), name))
        .orElseThrow(
            () ->
                ApiProblem.invalid(
                    List.of(
                        new FieldError(pointer, "not_found", "must be a host of the fleet run."))));
  }

  /** Runs nothing on a host; one that has failed does not count as failed any more. */
  FleetRun skip(Caller.Member caller, FleetRun run, String name, @Nullable String note) {
    var host = host(run, "/host", name);
    var reason = "Skipped by " + caller.name() + (note == null ? "." : ": " + note);
    if (hosts.skip(host, reason, clock.instant()).isEmpty()) {
      throw ApiProblem.conflict(
          "cannot_skip",
          "The host "
              + host.name()
              + " is under way or has come to its end: it cannot be skipped.");
    }
    driver.sweep(run.id());
    return runs.find(run.id()).orElse(run);
  }
}
