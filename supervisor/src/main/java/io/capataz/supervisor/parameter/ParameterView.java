package io.capataz.supervisor.parameter;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.supervisor.parameter.Parameter.Charset;
import io.capataz.supervisor.parameter.Parameter.Kind;
import io.capataz.supervisor.parameter.Parameter.Option;
import io.capataz.supervisor.parameter.Parameter.Remote;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A parameter in a response; can be sent back unchanged.
 *
 * @param value the value of a fixed parameter; not shown if masked
 * @param defaultValue used if the caller provides no value; not shown if masked
 * @param min a number or a date, depending on the type
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ParameterView(
    String type,
    int order,
    String label,
    @Nullable String value,
    @JsonProperty("default") @Nullable String defaultValue,
    boolean required,
    boolean masked,
    boolean readonly,
    @Nullable String help,
    @Nullable Boolean multiple,
    @Nullable List<Option> options,
    @Nullable Integer charsmin,
    @Nullable Integer charsmax,
    @Nullable String charset,
    @Nullable String pattern,
    @Nullable Object min,
    @Nullable Object max,
    @Nullable String endpointUrl,
    @Nullable String idAttribute,
    @Nullable String textAttribute) {

  public static ParameterView of(Parameter parameter) {
    var rules = parameter.rules();
    var kind = parameter.kind();
    var value =
        parameter.masked() && parameter.value() != null ? Parameter.MASK : parameter.value();
    return new ParameterView(
        kind.wire(),
        parameter.order(),
        parameter.label(),
        kind == Kind.FIXED ? value : null,
        kind == Kind.FIXED ? null : value,
        parameter.required(),
        parameter.masked(),
        rules.readonly(),
        parameter.help(),
        kind.isChoice() ? rules.multiple() : null,
        kind == Kind.SELECT ? rules.options() : null,
        rules.charsMin(),
        rules.charsMax(),
        rules.charset() == Charset.ALL ? null : rules.charset().wire(),
        rules.pattern(),
        bound(kind, rules.min()),
        bound(kind, rules.max()),
        of(rules.remote(), Remote::endpointUrl),
        of(rules.remote(), Remote::idAttribute),
        of(rules.remote(), Remote::textAttribute));
  }

  private static @Nullable Object bound(Kind kind, @Nullable String bound) {
    return bound == null || kind != Kind.NUMBER ? bound : new BigDecimal(bound);
  }

  private static @Nullable String of(
      @Nullable Remote remote, Function<Remote, @Nullable String> part) {
    return remote == null ? null : part.apply(remote);
  }
}
