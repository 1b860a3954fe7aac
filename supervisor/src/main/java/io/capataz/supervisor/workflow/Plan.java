package io.capataz.supervisor.workflow;

import io.capataz.supervisor.parameter.Parameter;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A workflow as it is run: what one version of its definition says, checked.
 *
 * @param steps by their ids, in the order of the definition
 * @param edges in the order of the definition
 * @param starts the ids of the steps with which a run begins
 * @param parameters what a run may be given; empty: what its first step takes
 * @param environment variables of every step
 * @param timeout after which a run is ended; null: never
 */
public record Plan(
    Map<String, Step> steps,
    List<Edge> edges,
    List<String> starts,
    List<Parameter> parameters,
    Map<String, String> environment,
    @Nullable Duration timeout) {

  public Plan {
    steps = Collections.unmodifiableMap(new LinkedHashMap<>(steps));
    edges = List.copyOf(edges);
    starts = List.copyOf(starts);
    parameters = List.copyOf(parameters);
    environment = Map.copyOf(environment);
  }

  /**
   * A place in the graph at which a task is run, or another workflow.
   *
   * @param id unique in the workflow
   * @param name for people
   * @param task the id of the task; null: it runs a workflow, or something that cannot run here
   * @param workflow the id of the workflow that it runs; null: it runs a task
   * @param kind the kind of task that the definition names, for those that cannot run here
   * @param need how many of the edges that lead to it have to be taken before it begins, once in a
   *     run; 0: it begins whenever one is taken
   * @param forEach the list for each item of which it is run; null: it is run once
   * @param arguments from where each parameter has its value, by label; empty: the output of the
   *     step before, by position
   * @param options how it differs from its task
   */
  public record Step(
      String id,
      String name,
      @Nullable String task,
      @Nullable String workflow,
      String kind,
      int need,
      @Nullable ForEach forEach,
      Map<String, Value> arguments,
      Options options) {
    public Step {
      arguments = Map.copyOf(arguments);
    }
  }

  /**
   * How a step differs from its task.
   *
   * @param continueOnError whether the run goes on as after a success if it fails
   * @param timeout of each attempt; null: the task's
   * @param attempts how often it is tried in all; null: as often as the task says
   * @param delay before the second attempt; null: the task's
   */
  public record Options(
      boolean continueOnError,
      @Nullable Duration timeout,
      @Nullable Integer attempts,
      @Nullable Duration delay) {}

  /**
   * A list for each item of which a step is run.
   *
   * @param limit how many items at once
   */
  public record ForEach(Value in, int limit) {}

  /**
   * Where a value comes from.
   *
   * @param literal the value itself; null: it is looked up
   * @param step the step in whose end it is looked up; null: what led to this step
   * @param pointer a JSON pointer
   */
  public record Value(@Nullable JsonNode literal, @Nullable String step, String pointer) {}

  /**
   * Leads from the end of a step to another step.
   *
   * @param place in the list of edges
   * @param event which end takes it: {@code success}, {@code failure}, {@code timeout}, {@code
   *     canceled}, or a name that the script gives
   * @param when what else must hold of the end
   */
  public record Edge(int place, String from, String to, String event, List<Condition> when) {
    public Edge {
      when = List.copyOf(when);
    }
  }

  /** The step. */
  public Optional<Step> step(String id) {
    return Optional.ofNullable(steps.get(id));
  }

  /** The edges that leave a step. */
  public List<Edge> leaving(String step) {
    return edges.stream().filter(edge -> edge.from().equals(step)).toList();
  }
}
