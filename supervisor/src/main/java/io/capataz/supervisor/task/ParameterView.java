package io.capataz.supervisor.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A parameter in an answer.
 *
 * @param value of a fixed one; not that of one that is masked
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ParameterView(
    String type,
    int order,
    String label,
    @Nullable String value,
    boolean required,
    boolean masked) {
  static ParameterView of(Parameter parameter) {
    return new ParameterView(
        parameter.kind().name().toLowerCase(Locale.ROOT),
        parameter.order(),
        parameter.label(),
        parameter.masked() && parameter.value() != null ? Task.MASK : parameter.value(),
        parameter.required(),
        parameter.masked());
  }
}
