package io.capataz.supervisor.recipe;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.web.FieldReader;
import io.capataz.supervisor.workflow.OriginalFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A workflow of a recipe, checked: its tasks have ids of their own, and its graph and its start
 * name only those, besides the node that stands in front of the first task.
 *
 * @param name what people call it
 * @param acl who, below administrators, may see it
 * @param scriptTasks the tasks that run here, by the ids they have in the recipe
 * @param definition everything else
 * @param unknown pointers to fields that the import leaves out: unknown ones, and triggers
 */
record WorkflowRecipe(
    String name,
    Acl acl,
    Map<String, Placed> scriptTasks,
    Definition definition,
    List<String> unknown) {

  /** The node in front of the first task, which newer versions of the original draw. */
  private static final String START_NODE = "START_NODE";

  private static final int MOST_TASKS = 200;
  private static final int MOST_EDGES = 2_000;
  private static final int LONGEST_NAME = 200;

  /** Those of our own that a recipe may have besides. */
  private static final Set<String> OURS = Set.of("acl", "acls", "name");

  /** A task and its position in the recipe. */
  record Placed(ObjectNode task, String pointer) {}

  /** Whether a field may be left out: it says nothing that holds where the recipe is imported. */
  private static boolean isOfItsPlace(String name, JsonNode value) {
    return switch (name) {
      case "hostname" -> true;
      case "triggers" -> !TaskRecipe.says(value);
      default -> OriginalFields.OF_ITS_PLACE.contains(name);
    };
  }

  /**
   * Reads a recipe of the third format.
   *
   * @throws io.capataz.supervisor.web.ApiProblem 400 if it is none
   */
  static WorkflowRecipe read(ObjectNode sent) {
    var unknown = new ArrayList<String>();
    var kept = sent.deepCopy();
    for (var name : sent.propertyNames()) {
      if (!OURS.contains(name) && !OriginalFields.KEPT.contains(name)) {
        kept.remove(name);
        if (!isOfItsPlace(name, sent.get(name))) {
          unknown.add("/" + TaskRecipe.escaped(name));
        }
      }
    }
    var name = text(sent, "name", "/name");
    if (name.length() > LONGEST_NAME) {
      throw TaskRecipe.wrong(
          "/name", "wrong_length", "must have at most " + LONGEST_NAME + " characters.");
    }
    if (!(kept.get("tasks") instanceof ArrayNode tasks)
        || tasks.isEmpty()
        || tasks.size() > MOST_TASKS) {
      throw TaskRecipe.wrong(
          "/tasks", "wrong_type", "must be a list of 1 to " + MOST_TASKS + " tasks.");
    }
    var scripts = new LinkedHashMap<String, Placed>();
    var ids = new LinkedHashSet<String>();
    for (var i = 0; i < tasks.size(); i++) {
      var at = "/tasks/" + i;
      if (!(tasks.get(i) instanceof ObjectNode task)) {
        throw TaskRecipe.wrong(at, "wrong_type", "must be an object.");
      }
      var id = text(task, "id", at + "/id");
      if (!ids.add(id)) {
        throw TaskRecipe.wrong(
            at + "/id", "not_unique", "must be unique; another task has the same id.");
      }
      if (TaskRecipe.kindOf(task).equals(Optional.of("script"))) {
        scripts.put(id, new Placed(task, at));
      }
    }
    checkGraph(kept, ids);
    return new WorkflowRecipe(name, acl(sent), scripts, new Definition(kept), List.copyOf(unknown));
  }

  private static void checkGraph(ObjectNode workflow, Set<String> ids) {
    if (workflow.hasNonNull("start_task_id")) {
      known(workflow, "start_task_id", "/start_task_id", ids);
    }
    if (!(workflow.get("graph") instanceof ObjectNode graph)
        || !(graph.get("nodes") instanceof ArrayNode nodes)
        || !(graph.get("edges") instanceof ArrayNode edges)) {
      throw TaskRecipe.wrong("/graph", "wrong_type", "must contain the lists nodes and edges.");
    }
    if (nodes.size() > MOST_TASKS || edges.size() > MOST_EDGES) {
      throw TaskRecipe.wrong(
          "/graph",
          "too_many",
          "must have at most %d nodes and %d edges.".formatted(MOST_TASKS, MOST_EDGES));
    }
    var places = new HashSet<>(ids);
    places.add(START_NODE);
    for (var i = 0; i < nodes.size(); i++) {
      // In the first version of the format, events are nodes too.
      if (nodes.get(i).at("/value/_type").asString("").endsWith("Event")) {
        places.add(nodes.get(i).path("v").asString(""));
      }
      known(nodes.get(i), "v", "/graph/nodes/" + i + "/v", places);
    }
    for (var i = 0; i < edges.size(); i++) {
      known(edges.get(i), "v", "/graph/edges/" + i + "/v", places);
      known(edges.get(i), "w", "/graph/edges/" + i + "/w", places);
    }
  }

  private static void known(JsonNode node, String field, String pointer, Set<String> ids) {
    if (!ids.contains(node.path(field).asString(""))) {
      throw TaskRecipe.wrong(pointer, "not_found", "must be the id of one of the tasks.");
    }
  }

  private static String text(ObjectNode object, String field, String pointer) {
    var value = object.get(field);
    if (value == null || !value.isString() || value.stringValue().isBlank()) {
      throw TaskRecipe.wrong(pointer, "required", "is required.");
    }
    return value.stringValue();
  }

  private static Acl acl(ObjectNode workflow) {
    var fields = FieldReader.of(workflow);
    var acl = AclFields.read(fields).orElse(Acl.ADMINISTRATORS);
    fields.doneWithOthers();
    return acl;
  }

  /** A stored definition. */
  static Definition kept(JsonNode json) {
    return new Definition((ObjectNode) json);
  }

  /** The workflow in recipe format. Tasks stored elsewhere appear as {@code {id, task_id}}. */
  record Definition(ObjectNode json) {

    private static final String ELSEWHERE = "task_id";

    /** The ids of its tasks in the workflow. */
    Set<String> nodes() {
      var ids = new LinkedHashSet<String>();
      json.path("tasks").forEach(task -> ids.add(task.path("id").asString()));
      return ids;
    }

    /** The same, with tasks that are stored elsewhere replaced by references to these ids. */
    Definition naming(Map<String, String> taskIds) {
      var copy = json.deepCopy();
      var tasks = copy.putArray("tasks");
      for (var task : json.path("tasks")) {
        var elsewhere = taskIds.get(task.path("id").asString());
        if (elsewhere == null) {
          var itself = (ObjectNode) task.deepCopy();
          itself.remove(ELSEWHERE); // A field of this name in a recipe refers to another system.
          tasks.add(itself);
        } else {
          tasks.addObject().put("id", task.path("id").asString()).put(ELSEWHERE, elsewhere);
        }
      }
      return new Definition(copy);
    }

    /** The same, with other task ids. */
    Definition renamed(Map<String, String> ids) {
      var copy = json.deepCopy();
      rename(copy, "start_task_id", ids);
      copy.path("tasks").forEach(task -> rename(task, "id", ids));
      copy.path("graph")
          .path("nodes")
          .forEach(
              node -> {
                rename(node, "v", ids);
                rename(node.path("value"), "id", ids);
              });
      copy.path("graph")
          .path("edges")
          .forEach(
              edge -> {
                rename(edge, "v", ids);
                rename(edge, "w", ids);
              });
      return new Definition(copy);
    }

    /**
     * The complete workflow, with the tasks that are stored elsewhere as given by {@code whole}.
     */
    ObjectNode with(Function<String, ObjectNode> whole) {
      var copy = json.deepCopy();
      var tasks = copy.putArray("tasks");
      for (var task : json.path("tasks")) {
        if (task.hasNonNull(ELSEWHERE)) {
          var full = whole.apply(task.path(ELSEWHERE).asString());
          full.set("id", task.get("id"));
          tasks.add(full);
        } else {
          tasks.add(task.deepCopy());
        }
      }
      return copy;
    }

    private static void rename(JsonNode node, String field, Map<String, String> ids) {
      if (node instanceof ObjectNode object && object.hasNonNull(field)) {
        var id = ids.get(object.get(field).asString(""));
        if (id != null) {
          object.put(field, id);
        }
      }
    }
  }
}
