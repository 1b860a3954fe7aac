package io.capataz.supervisor.workflowrun;

import io.capataz.supervisor.workflow.Plan;
import io.capataz.supervisor.workflow.Plan.Edge;
import io.capataz.supervisor.workflow.Plan.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a run should do, computed in memory, one end after the other: the meaning of graphs without
 * stores, effects and crashes.
 */
final class Interpreter {

  private final String run;
  private final Plan plan;

  /** How the job with that id ends, whenever it does. */
  private final Function<String, Scripted> script;

  private final Map<String, String> jobs = new TreeMap<>();
  private final Deque<Done> ended = new ArrayDeque<>();
  private final Map<String, Map<Integer, Done>> joins = new HashMap<>();
  private boolean failed;

  /** How a job ends. */
  record Scripted(String event, boolean good, List<String> output) {}

  /** How a visit ended. */
  private record Done(Step step, String visit, Scripted how) {}

  Interpreter(String run, Plan plan, Function<String, Scripted> script) {
    this.run = run;
    this.plan = plan;
    this.script = script;
  }

  /**
   * What comes of a run.
   *
   * @param jobs the steps of its jobs, by the ids of the jobs
   */
  record Expected(Map<String, String> jobs, String state) {}

  Expected run(List<String> arguments) {
    for (var start : plan.starts()) {
      visit(plan.step(start).orElseThrow(), Ids.of(run, "start", start), arguments);
    }
    for (var done = ended.poll(); done != null; done = ended.poll()) {
      follow(done);
    }
    return new Expected(jobs, failed ? "failure" : "success");
  }

  private void follow(Done done) {
    var taken = along(done, done.how().event());
    var forgiven = done.how().good() || done.step().options().continueOnError();
    if (taken.isEmpty() && forgiven && !done.how().event().equals("success")) {
      taken = along(done, "success");
    }
    failed |= taken.isEmpty() && !forgiven;
    for (var edge : taken) {
      enter(edge, done);
    }
  }

  private List<Edge> along(Done done, String event) {
    var first = done.how().output().isEmpty() ? "" : done.how().output().getFirst();
    return plan.edges().stream()
        .filter(edge -> edge.from().equals(done.step().id()) && edge.event().equals(event))
        .filter(edge -> edge.when().isEmpty() || isGreaterThanFour(first))
        .toList();
  }

  private static boolean isGreaterThanFour(String text) {
    return !text.isEmpty() && text.matches("\\d+") && Integer.parseInt(text) > 4;
  }

  private void enter(Edge edge, Done done) {
    var step = plan.step(edge.to()).orElseThrow();
    if (step.need() == 0) {
      visit(step, Ids.of(run, "edge", edge.place(), done.visit()), done.how().output());
      return;
    }
    var there = joins.computeIfAbsent(step.id(), _ -> new HashMap<>());
    var isNew = there.putIfAbsent(edge.place(), done) == null;
    if (isNew && there.size() == step.need()) {
      var output = new ArrayList<String>();
      there.entrySet().stream()
          .sorted(Comparator.comparing(Map.Entry::getKey))
          .forEach(it -> output.addAll(it.getValue().how().output()));
      visit(step, Ids.of(run, "join", step.id()), output);
    }
  }

  private void visit(Step step, String visit, List<String> input) {
    if (step.forEach() == null) {
      jobs.put(visit, step.id());
      ended.add(new Done(step, visit, script.apply(visit)));
      return;
    }
    var good = true;
    var output = new ArrayList<String>();
    for (var item = 0; item < input.size(); item++) {
      var id = Ids.of(run, "item", visit, item);
      jobs.put(id, step.id());
      var how = script.apply(id);
      good &= how.good();
      output.add(how.output().size() == 1 ? how.output().getFirst() : json(how.output()));
    }
    ended.add(new Done(step, visit, new Scripted(good ? "success" : "failure", good, output)));
  }

  private static String json(List<String> texts) {
    return "[" + String.join(",", texts.stream().map(text -> '"' + text + '"').toList()) + "]";
  }
}
