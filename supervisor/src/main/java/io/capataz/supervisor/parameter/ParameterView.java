package io.capataz.supervisor.parameter;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.supervisor.parameter.Parameter.Charset;
import io.capataz.supervisor.parameter.Parameter.Kind;
import io.capataz.supervisor.parameter.Parameter.Option;
import io.capataz.supervisor.parameter.Parameter.Remote;
import io.capataz.supervisor.parameter.Parameter.Rules;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A parameter in a response; can be sent back unchanged.
 *
 * @param value the value of a fixed parameter; not shown if masked
 * @param defaultValue used if the caller provides no value; not shown if masked
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
    @JsonUnwrapped Choice choice,
    @JsonUnwrapped Limits limits,
    @JsonUnwrapped Source source) {

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Choice(@Nullable Boolean multiple, @Nullable List<Option> options) {
    static Choice of(Kind kind, Rules rules) {
      return new Choice(
          kind.isChoice() ? rules.multiple() : null, kind == Kind.SELECT ? rules.options() : null);
    }
  }

  /**
   * What a value must keep to.
   *
   * @param min a number or a date, depending on the type
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Limits(
      @Nullable Integer charsmin,
      @Nullable Integer charsmax,
      @Nullable String charset,
      @Nullable String pattern,
      @Nullable Object min,
      @Nullable Object max) {
    static Limits of(Kind kind, Rules rules) {
      return new Limits(
          rules.charsMin(),
          rules.charsMax(),
          rules.charset() == Charset.ALL ? null : rules.charset().wire(),
          rules.pattern(),
          bound(kind, rules.min()),
          bound(kind, rules.max()));
    }
  }

  /** Where a form finds the options. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Source(
      @Nullable String endpointUrl, @Nullable String idAttribute, @Nullable String textAttribute) {
    static Source of(@Nullable Remote remote) {
      return remote == null
          ? new Source(null, null, null)
          : new Source(remote.endpointUrl(), remote.idAttribute(), remote.textAttribute());
    }
  }

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
        Choice.of(kind, rules),
        Limits.of(kind, rules),
        Source.of(rules.remote()));
  }

  private static @Nullable Object bound(Kind kind, @Nullable String bound) {
    return bound == null || kind != Kind.NUMBER ? bound : new BigDecimal(bound);
  }
}
