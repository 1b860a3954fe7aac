package io.capataz.supervisor.result;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.JobView;
import io.capataz.supervisor.job.ScriptOutput;
import io.capataz.supervisor.web.ApiProblem;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The HTTP response written by a script (seed 004's synchronous mode): {@code {response:
 * {statusCode, headers, body}}} in its output. It is restricted, because a script's author must not
 * speak for the supervisor: no cookies, no headers that affect the whole site, and browsers render
 * it in a sandbox.
 */
final class ScriptResponse {

  private static final Set<String> HEADERS =
      Set.of(
          "cache-control",
          "content-disposition",
          "content-language",
          "content-type",
          "etag",
          "expires",
          "last-modified",
          "link",
          "location",
          "retry-after");

  /**
   * Headers a script invents; proxies and browsers know none of them. Others could have a proxy
   * send a file of its own ({@code X-Accel-Redirect}, {@code X-Sendfile}).
   */
  private static final Pattern OWN_HEADER = Pattern.compile("x-script-[a-z0-9-]{1,60}");

  private static final Pattern OWN_PATH = Pattern.compile("/(?![/\\\\])[^\\\\]*");

  private static final Pattern HEADER_VALUE = Pattern.compile("[\\x20-\\x7e]{0,4096}");

  private static final int MOST_HEADERS = 50;

  private ScriptResponse() {}

  /**
   * The response.
   *
   * @param index the index of the string in the job's output to read
   * @throws ApiProblem 409 if the job never ran; 422 if that string does not exist or is not JSON
   */
  static ResponseEntity<byte[]> of(Job job, int index) {
    var ending = job.ending();
    if (ending == null) {
      throw ApiProblem.conflict(
          "never_ran", "The job ended as " + JobView.lower(job.state()) + " without running.");
    }
    var output = ending.result() == null ? List.<String>of() : ScriptOutput.of(ending.result());
    var decoded = index < output.size() ? decoded(output.get(index)) : Optional.<JsonNode>empty();
    if (decoded.isEmpty()) {
      throw ApiProblem.unprocessable(
          "no_json_output",
          "The job ended as "
              + JobView.lower(job.state())
              + ", and string "
              + index
              + " of its output does not exist or is not JSON. "
              + (ending.resultError() == null ? "" : ending.resultError().detail() + " ")
              + "Request the result, the output or the whole job with ?result, ?output or ?full.");
    }
    var usual = job.state() == JobState.SUCCEEDED ? 200 : 500;
    var value = decoded.get();
    if (!value.isObject() || !value.has("response")) {
      return answer(status(value).orElse(usual), null, value);
    }
    var response = value.get("response");
    return answer(
        status(response).orElse(usual),
        response.get("headers"),
        response.has("body") ? response.get("body") : response);
  }

  private static Optional<JsonNode> decoded(String text) {
    try {
      var node = MessageJson.mapper().readTree(text);
      return node.isMissingNode() ? Optional.empty() : Optional.of(node);
    } catch (JacksonException noJson) {
      return Optional.empty();
    }
  }

  private static OptionalInt status(JsonNode value) {
    var code = value.get("statusCode");
    return code != null
            && code.isIntegralNumber()
            && code.canConvertToInt()
            && code.intValue() >= 200
            && code.intValue() <= 599
        ? OptionalInt.of(code.intValue())
        : OptionalInt.empty();
  }

  private static ResponseEntity<byte[]> answer(
      int status, @Nullable JsonNode wished, JsonNode body) {
    var headers = new HttpHeaders();
    if (wished != null && wished.isObject()) {
      wished.properties().stream()
          .limit(MOST_HEADERS)
          .filter(header -> isItsOwn(header.getKey().toLowerCase(Locale.ROOT)))
          .filter(header -> header.getValue().isString() || header.getValue().isNumber())
          .filter(header -> HEADER_VALUE.matcher(header.getValue().asString()).matches())
          .filter(header -> !isForeign(header.getKey(), header.getValue().asString()))
          .forEach(header -> headers.set(header.getKey(), header.getValue().asString()));
    }
    var type = Optional.ofNullable(headers.getFirst(HttpHeaders.CONTENT_TYPE));
    if (type.isEmpty()) {
      headers.setContentType(MediaType.APPLICATION_JSON);
    }
    headers.set("Content-Security-Policy", "sandbox; default-src 'none'");
    var bytes =
        body.isString() && type.filter(t -> !t.contains("json")).isPresent()
            ? body.stringValue().getBytes(StandardCharsets.UTF_8)
            : MessageJson.write(body);
    return ResponseEntity.status(status).headers(headers).body(bytes);
  }

  private static boolean isItsOwn(String header) {
    return HEADERS.contains(header) || OWN_HEADER.matcher(header).matches();
  }

  /** A {@code Location} leads to a path of this site, never to another site. */
  private static boolean isForeign(String header, String value) {
    return header.equalsIgnoreCase(HttpHeaders.LOCATION) && !OWN_PATH.matcher(value).matches();
  }
}
