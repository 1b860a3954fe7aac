package io.capataz.supervisor.documentation;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.annotation.JsonValue;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON schemas of what routes answer, from their types; records are named once and referred to. */
final class Schemas {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Javadocs javadocs;
  private final Map<String, ObjectNode> named = new TreeMap<>();
  private final Map<String, Class<?>> owners = new TreeMap<>();

  Schemas(Javadocs javadocs) {
    this.javadocs = javadocs;
  }

  /** The schemas that others refer to, by name. */
  ObjectNode named() {
    var all = JSON.objectNode();
    named.forEach(all::set);
    return all;
  }

  ObjectNode of(Type type) {
    return switch (type) {
      case Class<?> plain -> of(plain);
      case WildcardType any -> of(any.getUpperBounds()[0]);
      case ParameterizedType of when of.getRawType() instanceof Class<?> raw -> {
        if (Collection.class.isAssignableFrom(raw)) {
          var array = typed("array");
          array.set("items", of(of.getActualTypeArguments()[0]));
          yield array;
        }
        if (Map.class.isAssignableFrom(raw)) {
          var object = typed("object");
          object.set("additionalProperties", of(of.getActualTypeArguments()[1]));
          yield object;
        }
        throw new IllegalArgumentException("No schema for " + type + "; say here how it is sent.");
      }
      default ->
          throw new IllegalArgumentException(
              "No schema for " + type + "; say here how it is sent.");
    };
  }

  private ObjectNode of(Class<?> type) {
    if (type == String.class || type == char.class) {
      return typed("string");
    }
    if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
      return typed("integer");
    }
    if (type == double.class || type == Double.class) {
      return typed("number");
    }
    if (type == boolean.class || type == Boolean.class) {
      return typed("boolean");
    }
    if (type == Instant.class) {
      return typed("string").put("format", "date-time");
    }
    if (type == Duration.class) {
      return typed("string").put("format", "duration");
    }
    if (JsonNode.class.isAssignableFrom(type) || type == Object.class) {
      return type == ObjectNode.class ? typed("object") : JSON.objectNode();
    }
    if (type.isEnum()) {
      var words = typed("string");
      var list = words.putArray("enum");
      for (var constant : type.getEnumConstants()) {
        list.add(((Enum<?>) constant).name().toLowerCase(Locale.ROOT));
      }
      return words;
    }
    if (type.isRecord() || type.isSealed()) {
      return reference(type);
    }
    throw new IllegalArgumentException("No schema for " + type + "; say here how it is sent.");
  }

  private ObjectNode reference(Class<?> type) {
    if (type.isRecord() && type.getRecordComponents().length == 1) {
      var only = type.getRecordComponents()[0];
      if (only.getAccessor().isAnnotationPresent(JsonValue.class)) {
        return of(only.getGenericType());
      }
    }
    var name = nameOf(type);
    var before = owners.putIfAbsent(name, type);
    if (before == null) {
      named.put(name, JSON.objectNode()); // So that a type may hold itself.
      named.put(name, type.isRecord() ? record(type) : choice(type));
    } else if (before != type) {
      throw new IllegalStateException(before + " and " + type + " would both be called " + name);
    }
    return JSON.objectNode().put("$ref", "#/components/schemas/" + name);
  }

  private ObjectNode record(Class<?> type) {
    var schema = typed("object");
    var comment = javadocs.of(type);
    if (!comment.text().isEmpty()) {
      schema.put("description", comment.text());
    }
    var required = JSON.arrayNode();
    describe(type, schema.putObject("properties"), required);
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema;
  }

  private void describe(Class<?> type, ObjectNode properties, ArrayNode required) {
    var comment = javadocs.of(type);
    var include = type.getAnnotation(JsonInclude.class);
    for (var component : type.getRecordComponents()) {
      if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class)) {
        // Of what may be missing as a whole, everything may be missing.
        var mayBeMissing = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
        describe(component.getType(), properties, mayBeMissing ? JSON.arrayNode() : required);
        continue;
      }
      var name = nameOf(component);
      var property = of(component.getGenericType());
      var said = comment.parameters().get(component.getName());
      if (said != null) {
        property.put("description", said);
      }
      var nullable = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
      var mayMiss =
          include != null
              && (nullable
                  || (include.value() == JsonInclude.Include.NON_EMPTY
                      && !component.getType().isPrimitive()));
      if (nullable && include == null) {
        property = orNull(property);
      }
      if (!mayMiss) {
        required.add(name);
      }
      properties.set(name, property);
    }
  }

  private ObjectNode choice(Class<?> type) {
    var schema = JSON.objectNode();
    var comment = javadocs.of(type);
    if (!comment.text().isEmpty()) {
      schema.put("description", comment.text());
    }
    var told = type.getAnnotation(JsonTypeInfo.class);
    var kinds = type.getAnnotation(JsonSubTypes.class);
    if (told == null && kinds == null && type.isSealed()) {
      // Told apart by their shapes: an object, a list.
      var shapes = schema.putArray("oneOf");
      Arrays.stream(type.getPermittedSubclasses()).map(this::of).forEach(shapes::add);
      return schema;
    }
    if (told == null || kinds == null) {
      throw new IllegalArgumentException(type + " does not say how its kinds are told apart.");
    }
    // Each kind has a name of its own: generators make a class of it.
    var choices = schema.putArray("oneOf");
    var discriminator = schema.putObject("discriminator").put("propertyName", told.property());
    var mapping = discriminator.putObject("mapping");
    for (var kind : kinds.value()) {
      var one = record(kind.value());
      var properties = JSON.objectNode();
      properties.putObject(told.property()).put("type", "string").put("const", kind.name());
      properties.setAll((ObjectNode) Objects.requireNonNull(one.get("properties")));
      one.set("properties", properties);
      one.withArray("/required").insert(0, told.property());
      var name = nameOf(kind.value());
      named.put(name, one);
      var reference = "#/components/schemas/" + name;
      choices.addObject().put("$ref", reference);
      mapping.put(kind.name(), reference);
    }
    return schema;
  }

  private static ObjectNode orNull(ObjectNode schema) {
    if (schema.get("type") != null) {
      var types = JSON.arrayNode().add(schema.get("type").asString()).add("null");
      schema.set("type", types);
      return schema;
    }
    var either = JSON.objectNode();
    either.putArray("anyOf").add(schema).addObject().put("type", "null");
    return either;
  }

  private static String nameOf(Class<?> type) {
    var name = type.getSimpleName().replaceAll("View$", "");
    var outer = type.getDeclaringClass();
    if (outer == null) {
      return name;
    }
    if (!outer.getSimpleName().endsWith("Controller")) {
      return nameOf(outer) + name;
    }
    // Each of two controllers may have a TokenView of its own.
    var subject = outer.getSimpleName().replaceAll("Controller$", "");
    return subject.endsWith(name) ? subject : name;
  }

  static String nameOf(RecordComponent component) {
    var named = component.getAnnotation(JsonProperty.class);
    if (named == null) {
      named = component.getAccessor().getAnnotation(JsonProperty.class);
    }
    return named != null && !named.value().isEmpty()
        ? named.value()
        : component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  private static ObjectNode typed(String type) {
    return JSON.objectNode().put("type", type);
  }
}
