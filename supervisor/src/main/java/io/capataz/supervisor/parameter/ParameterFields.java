package io.capataz.supervisor.parameter;

import io.capataz.supervisor.parameter.Parameter.Charset;
import io.capataz.supervisor.parameter.Parameter.Kind;
import io.capataz.supervisor.parameter.Parameter.Option;
import io.capataz.supervisor.parameter.Parameter.Remote;
import io.capataz.supervisor.parameter.Parameter.Rules;
import io.capataz.supervisor.web.FieldReader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the parameters declared by a task; {@code task_arguments} of seed 004. A rule that does not
 * apply to a parameter's kind is a mistake, not ignored.
 */
public final class ParameterFields {

  private static final int MOST = 100;
  private static final int MOST_OPTIONS = 1_000;
  private static final int LONGEST_OPTION = 1_000;
  private static final int LONGEST_URL = 2_000;

  private final FieldReader item;
  private final Kind kind;

  private ParameterFields(FieldReader item, Kind kind) {
    this.item = item;
    this.kind = kind;
  }

  /** The parameters, by order; mistakes are added to {@code fields}. */
  public static List<Parameter> read(FieldReader fields) {
    fields
        .textOrNothing("arguments_type", 20)
        .filter(type -> !type.equals("legacy"))
        .ifPresent(
            _ ->
                fields.wrong(
                    "arguments_type",
                    "not_supported",
                    "must be legacy or left out: strings are passed as sent, and other values"
                        + " as JSON. For an argument that is always JSON, use the type json."));
    var parameters = new ArrayList<Parameter>();
    fields.objectsOrTexts(
        "task_arguments",
        MOST,
        // The oldest definitions are plain strings, and mean fixed ones.
        text -> {
          parameters.add(Parameter.fixed(parameters.size(), text));
          return argumentFlaw(text);
        },
        item -> {
          item.ignoring("id", "version");
          var parameter = new ParameterFields(item, kind(item)).read(parameters.size());
          if (parameters.stream().anyMatch(p -> p.order() == parameter.order())) {
            item.wrong(
                "order", "given_twice", "must be unique; an earlier argument has the same order.");
          }
          parameters.add(parameter);
        });
    parameters.sort(Comparator.comparingInt(Parameter::order));
    return parameters;
  }

  private static Kind kind(FieldReader item) {
    var word = item.requiredText("type", 30);
    return Kind.named(word)
        .orElseGet(
            () -> {
              if (!word.isEmpty()) {
                item.wrong("type", "unknown_type", "must be one of " + words(Kind.values()) + ".");
              }
              return Kind.INPUT;
            });
  }

  private static String words(Kind[] kinds) {
    return Stream.of(kinds).map(Kind::wire).collect(Collectors.joining(", "));
  }

  private Parameter read(int index) {
    var order = (int) item.whole("order", 0, 10_000).orElse(index);
    var parameter =
        new Parameter(
            kind,
            order,
            item.textOrNothing("label", 200).orElse("argument " + order),
            null,
            item.truth("required").orElse(kind != Kind.FIXED),
            item.truth("masked").orElse(false),
            item.textOrNothing("help", 2_000).orElse(null),
            rules());
    return parameter.valued(kind == Kind.FIXED ? fixedValue() : usualValue(parameter));
  }

  private @Nullable String fixedValue() {
    return item.any("value")
        .map(
            value -> {
              var text = value.isString() ? value.stringValue() : value.toString();
              argumentFlaw(text)
                  .ifPresent(detail -> item.wrong("value", "not_an_argument", detail));
              return text;
            })
        .orElse(null);
  }

  /** The default of the parameter; it must be valid like any other value. */
  private @Nullable String usualValue(Parameter parameter) {
    var asDefault = something("default");
    var asValue = something("value");
    if (asDefault.isPresent() && asValue.isPresent()) {
      item.wrong("value", "conflict", "must not be sent together with default.");
    }
    var name = asDefault.isPresent() ? "default" : "value";
    var sent = asDefault.or(() -> asValue).orElse(null);
    if (sent == null) {
      return null;
    }
    if (kind == Kind.FILE) {
      item.wrong(name, "not_allowed", "must not be set for files.");
      return null;
    }
    if (parameter.masked() && sent.asString("").equals(Parameter.MASK)) {
      // The mask of a response was sent back; the caller knows the current value.
      return Parameter.MASK;
    }
    return switch (ArgumentCheck.check(parameter, sent)) {
      case ArgumentCheck.Fits(String text) -> text;
      case ArgumentCheck.Wrong(String code, String detail) -> {
        item.wrong(name, code, "must be a valid value: " + detail);
        yield null;
      }
    };
  }

  private Optional<JsonNode> something(String name) {
    return item.any(name).filter(value -> !value.isString() || !value.stringValue().isEmpty());
  }

  private Rules rules() {
    var readonly = item.truth("readonly").orElse(false);
    var multiple = item.truth("multiple").orElse(false);
    if (multiple && !kind.isChoice()) {
      onlyFor("multiple", Kind.SELECT, Kind.REMOTE_OPTIONS);
    }
    var options = options();
    var charsMin = length("charsmin");
    var charsMax = length("charsmax");
    if (charsMin != null && charsMax != null && charsMin > charsMax) {
      item.wrong("charsmin", "conflict", "must not be more than charsmax.");
    }
    return new Rules(
        readonly,
        multiple,
        options,
        charsMin,
        charsMax,
        charset(),
        pattern(),
        bound("min"),
        bound("max"),
        remote());
  }

