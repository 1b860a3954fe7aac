package io.capataz.supervisor.recipe;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.LargeBody;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

/**
 * Recipes over HTTP (seed 004): tasks and workflows with their scripts as one JSON document, for
 * backup, sharing and migration. A recipe never contains a secret.
 */
@RestController
class RecipeController {

  private final Recipes recipes;

  RecipeController(Recipes recipes) {
    this.recipes = recipes;
  }

  /**
   * {@code GET /{customer}/task/{id}/recipe} (seed 004) and {@code GET /task/{id}/recipe}: exports
   * the task and its script file side by side, with the values that are not masked. Times are in
   * milliseconds, as in the original.
   */
  @GetMapping({"/{customer}/task/{id}/recipe", "/task/{id}/recipe"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_READ)
  ObjectNode recipe(@PathVariable String id, Caller.Member caller) {
    return recipes.ofTask(caller, id).sideBySide();
  }

  /**
   * {@code GET /{customer}/task/{id}/serialize} and {@code GET /task/{id}/serialize}: exports the
   * task with its script inside, in the original's format since 2022. {@code ?mode=shallow} for
   * sharing: no host, no ACL, all values emptied; {@code ?mode=deep} for yourself: everything
   * except masked values; without a mode: without anything specific to this installation, but with
   * the values.
   */
  @GetMapping({"/{customer}/task/{id}/serialize", "/task/{id}/serialize"})
  @Accepts(query = "mode")
  @Allow(role = Role.ADMIN, scope = Scope.TASK_READ)
  ObjectNode serialize(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return recipes.ofTask(caller, id).nested(mode(input));
  }

  /**
   * {@code POST /{customer}/task/import} and {@code POST /task/import}: creates a task from a
   * recipe of any format, including its script. It runs where {@code hostname}, {@code host_id} or
   * {@code pool} in the query or the body say; otherwise on the host named in the recipe, if it
   * exists.
   *
   * <p>Returns the task with its secret key, and in {@code ignored_fields} the pointers of unknown
   * fields, which do not stop an import.
   */
  @PostMapping({"/{customer}/task/import", "/task/import"})
  @Accepts(
      query = {"hostname", "host_id", "pool"},
      body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  @LargeBody
  ObjectNode importTask(ApiInput input, Caller.Member caller) {
    return recipes.bringTask(caller, input.object(), place(input));
  }

  /**
   * {@code GET /{customer}/task/import} with the recipe as its body: the same, because seed 004
   * lists it. Some proxies drop the body of a GET, so prefer POST.
   */
  @GetMapping({"/{customer}/task/import", "/task/import"})
  @Accepts(
      query = {"hostname", "host_id", "pool"},
      body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  @LargeBody
  ObjectNode importTaskByGet(ApiInput input, Caller.Member caller) {
    return importTask(input, caller);
  }

  /**
   * {@code GET /{customer}/workflows/{id}/serialize} and {@code GET /workflows/{id}/serialize}:
   * exports the workflow with its tasks, their scripts and its graph; {@code ?mode=} as for a task.
   * 409 if one of its tasks has been removed.
   */
  @GetMapping({"/{customer}/workflows/{id}/serialize", "/workflows/{id}/serialize"})
  @Accepts(query = "mode")
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_READ)
  ObjectNode serializeWorkflow(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return recipes.ofWorkflow(caller, id, mode(input));
  }

  /**
   * {@code POST /{customer}/workflows/import} and {@code POST /workflows/import}: creates a
   * workflow and its script tasks, all on the host or pool named in the request; if anything is
   * invalid, nothing is created. Tasks of other types are stored as they are in the recipe; a run
   * that reaches one fails there.
   */
  @PostMapping({"/{customer}/workflows/import", "/workflows/import"})
  @Accepts(
      query = {"hostname", "host_id", "pool"},
      body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
  @LargeBody
  ObjectNode importWorkflow(ApiInput input, Caller.Member caller) {
    return recipes.bringWorkflow(caller, input.object(), place(input));
  }

  private static WrittenRecipe.Mode mode(ApiInput input) {
    return switch (input.queryText("mode").orElse("")) {
      case "" -> WrittenRecipe.Mode.TEMPLATE;
      case "shallow" -> WrittenRecipe.Mode.SHALLOW;
      case "deep" -> WrittenRecipe.Mode.DEEP;
      default ->
          throw ApiProblem.invalid(
              List.of(
                  new ApiProblem.FieldError(
                      "/mode", "unknown_word", "must be shallow, deep or left out.")));
    };
  }

  /**
   * Where it should run. If the body is the task itself, its host_id is that of the exporting
   * system.
   */
  private static Recipes.Place place(ApiInput input) {
    var around = input.object().get("task") instanceof ObjectNode;
    return new Recipes.Place(
        input.queryText("hostname").or(() -> input.bodyText("hostname")),
        input.queryText("host_id").or(() -> input.bodyText("host_id").filter(_ -> around)),
        input.queryText("pool").or(() -> input.bodyText("pool").filter(_ -> around)));
  }
}
