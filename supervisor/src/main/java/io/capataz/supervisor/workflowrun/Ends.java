package io.capataz.supervisor.workflowrun;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.job.EndEvent;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.Origin.Position;
import io.capataz.supervisor.job.RunJobs;
import io.capataz.supervisor.job.ScriptOutput;
import io.capataz.supervisor.workflowrun.WorkflowRun.Refused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Ends of steps by their names: {@code job:}, {@code run:} and {@code refused:} with an id, and
 * {@code each:} with that of a visit; {@code none:} says all of a list that was empty. What causes
 * a visit, and what arrives at a gate, is stored as such a name.
 */
@Component
class Ends {

  static final String JOB = "job:";
  static final String RUN = "run:";
  static final String REFUSED = "refused:";
  static final String EACH = "each:";
  static final String NONE = "none:";

  private final RunJobs jobs;
  private final WorkflowRuns runs;
  private final Gates gates;
  private final Outcomes outcomes;

  Ends(RunJobs jobs, WorkflowRuns runs, Gates gates, Outcomes outcomes) {
    this.outcomes = outcomes;
    this.jobs = jobs;
    this.runs = runs;
    this.gates = gates;
  }

  /** How a job ended. */
  static End of(Job job, Position position) {
    var ending = job.ending();
    var result = ending == null ? null : ending.result();
    return new End(
        JOB + job.id(),
        position.step(),
        position.visit(),
        position.number(),
        EndEvent.of(job),
        job.state() == JobState.SUCCEEDED,
        ScriptOutput.of(job),
        result);
  }

  static End of(Refused refused) {
    return new End(
        REFUSED + refused.unit(),
        refused.step(),
        refused.visit(),
        refused.number(),
        End.FAILURE,
        false,
        List.of(refused.reason()),
        null);
  }

  /**
   * How a list came out.
   *
   * @param items in their order
   */
  static End ofEach(String step, String visit, int number, List<End> items) {
    var good = items.stream().allMatch(End::good);
    return new End(
        EACH + visit,
        step,
        visit,
        number,
        good ? End.SUCCESS : End.FAILURE,
        good,
        items.stream()
            .map(
                item ->
                    item.output().size() == 1
                        ? item.output().getFirst()
                        : MessageJson.mapper().writeValueAsString(item.output()))
            .toList(),
        null);
  }

  /** How a list without items came out: well. */
  static End ofNone(String step, String visit, int number) {
    return new End(
        NONE + number + ":" + visit + ":" + step,
        step,
        visit,
        number,
        End.SUCCESS,
        true,
        List.of(),
        null);
  }

  private static End ofNone(String ref) {
    var parts = id(ref, NONE).split(":", 3);
    return ofNone(parts[2], parts[1], Integer.parseInt(parts[0]));
  }

  /** How a run that is a step of another one ended. */
  static Optional<End> of(WorkflowRun run, RunOutcome outcome) {
    return Optional.ofNullable(run.parent())
        .map(
            parent ->
                new End(
                    RUN + run.id(),
                    parent.step(),
                    parent.visit(),
                    parent.number(),
                    outcome.state(),
                    outcome.state().equals(End.SUCCESS),
                    outcome.output(),
                    null));
  }

  /** The ends with these names, as far as they are there. */
  Map<String, End> find(WorkflowRun run, List<String> refs) {
    var found = new HashMap<String, End>();
    var ids = refs.stream().filter(ref -> ref.startsWith(JOB)).map(ref -> id(ref, JOB)).toList();
    if (!ids.isEmpty()) {
      for (var job : jobs.withIds(ids)) {
        var position = job.provenance().origin().position();
        if (position != null && run.id().equals(job.provenance().origin().reference())) {
          found.put(JOB + job.id(), of(job, position));
        }
      }
    }
    run.course().refused().forEach(it -> found.put(REFUSED + it.unit(), of(it)));
    for (var ref : refs) {
      if (ref.startsWith(EACH)) {
        each(run, id(ref, EACH)).ifPresent(end -> found.put(ref, end));
      } else if (ref.startsWith(NONE)) {
        found.put(ref, ofNone(ref));
      } else if (ref.startsWith(RUN)) {
        runs.find(id(ref, RUN))
            .flatMap(child -> of(child, outcomes.of(child)))
            .ifPresent(end -> found.put(ref, end));
      }
    }
    return found;
  }

  /** The id of the gate for the items of a visit. It is not that of a join, which the visit has. */
  static String gateOfItems(String run, String visit) {
    return Ids.of(run, "items", visit);
  }

  /** How the list of a visit came out; empty if nothing of it has ended. */
  Optional<End> each(WorkflowRun run, String visit) {
    return gates.find(gateOfItems(run.id(), visit)).map(gate -> each(run, visit, gate));
  }

  private End each(WorkflowRun run, String visit, Gate gate) {
    var places = gate.order().stream().sorted().toList();
    var refs = places.stream().map(place -> gate.at(place).orElseThrow()).toList();
    var ends = find(run, refs);
    var items = new ArrayList<End>();
    refs.forEach(ref -> Optional.ofNullable(ends.get(ref)).ifPresent(items::add));
    return ofEach(gate.step(), visit, gate.number(), items);
  }

  /** The ends that arrived at a join first, as many as it needs, in the order of the edges. */
  List<End> joined(WorkflowRun run, Gate gate, int need) {
    var refs =
        gate.order().stream()
            .limit(need)
            .sorted(Comparator.naturalOrder())
            .map(place -> gate.at(place).orElseThrow())
            .toList();
    var ends = find(run, refs);
    return refs.stream().flatMap(ref -> Optional.ofNullable(ends.get(ref)).stream()).toList();
  }

  static String id(String ref, String kind) {
    return ref.substring(kind.length());
  }
}
