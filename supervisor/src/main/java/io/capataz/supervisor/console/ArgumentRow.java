package io.capataz.supervisor.console;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * An argument of a job.
 *
 * @param label its parameter's, if the task still is the one that the job was made from; else its
 *     number
 * @param isMasked its value is a secret
 */
record ArgumentRow(String label, String value, boolean isMasked) {

  private static final String MASK = "********";

  /** The arguments of a job as the API answers it. */
  static List<ArgumentRow> of(JsonNode job, JsonNode task) {
    var labels = new ArrayList<String>();
    if (task.path("version").asInt(0) == job.path("task_version").asInt(-1)) {
      task.path("task_arguments").forEach(it -> labels.add(it.path("label").asString("")));
    }
    var arguments = new ArrayList<ArgumentRow>();
    for (var value : job.path("task_arguments_values")) {
      var at = arguments.size();
      var text = value.asString("");
      arguments.add(
          new ArgumentRow(
              at < labels.size() ? labels.get(at) : Integer.toString(at + 1),
              text,
              text.equals(MASK)));
    }
    return arguments;
  }
}
