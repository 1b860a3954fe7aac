package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Origin.Position;
import io.capataz.supervisor.job.RunJobs;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.workflow.Plan;
import io.capataz.supervisor.workflow.Plan.Edge;
import io.capataz.supervisor.workflow.Plan.ForEach;
import io.capataz.supervisor.workflow.Plan.Step;
import io.capataz.supervisor.workflowrun.WorkflowRun.Refused;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Takes runs from the ends of steps to the next steps. All of it may be done twice, by any
 * supervisor: what is made has an id that follows from what caused it, and what is counted is
 * counted once.
 */
@Component
class NextSteps {

  /** The most jobs of a run, about: they are counted now and then. */
  static final int MOST_JOBS = 10_000;

  /** The longest way through a graph, loops included. */
  static final int LONGEST = 10_000;

  /** How many steps for which no job could be made are followed. */
  private static final int MOST_REFUSED = 1_000;

  private static final int COUNTED_EACH = 8;

  private final WorkflowRuns runs;
  private final Gates gates;
  private final Ends ends;
  private final Outcomes outcomes;
  private final Inputs inputs;
  private final StepStarts starts;
  private final RunJobs jobs;

  NextSteps(
      WorkflowRuns runs,
      Gates gates,
      Ends ends,
      Outcomes outcomes,
      Inputs inputs,
      StepStarts starts,
      RunJobs jobs) {
    this.runs = runs;
    this.gates = gates;
    this.ends = ends;
    this.outcomes = outcomes;
    this.inputs = inputs;
    this.starts = starts;
    this.jobs = jobs;
  }

  /** A run, with what has ended and is to be followed. */
  private record Going(WorkflowRun run, Plan plan, Deque<End> ended, Map<String, End> known) {
    void end(End end) {
      known.put(end.ref(), end);
      ended.add(end);
    }
  }

  private Going going(WorkflowRun run, Plan plan) {
    return new Going(run, plan, new ArrayDeque<>(), new HashMap<>());
  }

  /** Makes the first visits of a run. */
  void start(WorkflowRun run) {
    outcomes
        .planOf(run)
        .ifPresent(
            plan -> {
              if (run.course().cancel() == null) {
                var going = going(run, plan);
                for (var start : plan.starts()) {
                  var visit = Ids.of(run.id(), "start", start);
                  visit(going, step(plan, start), visit, 1, Inputs.START);
                }
                follow(going);
              }
            });
    runs.started(run, !jobs.openFor(run.id(), 1).isEmpty());
  }

  /** What follows from the end of a job. */
  void ended(WorkflowRun run, Job job, Position position) {
    goOn(run, position, Ends.of(job, position));
  }

  /** What follows from the end of a run that is a step of another one. */
  void ended(WorkflowRun child, RunOutcome outcome) {
    var parent = child.parent();
    if (parent == null) {
      return;
    }
    var position =
        new Position(parent.step(), parent.visit(), parent.cause(), parent.number(), parent.item());
    runs.find(parent.run())
        .ifPresent(run -> Ends.of(child, outcome).ifPresent(end -> goOn(run, position, end)));
  }

  /** What follows from an end. */
  void goOn(WorkflowRun run, Position position, End end) {
    if (run.course().cancel() != null) {
      return;
    }
    var plan = outcomes.planOf(run);
    if (plan.isPresent() && plan.get().step(position.step()).isPresent()) {
      var going = going(run, plan.get());
      arrived(going, position, end);
      follow(going);
    }
  }

  /** Tries something once more that has failed. */
  void again(WorkflowRun run, Plan plan, Unit unit) {
    var step = step(plan, unit.position().step());
    var going = going(run, plan);
    var failed = unit.job();
    var id = failed == null ? unit.id() : Ids.of(run.id(), "again", failed.id());
    try {
      var data = inputs.data(run, plan, step, unit.position().cause(), Map.of());
      withItem(going, step, data, unit.position().item());
      made(going, step, unit.position(), id, data, failed == null ? null : failed.id());
    } catch (ApiProblem unknown) {
      refused(going, starts.refuse(run, unit.position(), id, String.valueOf(unknown.getMessage())));
    }
    follow(going);
  }

  private static Step step(Plan plan, String id) {
    return plan.step(id).orElseThrow();
  }

  private void follow(Going going) {
    for (var end = going.ended().poll(); end != null; end = going.ended().poll()) {
      for (var edge : end.taken(going.plan())) {
        enter(going, edge, end);
      }
    }
  }

  private void enter(Going going, Edge edge, End end) {
    var run = going.run();
    var step = step(going.plan(), edge.to());
    if (step.need() == 0) {
      var visit = Ids.of(run.id(), "edge", edge.place(), end.visit());
      visit(going, step, visit, end.number() + 1, end.ref());
      return;
    }
    var id = Ids.of(run.id(), "join", step.id());
    var gate = gate(run, step, id, end.number() + 1, Inputs.JOIN + id);
    if (gates.arrive(gate, edge.place(), end.ref()).completes(step.need())) {
      visit(going, step, id, gate.number(), gate.cause());
    }
  }

