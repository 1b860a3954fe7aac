package io.capataz.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server that gives the answers it was told to give, and remembers what it was asked. */
public final class FakeSupervisor implements AutoCloseable {

  static final String TOKEN = "cpz_it_secret-of-the-test";

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  /** What it was asked. */
  public record Asked(String route, Map<String, List<String>> headers, String body) {
    public String header(String name) {
      return String.join(",", headers.getOrDefault(name, List.of()));
    }

    public JsonNode json() {
      return JsonMapper.shared().readTree(body);
    }
  }

  /**
   * An answer.
   *
   * @param broken whether the connection breaks after the body
   */
  private record Answer(
      int status, String type, Map<String, String> headers, String body, boolean broken) {}

  public FakeSupervisor() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The next answer to a route with its query; the last one is given from then on. */
  public FakeSupervisor on(String route, int status, String json) {
    return add(route, new Answer(status, "application/json", Map.of(), json, false));
  }

  public FakeSupervisor on(String route, String json) {
    return on(route, 200, json);
  }

  FakeSupervisor page(String route, String json, String cursor) {
    return add(
        route, new Answer(200, "application/json", Map.of("X-Next-Cursor", cursor), json, false));
  }

  FakeSupervisor text(String route, int status, String type, String body) {
    return add(route, new Answer(status, type, Map.of(), body, false));
  }

  /** A stream of events that ends as it should. */
  FakeSupervisor events(String route, String... lines) {
    return text(route, 200, "text/event-stream", stream(lines));
  }

  /** A stream of events whose connection breaks. */
  FakeSupervisor brokenEvents(String route, String... lines) {
    return add(route, new Answer(200, "text/event-stream", Map.of(), stream(lines), true));
  }

  /** The connection breaks before there is an answer. */
  FakeSupervisor breaks(String route) {
    return add(route, new Answer(0, "", Map.of(), "", true));
  }

  FakeSupervisor problem(String route, int status, String detail, String more) {
    return add(
        route,
        new Answer(
            status,
            "application/problem+json",
            Map.of("X-Request-Id", "request-7", "Retry-After", "9"),
            "{\"title\": \"Problem\", \"status\": %d, \"code\": \"x\", \"detail\": \"%s\"%s}"
                .formatted(status, detail, more),
            false));
  }

  private static String stream(String... lines) {
    return "retry: 1\n\n" + String.join("\n", lines) + "\n\n";
  }

  private FakeSupervisor add(String route, Answer answer) {
    answers.computeIfAbsent(route, _ -> new ArrayDeque<>()).add(answer);
    return this;
  }

  public List<Asked> asked() {
    return asked;
  }

  public List<Asked> asked(String route) {
    return asked.stream().filter(it -> it.route().equals(route)).toList();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String route = exchange.getRequestMethod() + " " + exchange.getRequestURI();
      asked.add(
          new Asked(
              route,
              Map.copyOf(exchange.getRequestHeaders()),
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
      Answer answer = next(route);
      if (answer.status() == 0) {
        throw new IOException("broken on purpose");
      }
      exchange.getResponseHeaders().set("Content-Type", answer.type());
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(
          answer.status(), body.length == 0 ? -1 : answer.broken() ? body.length + 9 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
        exchange.getResponseBody().flush();
      }
    }
  }

  private synchronized Answer next(String route) {
    Deque<Answer> known = answers.get(route);
    if (known == null) {
      return new Answer(
          404,
          "application/problem+json",
          Map.of(),
          "{\"title\": \"Not Found\", \"detail\": \"Nobody has said what %s answers.\"}"
              .formatted(route.replace("\"", "'")),
          false);
    }
    return known.size() > 1 ? known.remove() : known.getFirst();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
