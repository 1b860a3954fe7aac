package io.capataz.supervisor.recipe;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.script.Script;
import io.capataz.supervisor.script.ScriptFiles;
import io.capataz.supervisor.script.Scripts;
import io.capataz.supervisor.task.TaskTransfers;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.workflow.Workflows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.bson.types.ObjectId;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Imports and exports tasks and workflows. */
@Component
class Recipes {

  private final TaskTransfers tasks;
  private final ScriptFiles files;
  private final Scripts scripts;
  private final Hosts hosts;
  private final Workflows workflows;

  Recipes(
      TaskTransfers tasks, ScriptFiles files, Scripts scripts, Hosts hosts, Workflows workflows) {
    this.tasks = tasks;
    this.files = files;
    this.scripts = scripts;
    this.hosts = hosts;
    this.workflows = workflows;
  }

  /** Where imported tasks should run, according to the request; at most one is set. */
  record Place(Optional<String> hostname, Optional<String> hostId, Optional<String> pool) {}

  /** A task to export. */
  record Taken(ObjectNode task, Script script) {
    ObjectNode sideBySide() {
      return WrittenRecipe.sideBySide(task, script.filename(), content());
    }

    ObjectNode nested(WrittenRecipe.Mode mode) {
      return WrittenRecipe.nested(task, script.filename(), content(), mode);
    }

    private Bytes content() {
      return script.bytes();
    }
  }

  /**
   * The task with its script.
   *
   * @throws ApiProblem 404
   */
  Taken ofTask(Caller.Member caller, String id) {
    tasks
        .written(caller, id)
        .map(task -> task.path("type").asString())
        .filter(type -> !type.equals("script"))
        .ifPresent(
            type -> {
              throw ApiProblem.conflict(
                  "not_exported",
                  "The task is of type "
                      + type
                      + ". A recipe contains a script, so only tasks that run one have recipes."
                      + " GET the task itself instead: it can be sent to another organization.");
            });
    return taken(caller, id).orElseThrow(() -> ApiProblem.notFound("The task"));
  }

  private Optional<Taken> taken(Caller.Member caller, String id) {
    return tasks
        .written(caller, id)
        .flatMap(
            task ->
                files
                    .current(caller.organization(), task.path("script_id").asString())
                    .flatMap(script -> scripts.find(caller.organization(), script))
                    .map(script -> new Taken(task, script)));
  }

  /**
   * Creates a task.
   *
   * @throws ApiProblem 400, naming what is wrong with the recipe
   */
  ObjectNode bringTask(Caller.Member caller, ObjectNode sent, Place place) {
    var recipe = TaskRecipe.read(sent, "");
    var body = placed(caller, recipe, place);
    var made = tasks.make(checked(caller, recipe, body));
    return withIgnored(made, recipe.unknown());
  }

  private TaskTransfers.Checked checked(Caller.Member caller, TaskRecipe recipe, ObjectNode body) {
    try {
      return tasks.check(caller, body);
    } catch (ApiProblem refused) {
      throw recipe.inItsWords(refused);
    }
  }

  /** The body of the task to create, and where it should run. */
  private ObjectNode placed(Caller.Member caller, TaskRecipe recipe, Place place) {
    var body = recipe.body().deepCopy();
    if (body.has("type")) {
      return body; // It runs no script, and so on no host.
    }
    place.pool().ifPresent(pool -> body.put("pool", pool));
    place.hostId().ifPresent(host -> body.put("host_id", host));
    if (place.pool().isEmpty() && place.hostId().isEmpty()) {
      var name =
          place
              .hostname()
              .or(recipe::hostname)
              .orElseThrow(
                  () ->
                      TaskRecipe.wrong(
                          "/hostname",
                          "required",
                          "is required unless host_id or pool is sent: specify where the task"
                              + " should run."));
      body.put("host_id", hostNamed(caller, name).id());
    }
    return body;
  }

  private Host hostNamed(Caller.Member caller, String name) {
    return hosts
        .withName(caller.organization(), name)
        .orElseThrow(
            () ->
                TaskRecipe.wrong(
                    "/hostname",
                    "not_found",
                    "must be the name of an existing host; see GET /%s/host."
                        .formatted(caller.organization())));
  }

  /**
   * The workflow with its tasks and their scripts.
   *
   * @throws ApiProblem 404; 409 if one of its tasks is no longer there
   */
  ObjectNode ofWorkflow(Caller.Member caller, String id, WrittenRecipe.Mode mode) {
    var workflow =
        workflows.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The workflow"));
    var definition = WorkflowRecipe.kept(workflow.definition());
    var fresh = new HashMap<String, String>();
    definition.nodes().forEach(node -> fresh.put(node, UUID.randomUUID().toString()));
    return definition
        .renamed(fresh)
        .with(
            task ->
                taken(caller, task)
                    .map(taken -> taken.nested(mode))
                    .orElseThrow(
                        () ->
                            ApiProblem.conflict(
                                "task_missing",
                                "The workflow cannot be exported: its task "
                                    + task
                                    + " was removed.")));
  }

  /**
   * Creates a workflow and its tasks.
   *
   * @throws ApiProblem 400, naming what is wrong with the recipe
   */
  ObjectNode bringWorkflow(Caller.Member caller, ObjectNode sent, Place place) {
    var recipe = WorkflowRecipe.read(sent);
    workflows.check(recipe.definition().json());
    var ignored = new ArrayList<>(recipe.unknown());
    var checked = new LinkedHashMap<String, TaskTransfers.Checked>();
    for (var entry : recipe.scriptTasks().entrySet()) {
      var task = TaskRecipe.read(entry.getValue().task(), entry.getValue().pointer());
      ignored.addAll(task.unknown());
      checked.put(entry.getKey(), checked(caller, task, placed(caller, task, place)));
    }
    var ids = new HashMap<String, String>();
    recipe.definition().nodes().forEach(node -> ids.put(node, ObjectId.get().toHexString()));
    Map<String, String> made = new HashMap<>();
    checked.forEach(
        (node, task) -> {
          var id = tasks.make(task).path("id").asString();
          ids.put(node, id);
          made.put(node, id);
        });
    var workflow =
        workflows.add(
            caller,
            recipe.name(),
            recipe.acl(),
            recipe.definition().naming(made).renamed(ids).json());
    var answer = workflow.definition().deepCopy();
    ((ObjectNode) answer).put("id", workflow.id());
    ((ObjectNode) answer).put("name", workflow.name());
    return withIgnored((ObjectNode) answer, ignored);
  }

  private static ObjectNode withIgnored(ObjectNode answer, List<String> ignored) {
    var list = answer.putArray("ignored_fields");
    ignored.forEach(list::add);
    return answer;
  }
}
