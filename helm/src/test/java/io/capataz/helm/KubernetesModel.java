package io.capataz.helm;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Says what in a manifest Kubernetes would not know. Its own types come from the client library,
 * which keeps unknown fields aside; those of operators from {@code shapes.yaml}.
 */
final class KubernetesModel {

  private static final String KEPT_ASIDE = "getAdditionalProperties";

  private static final KubernetesSerialization TYPES = new KubernetesSerialization();
  private static final JsonNode SHAPES = shapes();

  private KubernetesModel() {}

  /** The paths of all unknown fields; a value of the wrong type is an exception. */
  static List<String> unknownFields(JsonNode manifest) {
    var kind = manifest.path("apiVersion").asText() + " " + manifest.path("kind").asText();
    KubernetesResource typed = TYPES.unmarshal(manifest.toString());
    var unknown = new ArrayList<String>();
    if (typed instanceof GenericKubernetesResource) {
      if (!SHAPES.has(kind)) {
        return List.of(kind + " is neither of Kubernetes nor in shapes.yaml");
      }
      compare(kind + " ", manifest.path("spec"), SHAPES.path(kind), unknown);
    } else {
      walk(kind + " ", typed, unknown);
    }
    return unknown;
  }

  /**
   * A shape is an object with all fields it may have, a list with one element, or null for
   * anything.
   */
  private static void compare(String path, JsonNode value, JsonNode shape, List<String> unknown) {
    if (shape.isObject() && value.isObject()) {
      value
          .properties()
          .forEach(
              field -> {
                var name = path + "." + field.getKey();
                if (shape.has(field.getKey())) {
                  compare(name, field.getValue(), shape.path(field.getKey()), unknown);
                } else {
                  unknown.add(name);
                }
              });
    } else if (shape.isArray() && value.isArray()) {
      value.forEach(element -> compare(path + "[]", element, shape.path(0), unknown));
    } else if (shape.isContainerNode()) {
      unknown.add(path + " is of another type");
    }
  }

  private static void walk(String path, @Nullable Object value, List<String> unknown) {
    switch (value) {
      case null -> {}
      case Map<?, ?> map -> map.forEach((key, element) -> walk(path + "." + key, element, unknown));
      case Collection<?> all -> all.forEach(element -> walk(path + "[]", element, unknown));
      case KubernetesResource resource -> walkFields(path, resource, unknown);
      default -> {}
    }
  }

  private static void walkFields(String path, KubernetesResource resource, List<String> unknown) {
    for (var method : resource.getClass().getMethods()) {
      if (method.getName().equals(KEPT_ASIDE)) {
        if (call(method, resource) instanceof Map<?, ?> aside) {
          aside.keySet().forEach(name -> unknown.add(path + "." + name));
        }
      } else if (isGetter(method)) {
        walk(path + "." + method.getName().substring(3), call(method, resource), unknown);
      }
    }
  }

  private static boolean isGetter(Method method) {
    return method.getName().startsWith("get")
        && method.getParameterCount() == 0
        && !Modifier.isStatic(method.getModifiers())
        && (Map.class.isAssignableFrom(method.getReturnType())
            || Collection.class.isAssignableFrom(method.getReturnType())
            || KubernetesResource.class.isAssignableFrom(method.getReturnType())
            || method.getReturnType() == Object.class);
  }

  private static @Nullable Object call(Method method, Object on) {
    try {
      return method.invoke(on);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(method.toString(), e);
    }
  }

  private static JsonNode shapes() {
    try {
      return Rendered.read(Files.readString(Path.of("src/test/resources/shapes.yaml")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
