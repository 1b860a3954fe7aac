package io.capataz.supervisor.webhook;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.web.ApiInput.FilePart;
import io.capataz.supervisor.web.ApiProblem;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Makes arguments of the body of a delivery, as seed 004's system does. */
final class DeliveryArguments {

  private DeliveryArguments() {}

  /**
   * The arguments: the elements of a list, otherwise the whole body as the only one. A text may be
   * a list in JSON. What is no string becomes JSON.
   *
   * @throws ApiProblem 400 if it contains files
   */
  static List<String> of(@Nullable JsonNode body) {
    if (body == null) {
      return List.of();
    }
    if (body.valueStream().anyMatch(value -> FilePart.of(value).isPresent())) {
      throw ApiProblem.badRequest(
          "files_not_supported", "A webhook takes no files. Send JSON, a form or a text.");
    }
    var list = body.isString() ? list(body.stringValue()) : Optional.of(body);
    return list.filter(ArrayNode.class::isInstance)
        .map(array -> array.valueStream().map(DeliveryArguments::text).toList())
        .orElseGet(() -> List.of(text(body)));
  }

  private static Optional<JsonNode> list(String text) {
    if (!text.stripLeading().startsWith("[")) {
      return Optional.empty();
    }
    try {
      return Optional.of(MessageJson.mapper().readTree(text));
    } catch (JacksonException noJson) {
      return Optional.empty();
    }
  }

  private static String text(JsonNode value) {
    return value.isString() ? value.stringValue() : MessageJson.mapper().writeValueAsString(value);
  }
}