  private static Gate gate(WorkflowRun run, Step step, String id, int number, String cause) {
    return new Gate(id, run.id(), step.id(), number, cause, 0, Map.of(), List.of());
  }

  private void visit(Going going, Step step, String visit, int number, String cause) {
    var position = new Position(step.id(), visit, cause, number, null);
    if (isTooMuch(going.run(), number)) {
      // Not followed: what made so many steps would make more.
      var _ =
          starts.refuse(
              going.run(),
              position,
              visit,
              "the run has reached its limit of about %d steps. Does a loop not end?"
                  .formatted(MOST_JOBS));
      return;
    }
    try {
      var data = inputs.data(going.run(), going.plan(), step, cause, going.known());
      if (step.forEach() == null) {
        made(going, step, position, visit, data, null);
      } else {
        each(going, step, position, data, step.forEach());
      }
    } catch (ApiProblem unknown) {
      rethrowIfTemporary(unknown);
      refused(
          going, starts.refuse(going.run(), position, visit, String.valueOf(unknown.getMessage())));
    }
  }

  private static void rethrowIfTemporary(ApiProblem problem) {
    if (problem.status() == HttpStatus.TOO_MANY_REQUESTS) {
      throw problem;
    }
  }

  private boolean isTooMuch(WorkflowRun run, int number) {
    return number > LONGEST
        || run.course().refused().size() > MOST_REFUSED
        || (number % COUNTED_EACH == 0 && jobs.count(run.id(), MOST_JOBS) >= MOST_JOBS);
  }

  private void each(Going going, Step step, Position position, ObjectNode data, ForEach forEach) {
    var items = inputs.list(going.run(), forEach.in(), data);
    if (items.isEmpty()) {
      going.end(Ends.ofNone(step.id(), position.visit(), position.number()));
      return;
    }
    var first = IntStream.range(0, Math.min(forEach.limit(), items.size())).boxed().toList();
    items(going, step, position, data, items, first);
  }

  private void items(
      Going going,
      Step step,
      Position position,
      ObjectNode data,
      List<JsonNode> items,
      List<Integer> places) {
    for (var place : places) {
      var of =
          new Position(
              position.step(), position.visit(), position.cause(), position.number(), place);
      var with = data.deepCopy();
      with.set("item", items.get(place));
      with.put("index", place);
      made(going, step, of, Ids.of(going.run().id(), "item", position.visit(), place), with, null);
    }
  }

  private void withItem(Going going, Step step, ObjectNode data, @Nullable Integer item) {
    if (item != null && step.forEach() != null) {
      data.set("item", inputs.list(going.run(), step.forEach().in(), data).get(item));
      data.put("index", item);
    }
  }

  private void made(
      Going going,
      Step step,
      Position position,
      String id,
      ObjectNode data,
      @Nullable String again) {
    var made = starts.make(going.run(), going.plan(), step, position, id, data, again);
    Optional.ofNullable(made.run())
        .filter(child -> !child.course().started())
        .ifPresent(this::start);
    if (made.refused() != null) {
      refused(going, made.refused());
    }
  }

  private void refused(Going going, Refused refused) {
    var end = Ends.of(refused);
    going.known().put(end.ref(), end);
    arrived(
        going,
        new Position(
            refused.step(), refused.visit(), refused.cause(), refused.number(), refused.item()),
        end);
  }

  /** An end of a visit; of a list only when all its items are there. */
  private void arrived(Going going, Position position, End end) {
    var step = step(going.plan(), position.step());
    if (position.item() == null || step.forEach() == null) {
      going.end(end);
      return;
    }
    var run = going.run();
    var id = Ends.gateOfItems(run.id(), position.visit());
    var gate = gate(run, step, id, position.number(), position.cause());
    var arrival = gates.arrive(gate, position.item(), end.ref());
    var data = inputs.data(run, going.plan(), step, position.cause(), going.known());
    var items = inputs.list(run, step.forEach().in(), data);
    var next = next(arrival, step.forEach().limit(), items.size());
    items(going, step, position, data, items, next);
    if (arrival.completes(items.size())) {
      ends.each(withRefused(going), position.visit()).ifPresent(going::end);
    }
  }

  /** With what was refused just now. */
  private WorkflowRun withRefused(Going going) {
    return runs.find(going.run().id()).orElse(going.run());
  }

  /**
   * Which items begin after an arrival: one for each that has ended. Whoever repeats an arrival
   * makes sure of all that should have begun by now.
   */
  private static List<Integer> next(Gates.Arrival arrival, int limit, int items) {
    var last = Math.min(items, limit + arrival.count());
    var first = arrival.again() ? Math.min(limit, items) : limit + arrival.count() - 1;
    var next = new ArrayList<Integer>();
    for (var place = first; place < last; place++) {
      next.add(place);
    }
    return next;
  }
}
