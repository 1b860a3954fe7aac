package io.capataz.supervisor.performer;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.JobSecrets;
import io.capataz.supervisor.outbound.HttpCall;
import io.capataz.supervisor.outbound.HttpCall.Answer;
import io.capataz.supervisor.outbound.OutboundHttp;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.parameter.Regexp;
import io.capataz.supervisor.task.CallHttp;
import io.capataz.supervisor.task.Placeholders;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes the HTTP call of a job. Its result has the form of seed 004's system: the output is the
 * body, the headers as JSON and the status.
 */
@Component
class HttpPerformance {

  /** How much of a body becomes part of the result. */
  private static final int MOST_BODY = 64 * 1024;

  private final OutboundHttp http;

  HttpPerformance(OutboundHttp http) {
    this.http = http;
  }

  Ending perform(Job job, CallHttp task, Map<String, String> arguments, JobSecrets.Opened opened)
      throws InterruptedException {
    HttpCall call;
    try {
      call = call(job, task, arguments);
    } catch (IllegalArgumentException malformed) {
      return Ending.of(
          new Outcome.CouldNotStart("With its arguments, the URL or a header is malformed."));
    }
    try {
      var hidden = hiding(opened.secrets());
      var answer = http.call(call);
      var wrong = wrong(task, answer);
      return Ending.of(
          wrong == null ? new Outcome.Succeeded() : new Outcome.Failed(wrong),
          result(task, answer, wrong, hidden));
    } catch (HttpCall.Failed failed) {
      var reason = hiding(opened.secrets()).apply(failed.reason());
      return Ending.of(
          switch (failed.why()) {
            case REFUSED -> new Outcome.Refused(reason);
            case TIMED_OUT -> new Outcome.TimedOut();
            case FAILED -> new Outcome.Failed(reason);
          });
    }
  }

  private static HttpCall call(Job job, CallHttp task, Map<String, String> arguments) {
    var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    task.headers()
        .forEach(
            (name, value) ->
                headers.put(name, Placeholders.filled(value, arguments, HttpPerformance::oneLine)));
    // The same at each attempt, so that a receiver can tell a repetition.
    headers.putIfAbsent("Idempotency-Key", job.id());
    var body = task.body();
    var type = headers.getOrDefault("Content-Type", "");
    if (body != null && type.isEmpty()) {
      type = looksLikeJson(body) ? "application/json" : "text/plain; charset=utf-8";
      headers.put("Content-Type", type);
    }
    var filled =
        body == null ? null : Bytes.utf8(Placeholders.filled(body, arguments, escapeFor(type)));
    return new HttpCall(
        task.method(),
        URI.create(Placeholders.filled(task.url(), arguments, HttpPerformance::encoded)),
        headers,
        filled,
        job.spec().timeout(),
        task.redirects(),
        MOST_BODY,
        false);
  }

  private static boolean looksLikeJson(String body) {
    return body.stripLeading().startsWith("{") || body.stripLeading().startsWith("[");
  }

  /** An argument must not be able to end the text that it stands in. */
  private static UnaryOperator<String> escapeFor(String type) {
    var lower = type.toLowerCase(Locale.ROOT);
    if (lower.contains("json")) {
      return HttpPerformance::inJson;
    }
    return lower.contains("x-www-form-urlencoded")
        ? HttpPerformance::encoded
        : UnaryOperator.identity();
  }

  private static String inJson(String text) {
    var quoted = MessageJson.mapper().writeValueAsString(text);
    return quoted.substring(1, quoted.length() - 1);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String oneLine(String text) {
    if (text.chars().anyMatch(c -> c < ' ' && c != '\t')) {
      throw new IllegalArgumentException("A header has one line.");
    }
    return text;
  }

  /** What makes the answer a failure, as a sentence; null: nothing. */
  private static @Nullable String wrong(CallHttp task, Answer answer) {
    var status = String.valueOf(answer.status());
    var expected = task.expected().status();
    if (expected == null ? answer.status() / 100 != 2 : !Regexp.matches(expected, status)) {
      return "The status was "
          + status
          + ", not "
          + (expected == null ? "200 to 299" : "one that matches " + expected)
          + ".";
    }
    var pattern = task.expected().pattern();
    return pattern == null || Regexp.finds(pattern, answer.body().asUtf8())
        ? null
        : "The body does not match the pattern " + pattern + ".";
  }

  private static ObjectNode result(
      CallHttp task, Answer answer, @Nullable String wrong, UnaryOperator<String> hidden) {
    Map<String, String> headers = new TreeMap<>();
    answer.headers().forEach((name, value) -> headers.put(name, hidden.apply(value)));
    var body = task.keepBody() ? hidden.apply(answer.body().asUtf8()) : "";
    var result = MessageJson.mapper().createObjectNode();
    result.put("state", wrong == null ? "success" : "failure");
    result.put("message", wrong == null ? "success" : wrong);
    var response = result.putObject("response");
    response.put("status_code", answer.status());
    response.set("headers", MessageJson.mapper().<JsonNode>valueToTree(headers));
    response.put("body", body);
    if (answer.isCut()) {
      response.put("chunked", true);
    }
    result
        .putArray("output")
        .add(body)
        .add(MessageJson.mapper().writeValueAsString(headers))
        .add(String.valueOf(answer.status()));
    return result;
  }

  /** What the other side sends back of a secret is masked. */
  private static UnaryOperator<String> hiding(List<String> secrets) {
    return text -> {
      var hidden = text;
      for (var secret : secrets) {
        hidden = hidden.replace(secret, Parameter.MASK);
      }
      return hidden;
    };
  }
}
