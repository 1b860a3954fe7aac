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
 * Client input: the body (JSON, form or multipart) and the query. {@link ApiInputFilter} reads it
 * once, strictly; controllers take it as a parameter.
 *
 * @param body the parsed body; null when there was none. A form becomes an object whose repeated or
 *     {@code name[]} fields are arrays, a multipart body too, whose files are {@link FilePart}s
 * @param query the query parameters, in the order sent
 */
public record ApiInput(@Nullable JsonNode body, Map<String, List<String>> query) {

  /**
   * A file in a multipart body. In the body's object it is a non-JSON value, so a field that
   * expects no file rejects it like any value of the wrong type.
   *
   * @param filename as sent, possibly a path or worse; null: none
   * @param contentType as sent; null: none
   */
  public record FilePart(@Nullable String filename, @Nullable String contentType, Bytes content) {

    /** The file in a value of the body, if it is one. */
    public static Optional<FilePart> of(JsonNode value) {
      return value instanceof POJONode node && node.getPojo() instanceof FilePart part
          ? Optional.of(part)
          : Optional.empty();
    }
  }

  private static final String ATTRIBUTE = ApiInput.class.getName();

  /** Of a request whose body is not read. */
  static final ApiInput NONE = new ApiInput(null, Map.of());

  private static final String UNREADABLE = ATTRIBUTE + ".unreadable";

  private static final String BYTES = ATTRIBUTE + ".bytes";

  private static final String QUERY = ATTRIBUTE + ".query";

  static void attachQuery(HttpServletRequest request, Map<String, List<String>> query) {
    request.setAttribute(QUERY, new ApiInput(null, query));
  }

  static void attachBytes(HttpServletRequest request, Bytes bytes) {
    request.setAttribute(BYTES, bytes);
  }

  /** The body as it was sent, on a route with {@link AnyBody}; empty if there was none. */
  public static Bytes bytesOf(HttpServletRequest request) {
    return request.getAttribute(BYTES) instanceof Bytes bytes ? bytes : Bytes.of(new byte[0]);
  }

  /** The query alone, which is known before the body has been read. */
  public static ApiInput queryOf(HttpServletRequest request) {
    return request.getAttribute(QUERY) instanceof ApiInput query ? query : NONE;
  }

  /** Notes what is wrong with a body. */
  static void attachUnreadable(HttpServletRequest request, ApiProblem problem) {
    request.setAttribute(UNREADABLE, problem);
    attach(request, queryOf(request));
  }

  /** What is wrong with the body, on a route that refuses it itself. */
  public static Optional<ApiProblem> unreadable(HttpServletRequest request) {
    return Optional.ofNullable(request.getAttribute(UNREADABLE)).map(ApiProblem.class::cast);
  }

  static void attach(HttpServletRequest request, ApiInput input) {
    request.setAttribute(ATTRIBUTE, input);
  }

  /** Whether it is known already. */
  static boolean isAttached(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) != null;
  }

  /** The input of a request that has passed the filter. */
  public static ApiInput of(HttpServletRequest request) {
    if (request.getAttribute(ATTRIBUTE) instanceof ApiInput input) {
      return input;
    }
    return new ApiInput(null, Map.of());
  }

  /** The body's object; empty if there is no body. */
  public ObjectNode object() {
    if (body == null) {
      return tools.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    }
    if (body instanceof ObjectNode object) {
      return object;
    }
    throw ApiProblem.badRequest("invalid_input", "The body must be a JSON object or a form.");
  }

  /** A string property of the body, if the body is an object that has it. */
  public Optional<String> bodyText(String name) {
    return body instanceof ObjectNode object
        ? Optional.ofNullable(object.get(name))
            .filter(JsonNode::isString)
            .map(JsonNode::stringValue)
        : Optional.empty();
  }

  /**
   * Whether a query parameter is {@code true}; without it, no.
   *
   * @throws ApiProblem 400 if it is neither {@code true} nor {@code false}
   */
  public boolean queryTruth(String name) {
    var said = queryText(name).orElse("false");
    if (!said.equals("true") && !said.equals("false")) {
      throw ApiProblem.invalid(
          List.of(new ApiProblem.FieldError("/" + name, "wrong_type", "must be true or false.")));
    }
    return said.equals("true");
  }

  /** The first value of a query parameter. */
  public Optional<String> queryText(String name) {
    var values = query.get(name);
    return values == null ? Optional.empty() : Optional.of(values.getFirst());
  }
}
