package io.capataz.supervisor.web;

import io.capataz.common.protocol.Bytes;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.POJONode;

/**
 * What a client sent: the body, JSON, form or multipart alike, and the query. Read once, strictly,
 * by {@link ApiInputFilter}; controllers take it as a parameter.
 *
 * @param body the parsed body; null when there was none. A form becomes an object whose repeated or
 *     {@code name[]} fields are arrays, a multipart body too, whose files are {@link FilePart}s
 * @param query the query parameters, in the order in which they were sent
 */
public record ApiInput(@Nullable JsonNode body, Map<String, List<String>> query) {

  /**
   * A file in a multipart body. It stands in the body's object as a value that is no JSON, so that
   * whoever expects none refuses it like any value of a wrong type.
   *
   * @param filename as it was sent, which may be a path or worse; null: none
   * @param contentType as it was sent; null: none
   */
  public record FilePart(@Nullable String filename, @Nullable String contentType, Bytes content) {

    /** The file that a value of a body is, if it is one. */
    public static Optional<FilePart> of(JsonNode value) {
      return value instanceof POJONode node && node.getPojo() instanceof FilePart part
          ? Optional.of(part)
          : Optional.empty();
    }
  }

  private static final String ATTRIBUTE = ApiInput.class.getName();

  static void attach(HttpServletRequest request, ApiInput input) {
    request.setAttribute(ATTRIBUTE, input);
  }

  /** The input of a request that the filter has seen. */
  public static ApiInput of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof ApiInput input) {
      return input;
    }
    return new ApiInput(null, Map.of());
  }

  /** The body's object, which may be left out and then is empty. */
  public ObjectNode object() {
    if (body == null) {
      return tools.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    }
    if (body instanceof ObjectNode object) {
      return object;
    }
    throw ApiProblem.badRequest("invalid_input", "The body must be a JSON object or a form.");
  }

  /** A text property of the body, if the body is an object that has it. */
  public Optional<String> bodyText(String name) {
    return body instanceof ObjectNode object
        ? Optional.ofNullable(object.get(name))
            .filter(JsonNode::isString)
            .map(JsonNode::stringValue)
        : Optional.empty();
  }

  /** The first value of a query parameter. */
  public Optional<String> queryText(String name) {
    var values = query.get(name);
    return values == null ? Optional.empty() : Optional.of(values.getFirst());
  }
}
