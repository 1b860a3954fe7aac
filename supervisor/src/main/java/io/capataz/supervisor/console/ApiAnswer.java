package io.capataz.supervisor.console;

import io.capataz.common.protocol.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import tools.jackson.databind.JsonNode;

/**
 * What a route answered.
 *
 * @param body missing if it is no JSON
 * @param cursor of the next page of a list; null: it ends here
 */
record ApiAnswer(int status, JsonNode body, Bytes bytes, @Nullable String cursor) {

  boolean isSuccess() {
    return status < 400;
  }

  /** This, or the problem for the whole page. */
  ApiAnswer orProblem() {
    if (!isSuccess()) {
      throw new ApiRefusal(this);
    }
    return this;
  }

  /** What a problem says. */
  String detail() {
    return body.path("detail").asString(HttpStatus.valueOf(status).getReasonPhrase());
  }

  /** What a problem says of each field, by its JSON pointer. */
  Map<String, String> fieldErrors() {
    var errors = new LinkedHashMap<String, String>();
    body.path("errors")
        .forEach(
            error ->
                errors.put(error.path("pointer").asString(""), error.path("detail").asString("")));
    return errors;
  }
}
