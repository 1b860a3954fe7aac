package io.capataz.supervisor.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.protocol.MessageJson;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One field in which two versions of a task differ. Secret values are masked on both sides, but a
 * difference between them is still shown.
 *
 * @param field its name, such as {@code timeout} or {@code env/REGION}
 * @param before absent if it was not set
 * @param after absent if it is not set
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record TaskDifference(String field, @Nullable JsonNode before, @Nullable JsonNode after) {

  /** Fields that differ in every version. */
  private static final Set<String> PASSED_OVER =
      Set.of("version", "last_update", "changed_by", "env", "task_arguments");

  static List<TaskDifference> between(Task before, Task after) {
    ObjectNode one = MessageJson.mapper().valueToTree(TaskView.of(before));
    ObjectNode other = MessageJson.mapper().valueToTree(TaskView.of(after));
    var found = new ArrayList<TaskDifference>();
    for (var name : names(one, other)) {
      if (!PASSED_OVER.contains(name) && !Objects.equals(one.get(name), other.get(name))) {
        found.add(new TaskDifference(name, one.get(name), other.get(name)));
      }
    }
    if (!before.parameters().equals(after.parameters())) {
      found.add(
          new TaskDifference(
              "task_arguments", one.get("task_arguments"), other.get("task_arguments")));
    }
    var was = one.path("env");
    var is = other.path("env");
    for (var name : names(was, is)) {
      var same =
          Objects.equals(variable(before, name), variable(after, name))
              && Objects.equals(was.get(name), is.get(name));
      if (!same) {
        found.add(new TaskDifference("env/" + name, was.get(name), is.get(name)));
      }
    }
    return found;
  }

  private static @Nullable String variable(Task task, String name) {
    return task.action().runScript().map(script -> script.environment().get(name)).orElse(null);
  }

  private static Set<String> names(JsonNode one, JsonNode other) {
    var names = new LinkedHashSet<>(one.propertyNames());
    names.addAll(other.propertyNames());
    return names;
  }
}
