package io.capataz.supervisor.task;

import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.web.FieldReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Masks that a client sends back from a response: they stand for the task's current value. That
 * value is kept only if it stays masked, so that no change of a task ever reveals one.
 */
final class Masks {

  private static final String ONLY_MASKED =
      "must be the value itself, not the mask, for a variable that is no longer masked. Send the"
          + " value to unmask it.";

  private static final String NOTHING_BEHIND =
      "must be a value, not the mask: there is no masked value to keep.";

  private Masks() {}

  /**
   * The variables or headers, with masks replaced by their values.
   *
   * @param at the field that they are read from
   */
  static Map<String, String> lifted(
      FieldReader fields,
      String at,
      Map<String, String> variables,
      List<String> masked,
      @Nullable Task current) {
    var lifted = new LinkedHashMap<String, String>(variables);
    variables.forEach(
        (name, value) -> {
          if (!value.equals(Parameter.MASK)) {
            return;
          }
          var behind = current == null ? null : behind(current, at, name);
          if (masked.contains(name) && behind != null) {
            lifted.put(name, behind);
          } else if (masked.contains(name)) {
            fields.wrong(at + "/" + name, "mask", NOTHING_BEHIND);
          } else if (behind != null) {
            fields.wrong(at + "/" + name, "mask", ONLY_MASKED);
          }
        });
    return lifted;
  }

  private static @Nullable String behind(Task current, String at, String name) {
    return current.action().secrets().get(at + "/" + name);
  }

  /** The parameters, with masks replaced by the values of parameters with the same label. */
  static List<Parameter> lifted(
      FieldReader fields, List<Parameter> parameters, @Nullable Task current) {
    var lifted = new ArrayList<>(parameters);
    for (var i = 0; i < lifted.size(); i++) {
      var parameter = lifted.get(i);
      if (!Parameter.MASK.equals(parameter.value())) {
        continue;
      }
      var pointer = "task_arguments/" + i + "/value";
      var behind = behind(current, parameter);
      if (parameter.masked() && behind.isPresent()) {
        lifted.set(i, parameter.valued(behind.get()));
      } else if (parameter.masked()) {
        fields.wrong(pointer, "mask", NOTHING_BEHIND);
      } else if (behind.isPresent()) {
        fields.wrong(pointer, "mask", ONLY_MASKED);
      }
    }
    return lifted;
  }

  private static Optional<String> behind(@Nullable Task current, Parameter parameter) {
    return current == null
        ? Optional.empty()
        : current.parameters().stream()
            .filter(known -> known.masked() && known.label().equals(parameter.label()))
            // If several have the label, the one at the same position is preferred.
            .sorted(Comparator.comparing(known -> known.order() != parameter.order()))
            .map(Parameter::value)
            .filter(Objects::nonNull)
            .findFirst();
  }
}
