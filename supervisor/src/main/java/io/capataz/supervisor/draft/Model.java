package io.capataz.supervisor.draft;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.draft.Draft.Spent;
import io.capataz.supervisor.draft.ModelReply.Declined;
import io.capataz.supervisor.draft.ModelReply.Failed;
import io.capataz.supervisor.draft.ModelReply.Text;
import io.capataz.supervisor.draft.ModelReply.Unusable;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The language model, spoken to by the chat completions of an OpenAI-compatible API. Its address is
 * the operator's, not a tenant's. Redirects are not followed: the key is for that address alone.
 */
@Component
class Model {

  /** More than any answer that can be used. */
  private static final int MOST_BYTES = 1024 * 1024;

  /** How many tokens an answer may have; reasoning counts. */
  private static final int MOST_TOKENS = 16_000;

  private static final Duration CONNECT = Duration.ofSeconds(10);

  /** Where a server does not count, a token is taken for so many characters. */
  private static final int CHARACTERS = 3;

  private static final int TOO_MANY = 429;
  private static final int SERVER_ERROR = 500;

  private final DraftSettings settings;
  private final Optional<Secret> key;
  private final URI address;
  private final HttpClient http;

  Model(DraftSettings settings, ExecutorService background) {
    this.settings = settings;
    this.key = settings.secret();
    var base = settings.endpoint().toString();
    this.address = URI.create((base.endsWith("/") ? base : base + "/") + "chat/completions");
    this.http =
        HttpClient.newBuilder()
            // Many servers of models answer no request for HTTP/2 without TLS.
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .executor(background)
            .build();
  }

  /** Part of a conversation; the role is {@code system}, {@code user} or {@code assistant}. */
  record Message(String role, String content) {}

  /** Whether there is one to ask. */
  boolean isThere() {
    return settings.model() != null;
  }

  /**
   * Asks it once.
   *
   * @param schema of the JSON object that it is to answer with
   */
  ModelReply ask(List<Message> conversation, JsonNode schema) throws InterruptedException {
    var body = body(conversation, schema);
    var request =
        HttpRequest.newBuilder(address)
            .timeout(settings.timeout())
            .header("Content-Type", "application/json")
            .header("Accept", "application/json")
            .POST(BodyPublishers.ofByteArray(MessageJson.write(body)));
    key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret.reveal()));
    var answered =
        http.sendAsync(
            request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), MOST_BYTES));
    var unknown = new Spent(1, 0, 0, 0);
    try {
      return reply(answered.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS), body);
    } catch (TimeoutException late) {
      return new Failed(
          "no answer within " + settings.timeout().toSeconds() + " s", true, 0, unknown);
    } catch (ExecutionException failed) {
      return new Failed(reason(failed.getCause()), true, 0, unknown);
    } finally {
      answered.cancel(true);
    }
  }

  private static String reason(@Nullable Throwable failure) {
    var kind = failure == null ? "unknown" : failure.getClass().getSimpleName();
    var message = failure == null ? "" : String.valueOf(failure.getMessage());
    // The words of BodyHandlers.limiting.
    return message.contains("capacity")
        ? "more than " + MOST_BYTES + " bytes were answered"
        : "the connection failed (" + kind + ")";
  }

  private ObjectNode body(List<Message> conversation, JsonNode schema) {
    var body = MessageJson.mapper().createObjectNode();
    body.put("model", settings.model());
    var messages = body.putArray("messages");
    conversation.forEach(
        message ->
            messages.addObject().put("role", message.role()).put("content", message.content()));
    body.put("max_completion_tokens", MOST_TOKENS);
    body.putObject("response_format")
        .put("type", "json_schema")
        .putObject("json_schema")
        .put("name", "draft")
        .put("strict", true)
        .set("schema", schema);
    return body;
  }

  private ModelReply reply(HttpResponse<byte[]> response, ObjectNode asked) {
    var status = response.statusCode();
    if (status != 200) {
      return new Failed(
          "status " + status + status(status),
          status >= SERVER_ERROR,
          status == TOO_MANY || status >= SERVER_ERROR ? retryAfter(response) : 0,
          new Spent(1, 0, 0, 0));
    }
    JsonNode answer;
    try {
      answer = MessageJson.mapper().readTree(response.body());
    } catch (JacksonException noJson) {
      var guessed = spent(asked.toString().length(), response.body().length);
      return new Failed("the answer of its server is not JSON", true, 0, guessed);
    }
    return reply(answer, spent(answer, asked));
  }

  private static String status(int status) {
    return switch (status) {
      case 401, 403 -> ": check capataz.drafts.key";
      case 404 -> ": check capataz.drafts.endpoint and capataz.drafts.model";
      case TOO_MANY -> ": it is asked too often, or its account has no credit";
      default -> "";
    };
  }

  private static long retryAfter(HttpResponse<byte[]> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(text -> text.matches("\\d{1,5}"))
        .map(Long::parseLong)
        .orElse(0L);
  }

  private static ModelReply reply(JsonNode answer, Spent spent) {
    var choice = answer.at("/choices/0");
    var message = choice.path("message");
    var refusal = message.path("refusal").asString("");
    var text = message.path("content").asString("");
    var finish = choice.path("finish_reason").asString("");
    if (!refusal.isEmpty() || finish.equals("content_filter")) {
      return new Declined(refusal.isEmpty() ? "its content filter" : refusal, spent);
    }
    if (!message.path("tool_calls").isEmpty() || message.has("function_call")) {
      return new Unusable("You have no tools. Answer with the JSON object.", "", spent);
    }
    if (finish.equals("length")) {
      return new Unusable("Your answer was too long and was cut off. Write less.", "", spent);
    }
    return text.isBlank()
        ? new Unusable("Your answer was empty.", "", spent)
        : new Text(text, spent);
  }

  private Spent spent(JsonNode answer, ObjectNode asked) {
    var usage = answer.path("usage");
    var in = usage.path("prompt_tokens").asLong(0);
    var out = usage.path("completion_tokens").asLong(0);
    // A server that does not count must not make the limits void.
    return in > 0 || out > 0
        ? spentTokens(Math.max(in, 0), Math.max(out, 0))
        : spent(asked.toString().length(), answer.toString().length());
  }

  private Spent spent(long charactersIn, long charactersOut) {
    return spentTokens(charactersIn / CHARACTERS, charactersOut / CHARACTERS);
  }

  private Spent spentTokens(long in, long out) {
    return new Spent(1, in, out, settings.cost(in, out));
  }
}
