package io.capataz.supervisor.recipe;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.ObjectNode;

/**
 * Recipes by HTTP (seed 004): tasks and workflows with their scripts as one JSON document, to be
 * kept, shared and brought to another place. Secrets are never in one.
 */
@RestController
class RecipeController {

  private final Recipes recipes;

  RecipeController(Recipes recipes) {
    this.recipes = recipes;
  }

  /**
   * {@code GET /{customer}/task/{id}/recipe} (seed 004) and {@code GET /task/{id}/recipe}: the task
   * and its script's file, side by side, with the values of what is not masked. Times are
   * milliseconds, as the original has them.
   */
  @GetMapping({"/{customer}/task/{id}/recipe", "/task/{id}/recipe"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_READ)
  ObjectNode recipe(@PathVariable String id, Caller.Member caller) {
    return recipes.ofTask(caller, id).sideBySide();
  }

  /**
   * {@code GET /{customer}/task/{id}/serialize} and {@code GET /task/{id}/serialize}: the task with
   * its script inside, as the original has written it since 2022. {@code ?mode=shallow} for others:
   * no host, no ACL, every value emptied; {@code ?mode=deep} for oneself: all but what is masked;
   * without: what is of this place is left out, and values stay.
   */
  @GetMapping({"/{customer}/task/{id}/serialize", "/task/{id}/serialize"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_READ)
  ObjectNode serialize(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return recipes.ofTask(caller, id).nested(mode(input));
  }

  /**
   * {@code POST /{customer}/task/import} and {@code POST /task/import}: makes a task of a recipe of
   * any generation, script included. Where it runs is said by {@code hostname}, {@code host_id} or
   * {@code pool} in the query or the body; else by the name of the recipe's own host, if there is
   * one of that name here.
   *
   * <p>Answers the task, with its secret key, and in {@code ignored_fields} the pointers of what
   * neither the original nor we know; such a field does not stop an import.
   */
  @PostMapping({"/{customer}/task/import", "/task/import"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ObjectNode importTask(ApiInput input, Caller.Member caller) {
    return recipes.bringTask(caller, input.object(), place(input));
  }

  /**
   * {@code GET /{customer}/task/import} with the recipe as its body: the same, because seed 004
   * lists it so. Some proxies drop the body of a GET; POST is the way.
   */
  @GetMapping({"/{customer}/task/import", "/task/import"})
  @Allow(role = Role.ADMIN, scope = Scope.TASK_WRITE)
  ObjectNode importTaskByGet(ApiInput input, Caller.Member caller) {
    return importTask(input, caller);
  }

  /**
   * {@code GET /{customer}/workflows/{id}/serialize} and {@code GET /workflows/{id}/serialize}: the
   * workflow with its tasks, their scripts, and its graph; {@code ?mode=} as with a task. 409 if
   * one of its tasks has been removed.
   */
  @GetMapping({"/{customer}/workflows/{id}/serialize", "/workflows/{id}/serialize"})
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_READ)
  ObjectNode serializeWorkflow(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return recipes.ofWorkflow(caller, id, mode(input));
  }

  /**
   * {@code POST /{customer}/workflows/import} and {@code POST /workflows/import}: makes a workflow
   * and its script tasks, all on the host or pool that the request names; if anything is wrong
   * there is nothing. Tasks of other types are kept as the recipe has them. Nothing walks through a
   * workflow yet; its tasks can be run one by one.
   */
  @PostMapping({"/{customer}/workflows/import", "/workflows/import"})
  @Allow(role = Role.ADMIN, scope = Scope.WORKFLOW_WRITE)
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
                      "/mode", "unknown_word", "must be shallow or deep, or left out.")));
    };
  }

  /** Where it is to run; a task that is the body itself says in host_id where it once was. */
  private static Recipes.Place place(ApiInput input) {
    var around = input.object().get("task") instanceof ObjectNode;
    return new Recipes.Place(
        input.queryText("hostname").or(() -> input.bodyText("hostname")),
        input.queryText("host_id").or(() -> input.bodyText("host_id").filter(_ -> around)),
        input.queryText("pool").or(() -> input.bodyText("pool").filter(_ -> around)));
  }
}
