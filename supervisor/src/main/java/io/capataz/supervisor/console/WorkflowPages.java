package io.capataz.supervisor.console;

import io.capataz.common.protocol.MessageJson;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Asks the API for what the pages of workflows show. */
@Component
class WorkflowPages {

  private static final int PAGE = 50;

  private final ConsoleApi api;
  private final Words words;
  private final GraphDrawing drawing;

  WorkflowPages(ConsoleApi api, Words words, GraphDrawing drawing) {
    this.api = api;
    this.words = words;
    this.drawing = drawing;
  }

  /**
   * A page of the list.
   *
   * @param next the cursor of the next page; null: it ends here
   */
  record WorkflowList(List<WorkflowRow> rows, @Nullable String next) {}

  /**
   * A workflow in a list.
   *
   * @param last how its newest run stands; null: it never ran
   */
  record WorkflowRow(
      String id,
      String name,
      int version,
      int steps,
      StripView strip,
      @Nullable Badge last,
      @Nullable Moment lastAt) {}

  /**
   * One workflow.
   *
   * @param graph null: it has too many steps to be drawn
   */
  record WorkflowPage(
      WorkflowRow row, List<RunRow> runs, @Nullable RunGraph graph, List<String> acls) {}

  /**
   * A run in a list.
   *
   * @param since when it began, if it has not ended
   */
  record RunRow(
      String id,
      String workflowId,
      String name,
      Badge badge,
      String by,
      @Nullable Moment created,
      String took,
      @Nullable String since) {

    public boolean isEnded() {
      return since == null;
    }

    /** The end of its id. */
    public String shortId() {
      return id.substring(Math.max(0, id.length() - 6));
    }
  }

  WorkflowList list(String organization, String cursor) {
    var answer =
        api.get(
            "/"
                + organization
                + "/workflows?limit="
                + PAGE
                + (cursor.isEmpty() ? "" : "&cursor=" + cursor));
    var rows = new ArrayList<WorkflowRow>();
    answer
        .body()
        .forEach(
            workflow ->
                rows.add(row(workflow, runs(organization, workflow.path("id").asString("")))));
    return new WorkflowList(rows, answer.cursor());
  }

  JsonNode workflow(String organization, String id) {
    return api.get("/" + organization + "/workflows/" + id).body();
  }

  WorkflowPage one(String organization, String id) {
    var workflow = workflow(organization, id);
    var runs = runs(organization, id);
    var acls = new ArrayList<String>();
    workflow.path("acls").forEach(acl -> acls.add(acl.asString("")));
    return new WorkflowPage(
        row(workflow, runs),
        runs.stream().map(this::run).toList(),
        drawing.plain(workflow.path("graph"), tasks(organization)),
        acls);
  }

  /** What its run is given: its own parameters, or those of the one task that it begins with. */
  JsonNode parameters(String organization, JsonNode workflow) {
    var shape = MessageJson.mapper().createObjectNode();
    var parameters = shape.putArray("task_arguments");
    var own = workflow.path("definition").path("task_arguments");
    if (own.isArray()) {
      own.forEach(parameters::add);
    } else {
      first(workflow)
          .map(task -> api.send("GET", "/" + organization + "/task/" + task, null))
          .filter(ApiAnswer::isSuccess)
          .ifPresent(task -> task.body().path("task_arguments").forEach(parameters::add));
    }
    for (var place = 0; place < parameters.size(); place++) {
      if (parameters.get(place) instanceof ObjectNode parameter) {
        parameters.set(place, parameter.deepCopy().put("order", place));
      }
    }
    return shape;
  }

  RunRow run(JsonNode run) {
    var isEnded = run.path("ended").isString();
    return new RunRow(
        run.path("id").asString(""),
        run.path("workflow_id").asString(""),
        run.path("name").asString(""),
        badge(run.path("state").asString("")),
        by(run),
        words.moment(run.path("creation_date")),
        words.between(run.path("creation_date"), run.path("ended")),
        isEnded ? null : run.path("creation_date").asString(null));
  }

  /** How a run or a step stands, in the words of runs. */
  Badge badge(String state) {
    return switch (state) {
      case "success" -> words.badge("succeeded");
      case "failure" -> words.badge("failed");
      case "canceled" -> words.badge("canceled");
      case "timeout" ->
          new Badge("failed", words.say("state.failed"), words.say("outcome.timed_out"));
      default -> words.badge("running");
    };
  }

  private List<JsonNode> runs(String organization, String id) {
    var runs = new ArrayList<JsonNode>();
    api.get("/" + organization + "/workflows/" + id + "/job").body().forEach(runs::add);
    return runs;
  }

  private WorkflowRow row(JsonNode workflow, List<JsonNode> runs) {
    var states =
        runs.reversed().stream().map(run -> badge(run.path("state").asString("")).state()).toList();
    return new WorkflowRow(
        workflow.path("id").asString(""),
        workflow.path("name").asString(""),
        workflow.path("version").asInt(1),
        workflow.path("graph").path("nodes").size(),
        StripView.of(states),
        runs.isEmpty() ? null : badge(runs.getFirst().path("state").asString("")),
        runs.isEmpty() ? null : words.moment(runs.getFirst().path("creation_date")));
  }

  private String by(JsonNode run) {
    var origin = run.path("origin").asString("");
    if (!origin.equals("user")) {
      return words.origin(origin);
    }
    return run.path("user").path("email").asString(words.say("by.token"));
  }

  /** The names of the tasks that the reader may see, by their ids. */
  private Map<String, String> tasks(String organization) {
    var names = new HashMap<String, String>();
    api.get("/" + organization + "/task?limit=1000&fields=id,name")
        .body()
        .forEach(task -> names.put(task.path("id").asString(""), task.path("name").asString("")));
    return names;
  }

  private static Optional<String> first(JsonNode workflow) {
    var firsts = new LinkedHashMap<String, String>();
    for (var node : workflow.path("graph").path("nodes")) {
      firsts.put(node.path("v").asString(""), node.path("value").path("task_id").asString(""));
    }
    var named = firsts.get(workflow.path("start_task_id").asString(""));
    if (named != null) {
      return Optional.of(named).filter(it -> !it.isEmpty());
    }
    workflow
        .path("graph")
        .path("edges")
        .forEach(edge -> firsts.remove(edge.path("w").asString("")));
    return firsts.size() == 1
        ? firsts.values().stream().filter(it -> !it.isEmpty()).findFirst()
        : Optional.empty();
  }
}
