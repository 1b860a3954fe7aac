package io.capataz.supervisor.task;

import io.capataz.supervisor.web.FieldReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Reads the parameters that a task declares; {@code task_arguments} of seed 004. */
final class ParameterFields {

  private ParameterFields() {}

  /** The parameters, by order; mistakes are told to {@code fields}. */
  static List<Parameter> read(FieldReader fields) {
    var parameters = new ArrayList<Parameter>();
    fields.objects(
        "task_arguments",
        100,
        item -> {
          var kind =
              switch (item.requiredText("type", 30)) {
                case "fixed" -> Parameter.Kind.FIXED;
                case "input" -> Parameter.Kind.INPUT;
                case "file" -> Parameter.Kind.FILE;
                default -> {
                  item.wrong("type", "unknown_type", "must be fixed, input or file.");
                  yield Parameter.Kind.INPUT;
                }
              };
          var order = item.whole("order", 0, 10_000);
          var label = item.text("label", 200);
          var value = item.text("value", Arguments.MAX_LENGTH);
          var required = item.truth("required");
          var masked = item.truth("masked");
          if (kind != Parameter.Kind.FIXED && value.isPresent()) {
            item.wrong("value", "not_allowed", "is for fixed arguments only.");
          }
          value
              .filter(
                  text -> text.indexOf('\0') >= 0 || Arguments.bytes(text) > Arguments.MAX_BYTES)
              .ifPresent(
                  _ ->
                      item.wrong(
                          "value",
                          "not_an_argument",
                          "may hold no NUL and %d bytes in UTF-8.".formatted(Arguments.MAX_BYTES)));
          var place = (int) order.orElse(parameters.size());
          parameters.add(
              new Parameter(
                  kind,
                  place,
                  label.orElse("argument " + place),
                  value.orElse(null),
                  required.orElse(kind != Parameter.Kind.FIXED),
                  masked.orElse(false)));
        });
    parameters.sort(Comparator.comparingInt(Parameter::order));
    return parameters;
  }
}
