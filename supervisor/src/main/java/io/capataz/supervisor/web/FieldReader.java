package io.capataz.supervisor.web;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.web.ApiInput.FilePart;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads the fields of one JSON object strictly. Every mistake is collected with its JSON pointer,
 * and unknown fields are mistakes too. {@link #done()} throws them all at once.
 */
public final class FieldReader {

  private final ObjectNode object;
  private final String pointer;
  private final List<FieldError> errors;
  private final Set<String> known = new HashSet<>();

  private FieldReader(ObjectNode object, String pointer, List<FieldError> errors) {
    this.object = object;
    this.pointer = pointer;
    this.errors = errors;
  }

  /** Starts at the root of a body. */
  public static FieldReader of(ObjectNode object) {
    return new FieldReader(object, "", new ArrayList<>());
  }

  /** Names fields that are read elsewhere, such as those for addressing and authentication. */
  public FieldReader ignoring(String... names) {
    known.addAll(List.of(names));
    return this;
  }

  /** A required string of 1 to {@code max} characters. */
  public String requiredText(String name, int max) {
    var text = text(name, max);
    if (text.isEmpty() && !has(name)) {
      wrong(name, "required", "is required.");
    }
    return text.orElse("");
  }

  /** A required name; see {@link #name}. */
  public String requiredName(String name, int max) {
    var text = requiredText(name, max);
    return isName(name, text) ? text : "";
  }

  /**
   * A string of 1 to {@code max} characters on one line: names are printed in logs, tables and
   * mails, where a line break would look like another entry.
   */
  public Optional<String> name(String name, int max) {
    return text(name, max).filter(text -> isName(name, text));
  }

  /** A list of at most {@code most} names of at most {@code max} characters. */
  public Optional<List<String>> names(String name, int most, int max) {
    var names = texts(name, most, max);
    names.ifPresent(
        list -> {
          for (var i = 0; i < list.size(); i++) {
            isName(name + "/" + i, list.get(i));
          }
        });
    return names;
  }

  private boolean isName(String field, String text) {
    if (text.codePoints().noneMatch(FieldReader::isControl)) {
      return true;
    }
    wrong(field, "control_character", "must not contain control characters such as line breaks.");
    return false;
  }

  /** Also the characters that reverse the direction of text. */
  private static boolean isControl(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
      default ->
          (character >= 0x202a && character <= 0x202e)
              || (character >= 0x2066 && character <= 0x2069);
    };
  }

  /** A string of 1 to {@code max} characters. */
  public Optional<String> text(String name, int max) {
    return text(name, 1, max);
  }

  /** A string of at most {@code max} characters; an empty one counts as absent. */
  public Optional<String> textOrNothing(String name, int max) {
    return text(name, 0, max).filter(text -> !text.isEmpty());
  }

  private Optional<String> text(String name, int min, int max) {
    var value = take(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isString()) {
      wrong(name, "wrong_type", "must be a string.");
      return Optional.empty();
    }
    var text = value.stringValue();
    if (text.length() < min || text.length() > max) {
      wrong(name, "wrong_length", "must have " + min + " to " + max + " characters.");
      return Optional.empty();
    }
    return Optional.of(text);
  }

  /** At most {@code max} bytes, as a data URL or plain base64. */
  public Optional<Bytes> base64(String name, int max) {
    var value = take(name);
    if (value == null) {
      return Optional.empty();
    }
    var read = value.isString() ? DataUrl.bytesOf(value.stringValue()) : Optional.<Bytes>empty();
    if (read.isEmpty()) {
      wrong(name, "invalid_data_url", "must be base64 or a data URL: " + DataUrl.FORM + ".");
    } else if (read.get().length() > max) {
      wrong(name, "too_long", "must have at most " + max + " bytes.");
      return Optional.empty();
    }
    return read;
  }

  /** A file of at most {@code max} bytes, which only a multipart body can contain. */
  public Optional<FilePart> file(String name, int max) {
    var value = take(name);
    if (value == null) {
      return Optional.empty();
    }
    var part = FilePart.of(value);
    if (part.isEmpty()) {
      wrong(
          name,
          "wrong_type",
          "must be a file, sent as a part of a multipart body with a filename.");
    } else if (part.get().content().length() > max) {
      wrong(name, "too_long", "must have at most " + max + " bytes.");
      return Optional.empty();
    }
    return part;
  }

  /** A whole number from {@code min} to {@code max}. */
  public OptionalLong whole(String name, long min, long max) {
    var value = take(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      var number = value.longValue();
      if (number >= min && number <= max) {
        return OptionalLong.of(number);
      }
    }
    wrong(name, "out_of_range", "must be a whole number from " + min + " to " + max + ".");
    return OptionalLong.empty();
  }

  /** The same, but also accepts a string of digits; an empty string counts as absent. */
  public OptionalLong wholeOrDigits(String name, long min, long max) {
    var value = take(name);
    if (value == null || !value.isString()) {
      return whole(name, min, max);
    }
    var text = value.stringValue();
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    if (text.matches("[0-9]{1,18}") && Long.parseLong(text) >= min && Long.parseLong(text) <= max) {
      return OptionalLong.of(Long.parseLong(text));
    }
    wrong(name, "out_of_range", "must be a whole number from " + min + " to " + max + ".");
    return OptionalLong.empty();
  }

  /** A value of any type; the caller validates it. */
  public Optional<JsonNode> any(String name) {
    return Optional.ofNullable(take(name));
  }

  /** True or false. */
  public Optional<Boolean> truth(String name) {
    var value = take(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!value.isBoolean()) {
      wrong(name, "wrong_type", "must be true or false.");
      return Optional.empty();
    }
    return Optional.of(value.booleanValue());
  }

  /** A list of at most {@code most} strings of at most {@code max} characters. */
  public Optional<List<String>> texts(String name, int most, int max) {
    var value = take(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof ArrayNode array) || array.size() > most) {
      wrong(name, "wrong_type", "must be a list of at most " + most + " strings.");
      return Optional.empty();
    }
    var texts = new ArrayList<String>();
    for (var i = 0; i < array.size(); i++) {
      var item = array.get(i);
      if (item.isString() && item.stringValue().length() <= max) {
        texts.add(item.stringValue());
      } else {
        wrong(name + "/" + i, "wrong_type", "must be a string of at most " + max + " characters.");
      }
    }
    return Optional.of(texts);
  }

  /** The same, or a single word without blanks, which is a list of one. */
  public Optional<List<String>> textsOrWord(String name, int most, int max) {
    if (!isText(name)) {
      return texts(name, most, max);
    }
    var text = text(name, 0, max).orElse("");
    if (text.chars().anyMatch(Character::isWhitespace)) {
      wrong(
          name,
          "wrong_type",
          "must be one word, or a list of at most " + most + " strings: [\"bash\", \"-e\"].");
    }
    return Optional.of(text.isEmpty() ? List.of() : List.of(text));
  }

  /**
   * Names and strings in the order sent: an object of strings, or a string of {@code name=value}
   * lines.
   */
  public Map<String, String> textMapOrLines(String name, int most, int max) {
    var value = take(name);
    var texts = new LinkedHashMap<String, String>();
    if (value instanceof ObjectNode map && map.size() <= most) {
      map.properties()
          .forEach(
              entry -> {
                var item = entry.getValue();
                if (item.isString() && item.stringValue().length() <= max) {
                  texts.put(entry.getKey(), item.stringValue());
                } else {
                  wrong(
                      name + "/" + escaped(entry.getKey()),
                      "wrong_type",
                      "must be a string of at most " + max + " characters.");
                }
              });
    } else if (value != null && value.isString() && value.stringValue().length() <= max) {
      value
          .stringValue()
          .lines()
          .filter(line -> !line.isBlank())
          .forEach(
              line -> {
                var equals = line.indexOf('=');
                if (equals > 0) {
                  texts.put(line.substring(0, equals).strip(), line.substring(equals + 1));
                } else {
                  wrong(name, "wrong_form", "must have NAME=value on each line.");
                }
              });
    } else if (value != null) {
      wrong(
          name,
          "wrong_type",
          "must be an object of at most " + most + " strings, or lines of NAME=value.");
    }
    return texts;
  }

  /** Passes a nested object to {@code reading}, if present. */
  public void object(String name, Consumer<FieldReader> reading) {
    var value = take(name);
    if (value instanceof ObjectNode nested) {
      var reader = new FieldReader(nested, pointer + "/" + escaped(name), errors);
      reading.accept(reader);
      reader.refuseUnknown();
    } else if (value != null) {
      wrong(name, "wrong_type", "must be an object.");
    }
  }

  /** Passes each object of a list to {@code reading}. */
  public void objects(String name, int most, Consumer<FieldReader> reading) {
    items(name, most, "objects", _ -> Optional.of("must be an object."), reading);
  }

  /**
   * Passes each item of a list of objects and strings to its reader.
   *
   * @param texts returns what is wrong with a string, if anything
   */
  public void objectsOrTexts(
      String name,
      int most,
      Function<String, Optional<String>> texts,
      Consumer<FieldReader> objects) {
    items(
        name,
        most,
        "objects or strings",
        item ->
            item.isString()
                ? texts.apply(item.stringValue())
                : Optional.of("must be an object or a string."),
        objects);
  }

  private void items(
      String name,
      int most,
      String what,
      Function<JsonNode, Optional<String>> others,
      Consumer<FieldReader> objects) {
    var value = take(name);
    if (value == null) {
      return;
    }
    if (!(value instanceof ArrayNode array) || array.size() > most) {
      wrong(name, "wrong_type", "must be a list of at most " + most + " " + what + ".");
      return;
    }
    for (var i = 0; i < array.size(); i++) {
      var place = name + "/" + i;
      if (array.get(i) instanceof ObjectNode nested) {
        var reader = new FieldReader(nested, pointer + "/" + escaped(name) + "/" + i, errors);
        objects.accept(reader);
        reader.refuseUnknown();
      } else {
        others.apply(array.get(i)).ifPresent(detail -> wrong(place, "wrong_type", detail));
      }
    }
  }

  /** Whether the field was sent and is not null. */
  public boolean has(String name) {
    var value = object.get(name);
    return value != null && !value.isNull();
  }

  /** Whether the field was sent as a string; some fields may be a string or an object. */
  public boolean isText(String name) {
    var value = object.get(name);
    return value != null && value.isString();
  }

  /** Adds a mistake found by a domain rule. */
  public void wrong(String name, String code, String detail) {
    errors.add(
        new FieldError(
            pointer + (name.startsWith("/") || name.isEmpty() ? name : "/" + name), code, detail));
  }

  /** An instant; see {@link Instants}. */
  public Optional<Instant> instant(String name) {
    return text(name, 40)
        .flatMap(
            text -> {
              var instant = Instants.read(text);
              if (instant.isEmpty()) {
                wrong(name, "wrong_form", Instants.FORM);
              }
              return instant;
            });
  }

  /** Finishes reading: throws all mistakes. */
  public void done() {
    refuseUnknown();
    doneWithOthers();
  }

  /** Finishes reading an object that may have additional fields. */
  public void doneWithOthers() {
    if (!errors.isEmpty()) {
      throw ApiProblem.invalid(errors);
    }
  }

  private void refuseUnknown() {
    object
        .propertyNames()
        .forEach(
            name -> {
              if (!known.contains(name)) {
                wrong(
                    escaped(name),
                    "unknown_field",
                    "Unknown field. Known fields: "
                        + String.join(", ", known.stream().sorted().toList())
                        + ".");
              }
            });
  }

  private @Nullable JsonNode take(String name) {
    known.add(name);
    return has(name) ? object.get(name) : null;
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }
}
