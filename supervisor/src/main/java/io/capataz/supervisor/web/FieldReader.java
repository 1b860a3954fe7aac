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
 * Reads the fields of one JSON object strictly: every mistake is collected with its JSON pointer,
 * and a field that nobody asked for is a mistake too. {@link #done()} throws them all at once.
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

  /** Begins at the root of a body. */
  public static FieldReader of(ObjectNode object) {
    return new FieldReader(object, "", new ArrayList<>());
  }

  /** Names fields that are read elsewhere, such as the ones that address and authenticate. */
  public FieldReader ignoring(String... names) {
    known.addAll(List.of(names));
    return this;
  }

  /** A text of 1 to {@code max} characters that must be there. */
  public String requiredText(String name, int max) {
    var text = text(name, max);
    if (text.isEmpty() && !has(name)) {
      wrong(name, "required", "is required.");
    }
    return text.orElse("");
  }

  /** A text of 1 to {@code max} characters. */
  public Optional<String> text(String name, int max) {
    return text(name, 1, max);
  }

  /** A text of at most {@code max} characters, where an empty one is as good as none. */
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

  /** Bytes, at most {@code max}, as a data URL or as base64 alone. */
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

  /** A file of at most {@code max} bytes, as only a multipart body can hold one. */
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

  /** The same, where a text of digits counts as one and an empty one as none. */
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

  /** A value of whatever type; what it may be is for the caller to say. */
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

  /** A list of at most {@code most} texts of at most {@code max} characters. */
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

  /**
   * Names and texts, in the order in which they were sent: an object whose values are texts, or one
   * text of {@code name=value} lines.
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

  /** Hands a nested object to {@code reading}, if it is there. */
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

  /** Hands each object of a list to {@code reading}. */
  public void objects(String name, int most, Consumer<FieldReader> reading) {
    items(name, most, "objects", _ -> Optional.of("must be an object."), reading);
  }

  /**
   * Hands each item of a list of objects and texts to whom it is for.
   *
   * @param texts says what is wrong with a text, if anything is
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

  /** Whether the field was sent as a text; some fields may be a text or an object. */
  public boolean isText(String name) {
    var value = object.get(name);
    return value != null && value.isString();
  }

  /** Adds a mistake that a rule of the domain found. */
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

  /** Ends the reading: throws all mistakes there were. */
  public void done() {
    refuseUnknown();
    doneWithOthers();
  }

  /** Ends the reading of an object that may have more fields than were asked for. */
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