  private List<Option> options() {
    var options = new ArrayList<Option>();
    item.objectsOrTexts(
        "options",
        MOST_OPTIONS,
        text -> {
          options.add(new Option(text, text, options.size()));
          return text.isEmpty() || text.length() > LONGEST_OPTION
              ? Optional.of("must have 1 to " + LONGEST_OPTION + " characters.")
              : Optional.empty();
        },
        option -> {
          var id =
              option
                  .any("id")
                  .filter(node -> !node.isContainer() && !node.isPojo())
                  .map(JsonNode::asString)
                  .orElse("");
          if (id.isEmpty() || id.length() > LONGEST_OPTION) {
            option.wrong(
                "id",
                "required",
                "must be a number or a string of 1 to " + LONGEST_OPTION + " characters.");
          }
          options.add(
              new Option(
                  id,
                  option.textOrNothing("label", LONGEST_OPTION).orElse(id),
                  (int) option.whole("order", 0, 1_000_000).orElse(options.size())));
        });
    if (kind != Kind.SELECT && !options.isEmpty()) {
      onlyFor("options", Kind.SELECT);
    } else if (kind == Kind.SELECT && options.isEmpty() && !item.has("options")) {
      item.wrong("options", "required", "is required for a select.");
    }
    var ids = new HashSet<String>();
    if (!options.stream().allMatch(option -> ids.add(option.id()))) {
      item.wrong("options", "given_twice", "must have different ids.");
    }
    options.sort(Comparator.comparingInt(Option::order));
    return options;
  }

  private @Nullable Integer length(String name) {
    var length = item.wholeOrDigits(name, 0, Arguments.MAX_LENGTH);
    if (length.isPresent() && !kind.isText()) {
      onlyFor(name, textKinds());
      return null;
    }
    // Forms of seed 004's system write 0 for "no limit".
    return length.isEmpty() || length.equals(OptionalLong.of(0)) ? null : (int) length.orElse(0);
  }

  private Charset charset() {
    var word = item.textOrNothing("charset", 20).orElse("all").toLowerCase(Locale.ROOT);
    var charset = Stream.of(Charset.values()).filter(c -> c.wire().equals(word)).findFirst();
    if (charset.isEmpty()) {
      item.wrong("charset", "unknown_word", "must be all, alpha, num or alnum.");
    } else if (charset.get() != Charset.ALL && !kind.isText()) {
      onlyFor("charset", textKinds());
    }
    return charset.orElse(Charset.ALL);
  }

  private @Nullable String pattern() {
    var pattern = item.textOrNothing("pattern", Regexp.MAX_LENGTH);
    if (pattern.isEmpty()) {
      if (kind == Kind.REGEXP) {
        item.wrong("pattern", "required", "is required for a regexp.");
      }
      return null;
    }
    if (!kind.isText()) {
      onlyFor("pattern", textKinds());
      return null;
    }
    var flaw = Regexp.flaw(pattern.get());
    flaw.ifPresent(detail -> item.wrong("pattern", "invalid_pattern", detail));
    return flaw.isEmpty() ? pattern.get() : null;
  }

  private @Nullable String bound(String name) {
    var sent = something(name);
    if (sent.isEmpty()) {
      return null;
    }
    if (!kind.isOrdered()) {
      onlyFor(name, Kind.NUMBER, Kind.DATE);
      return null;
    }
    var text = sent.get().asString("");
    var fits =
        kind == Kind.NUMBER
            ? ArgumentCheck.isNumber(text)
            : ArgumentCheck.beginOf(text).isPresent();
    if (!fits) {
      item.wrong(
          name,
          "wrong_form",
          kind == Kind.NUMBER ? "must be a number." : "must be a date such as 2026-01-31.");
      return null;
    }
    return text;
  }

  private @Nullable Remote remote() {
    var url = item.textOrNothing("endpoint_url", LONGEST_URL);
    var id = item.textOrNothing("id_attribute", 200);
    var text = item.textOrNothing("text_attribute", 200);
    if (kind != Kind.REMOTE_OPTIONS) {
      Stream.of("endpoint_url", "id_attribute", "text_attribute")
          .filter(name -> something(name).isPresent())
          .forEach(name -> onlyFor(name, Kind.REMOTE_OPTIONS));
      return null;
    }
    // It may contain a placeholder, so it cannot be parsed as a URL yet.
    if (url.isEmpty() || !url.get().matches("https?://[!-~]+")) {
      item.wrong("endpoint_url", "wrong_form", "must be a URL that begins with http(s)://.");
      return null;
    }
    return new Remote(url.get(), id.orElse(null), text.orElse(null));
  }

  private void onlyFor(String name, Kind... kinds) {
    item.wrong(name, "not_allowed", "must be used only for " + words(kinds) + ".");
  }

  private static Kind[] textKinds() {
    return Stream.of(Kind.values()).filter(Kind::isText).toArray(Kind[]::new);
  }

  /** Why a string cannot be an argument of a program. */
  private static Optional<String> argumentFlaw(String text) {
    return text.length() > Arguments.MAX_LENGTH
            || text.indexOf('\0') >= 0
            || Arguments.bytes(text) > Arguments.MAX_BYTES
        ? Optional.of(
            "must have no NUL character and at most %d characters and %d bytes in UTF-8."
                .formatted(Arguments.MAX_LENGTH, Arguments.MAX_BYTES))
        : Optional.empty();
  }
}
