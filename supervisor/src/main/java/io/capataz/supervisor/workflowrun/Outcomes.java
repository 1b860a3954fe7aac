package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.RunJobs;
import io.capataz.supervisor.workflow.Plan;
import io.capataz.supervisor.workflow.Workflows;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Computes what came of runs from their jobs. */
@Component
class Outcomes {

  private static final int PAGE = 500;

  private final RunJobs jobs;
  private final WorkflowRuns runs;
  private final Workflows workflows;

  Outcomes(RunJobs jobs, WorkflowRuns runs, Workflows workflows) {
    this.jobs = jobs;
    this.runs = runs;
    this.workflows = workflows;
  }

  /** All jobs of a run, oldest first. */
  List<Job> jobsOf(WorkflowRun run) {
    var all = new ArrayList<Job>();
    String last = null;
    List<Job> page;
    do {
      page = jobs.of(run.id(), last, PAGE);
      all.addAll(page);
      last = page.isEmpty() ? null : page.getLast().id();
    } while (page.size() == PAGE);
    all.sort(Comparator.comparing((Job job) -> job.provenance().created()).thenComparing(Job::id));
    return all;
  }

  /** All that its visits were, with those that were tried again. */
  List<Unit> units(WorkflowRun run) {
    var units = new ArrayList<Unit>();
    jobsOf(run).forEach(job -> Unit.of(job).ifPresent(units::add));
    run.course().refused().forEach(refused -> units.add(Unit.of(refused)));
    for (var child : runs.childrenOf(run.id())) {
      var end = child.isClosed() ? Ends.of(child, of(child)).orElse(null) : null;
      Unit.of(child, end).ifPresent(units::add);
    }
    return units;
  }

  /** What comes of a run if nothing more follows from its jobs. */
  RunOutcome of(WorkflowRun run) {
    return of(run, units(run));
  }

  RunOutcome of(WorkflowRun run, List<Unit> units) {
    var plan = planOf(run);
    if (plan.isEmpty()) {
      return new RunOutcome(End.FAILURE, List.of(), List.of());
    }
    var visits = visits(units);
    var failed = new ArrayList<Unit>();
    var output = List.<String>of();
    for (var visit : visits) {
      var end = endOf(visit);
      if (end.isPresent()) {
        if (end.get().failsRun(plan.get()) || isCutOff(run, end.get())) {
          visit.stream().filter(unit -> !unit.isGood()).forEach(failed::add);
        }
        if (end.get().taken(plan.get()).isEmpty()) {
          output = end.get().output();
        }
      }
    }
    return new RunOutcome(state(run, failed), output, failed);
  }

  /** That a run was to end ends jobs; nothing in the graph deals with that. */
  private static boolean isCutOff(WorkflowRun run, End end) {
    return run.course().cancel() != null && end.event().equals("canceled");
  }

  private static String state(WorkflowRun run, List<Unit> failed) {
    var cancel = run.course().cancel();
    if (cancel != null) {
      return cancel.timedOut() ? "timeout" : "canceled";
    }
    return failed.isEmpty() ? End.SUCCESS : End.FAILURE;
  }

  Optional<Plan> planOf(WorkflowRun run) {
    return workflows.plan(run.organization(), run.workflow(), run.version());
  }

  /** Without those that were tried again. */
  static List<Unit> current(List<Unit> units) {
    var again =
        units.stream()
            .map(Unit::job)
            .filter(Objects::nonNull)
            .map(job -> job.provenance().restartedFrom())
            .filter(Objects::nonNull)
            .collect(Collectors.toSet());
    return units.stream().filter(unit -> !again.contains(unit.id())).toList();
  }

  /** The units of each visit, by when they ended. */
  private static List<List<Unit>> visits(List<Unit> units) {
    var visits = new LinkedHashMap<String, List<Unit>>();
    current(units).stream()
        .sorted(Comparator.comparing(Unit::at))
        .forEach(
            unit ->
                visits.computeIfAbsent(unit.position().visit(), _ -> new ArrayList<>()).add(unit));
    return visits.values().stream()
        .sorted(Comparator.comparing((List<Unit> visit) -> visit.getLast().at()))
        .toList();
  }

  private static Optional<End> endOf(List<Unit> visit) {
    var position = visit.getFirst().position();
    if (position.item() == null) {
      return Optional.ofNullable(visit.getLast().end());
    }
    var ends =
        visit.stream()
            .sorted(Comparator.comparingInt(Outcomes::item))
            .flatMap(unit -> Optional.ofNullable(unit.end()).stream())
            .toList();
    return ends.size() < visit.size()
        ? Optional.empty()
        : Optional.of(Ends.ofEach(position.step(), position.visit(), position.number(), ends));
  }

  private static int item(Unit unit) {
    var item = unit.position().item();
    return item == null ? 0 : item;
  }
}
