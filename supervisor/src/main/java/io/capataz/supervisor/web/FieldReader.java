package io.capataz.supervisor.web;

import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
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

  /** Bytes, at most {@code max}, as a data URL. */
  public Optional<DataUrl> dataUrl(String name, int max) {
    var value = take(name);
    if (value == null) {
      return Optional.empty();
    }
    var read = value.isString() ? DataUrl.read(value.stringValue()) : Optional.<DataUrl>empty();
    if (read.isEmpty()) {
      wrong(name, "invalid_data_url", "must be a data URL, " + DataUrl.FORM + ".");
    } else if (read.get().content().length() > max) {
      wrong(name, "too_long", "may hold " + max + " bytes.");
      return Optional.empty();
    }
    return read;
  }

  /** A whole number from {@code min} to {@code max}; a form's text of digits counts as one. */
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
    var value = take(name);
    if (value == null) {
      return;
    }
    if (!(value instanceof ArrayNode array) || array.size() > most) {
      wrong(name, "wrong_type", "must be a list of at most " + most + " objects.");
      return;
    }
    for (var i = 0; i < array.size(); i++) {
      if (array.get(i) instanceof ObjectNode nested) {
        var reader = new FieldReader(nested, pointer + "/" + escaped(name) + "/" + i, errors);
        reading.accept(reader);
        reader.refuseUnknown();
      } else {
        wrong(name + "/" + i, "wrong_type", "must be an object.");
      }
    }
  }

  /** Whether the field was sent and is not null. */
  public boolean has(String name) {
    var value = object.get(name);
    return value != null && !value.isNull();
  }

  /** Adds a mistake that a rule of the domain found. */
  public void wrong(String name, String code, String detail) {
    errors.add(
        new FieldError(
            pointer + (name.startsWith("/") || name.isEmpty() ? name : "/" + name), code, detail));
  }

  /** An instant with its offset from UTC, as {@code 2026-01-31T12:00:00Z} (RFC 3339). */
  public Optional<Instant> instant(String name) {
    return text(name, 40)
        .flatMap(
            text -> {
              try {
                return Optional.of(
                    OffsetDateTime.parse(text).toInstant().truncatedTo(ChronoUnit.MILLIS));
              } catch (DateTimeParseException e) {
                wrong(name, "wrong_form", "must be an instant, as 2026-01-31T12:00:00Z.");
                return Optional.empty();
              }
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
                    "is not a field here. Known are: "
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
