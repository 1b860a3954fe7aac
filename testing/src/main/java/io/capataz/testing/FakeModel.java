package io.capataz.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * An OpenAI-compatible server that answers what a test wants it to, in order. If nothing is left it
 * answers 500, so that a call too many does not go unnoticed.
 */
public final class FakeModel implements AutoCloseable {

  /** What it is asked. */
  public record Asked(String path, String authorization, String body) {}

  private interface Answer {
    void to(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
  private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();

  private FakeModel(HttpServer server) {
    this.server = server;
  }

  public static FakeModel start() {
    try {
      var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      var model = new FakeModel(server);
      server.createContext("/", model::handle);
      server.setExecutor(model.threads);
      server.start();
      return model;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code capataz.drafts.endpoint} has it. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
  }

  /** What it was asked, oldest first. */
  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  /** The next answer says this, for ten tokens, and twenty that were read. */
  public FakeModel says(String content) {
    return completion("{\"content\":" + quoted(content) + "}", "stop");
  }

  /** The next answer is cut off after this. */
  public FakeModel isCutOffAfter(String content) {
    return completion("{\"content\":" + quoted(content) + "}", "length");
  }

  /** The next answer declines. */
  public FakeModel declines(String reason) {
    return completion("{\"content\":null,\"refusal\":" + quoted(reason) + "}", "stop");
  }

  /** The next answer wants a tool to be called. */
  public FakeModel callsTool(String name, String arguments) {
    return completion(
        "{\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":"
            + "{\"name\":"
            + quoted(name)
            + ",\"arguments\":"
            + quoted(arguments)
            + "}}]}",
        "tool_calls");
  }

  private FakeModel completion(String message, String finish) {
    return answers(
        200,
        "{\"choices\":[{\"index\":0,\"message\":"
            + message
            + ",\"finish_reason\":\""
            + finish
            + "\"}],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10}}");
  }

  /** The next answer has this status and body. */
  public FakeModel answers(int status, String body, String... headers) {
    answers.add(
        exchange -> {
          for (var i = 0; i + 1 < headers.length; i += 2) {
            exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
          }
          var bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
        });
    return this;
  }

  /** The next answer does not come, for as long as this is open. */
  public FakeModel isSilent() {
    answers.add(_ -> closed.await());
    return this;
  }

  /** The next answer has a head, and a body that does not end for as long as this is open. */
  public FakeModel stopsInTheMiddle() {
    answers.add(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          closed.await();
        });
    return this;
  }

  /** Forgets what it was to answer. */
  public void forget() {
    answers.clear();
  }

  /** How many answers are left. */
  public int left() {
    return answers.size();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      asked.add(
          new Asked(
              exchange.getRequestURI().getPath(),
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      var answer = answers.poll();
      if (answer == null) {
        exchange.sendResponseHeaders(500, -1);
      } else {
        answer.to(exchange);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** A text as JSON. */
  public static String quoted(String text) {
    var json = new StringBuilder("\"");
    for (var i = 0; i < text.length(); i++) {
      var character = text.charAt(i);
      if (character == '"' || character == '\\') {
        json.append('\\').append(character);
      } else if (character < ' ') {
        json.append("\\u%04x".formatted((int) character));
      } else {
        json.append(character);
      }
    }
    return json.append('"').toString();
  }

  /**
   * A proposal in the form that drafts are asked for.
   *
   * @param inputs as {@code name type}
   */
  public static String proposal(
      String name, List<String> inputs, List<String> packages, String function, String tests) {
    var wanted =
        inputs.stream()
            .map(input -> input.split(" ", 2))
            .map(
                input ->
                    "{\"name\":%s,\"type\":%s,\"description\":\"\"}"
                        .formatted(quoted(input[0]), quoted(input[1])))
            .toList();
    var used = packages.stream().map(FakeModel::quoted).toList();
    return "{\"task_name\":%s,\"task_text\":\"What it does.\",\"user_inputs\":[%s],\"packages_used\":[%s],\"python_function\":%s,\"python_tests\":%s}"
        .formatted(
            quoted(name),
            String.join(",", wanted),
            String.join(",", used),
            quoted(function),
            quoted(tests));
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
