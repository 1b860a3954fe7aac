package io.capataz.supervisor.client;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.springframework.http.MediaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A body that is no JSON object. Answered with status 422 and the fields that seed 002's clients
 * read.
 */
final class InvalidBody extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private static final Pattern PLACE = Pattern.compile("line 1, column (\\d{1,9})");

  private final transient ArrayNode detail;

  private InvalidBody(String type, String message, ObjectNode more) {
    super(message, null, false, false);
    detail = MessageJson.mapper().createArrayNode();
    var error = detail.addObject().put("type", type);
    error.set("loc", more.remove("loc"));
    error.put("msg", message).setAll(more);
  }

  ArrayNode detail() {
    return detail;
  }

  /**
   * The arguments in a body; empty if there is none.
   *
   * @throws InvalidBody if they are not a JSON object
   */
  static ObjectNode arguments(ApiInput input, HttpServletRequest request) {
    var unreadable = ApiInput.unreadable(request);
    if (unreadable.isPresent()) {
      throw unreadable.get().code().equals("invalid_json")
          ? noJson(unreadable.get())
          : noObject(MessageJson.mapper().nullNode());
    }
    var body = input.body();
    if (body == null || body.isNull()) {
      return MessageJson.mapper().createObjectNode();
    }
    if (body instanceof ObjectNode object && isJson(request.getContentType())) {
      return object;
    }
    throw noObject(body instanceof ObjectNode ? MessageJson.mapper().nullNode() : body);
  }

  private static boolean isJson(String type) {
    var media = MediaType.parseMediaType(type);
    return MediaType.APPLICATION_JSON.equalsTypeAndSubtype(media)
        || media.getSubtype().endsWith("+json");
  }

  private static InvalidBody noJson(ApiProblem problem) {
    var more = MessageJson.mapper().createObjectNode();
    var place = PLACE.matcher(problem.detail());
    var at = place.find() ? Integer.parseInt(place.group(1)) - 1 : 0;
    more.putArray("loc").add("body").add(at);
    more.putObject("input");
    more.putObject("ctx").put("error", problem.detail());
    return new InvalidBody("json_invalid", "JSON decode error", more);
  }

  private static InvalidBody noObject(JsonNode sent) {
    var more = MessageJson.mapper().createObjectNode();
    more.putArray("loc").add("body");
    more.set("input", sent);
    return new InvalidBody("dict_type", "Input should be a valid dictionary", more);
  }
}
