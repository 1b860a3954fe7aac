package io.capataz.helm;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.StreamSupport;

/**
 * The manifests that Helm has printed.
 *
 * @param text as it printed them
 * @param manifests each of them
 */
record Rendered(String text, List<JsonNode> manifests) {

  /** A name that stands twice in a mapping is an error, as it is for a cluster. */
  private static final ObjectMapper YAML =
      new ObjectMapper(new YAMLFactory().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION));

  static Rendered of(String text) {
    try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(text)) {
      var manifests = new ArrayList<JsonNode>();
      documents.forEachRemaining(
          document -> {
            if (document.isObject()) {
              manifests.add(document);
            }
          });
      return new Rendered(text, List.copyOf(manifests));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode read(String yaml) {
    try {
      return YAML.readTree(yaml);
    } catch (JacksonException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<JsonNode> of(String kind, String component) {
    return manifests.stream()
        .filter(manifest -> manifest.path("kind").asText().equals(kind))
        .filter(manifest -> componentOf(manifest).equals(component))
        .toList();
  }

  /** The one manifest of that kind and name. */
  JsonNode the(String kind, String name) {
    return manifests.stream()
        .filter(manifest -> manifest.path("kind").asText().equals(kind))
        .filter(manifest -> manifest.at("/metadata/name").asText().equals(name))
        .reduce((a, b) -> fail("more than one " + kind + " " + name))
        .orElseThrow(() -> new NoSuchElementException("no " + kind + " " + name));
  }

  private static JsonNode fail(String why) {
    throw new IllegalStateException(why);
  }

  /** The templates of all pods, with the pod of {@code helm test}. */
  List<JsonNode> pods() {
    return manifests.stream()
        .map(
            manifest ->
                manifest.path("kind").asText().equals("Pod")
                    ? manifest
                    : manifest.at("/spec/template"))
        .filter(pod -> pod.at("/spec/containers").isArray())
        .toList();
  }

  static String componentOf(JsonNode manifest) {
    return manifest.at("/metadata/labels/app.kubernetes.io~1component").asText();
  }

  static List<JsonNode> each(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }
}
