package io.capataz.supervisor.documentation;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.documentation.RawHttp.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Walks the OpenAPI document that a supervisor answers and sends what it allows, and what it does
 * not: any answer will do that is no fault, that says in the agreed form what is wrong, that the
 * document names, and that comes soon.
 */
final class Fuzz {

  /** Nobody waits longer for an answer, milliseconds. */
  private static final int PATIENCE = 10_000;

  private static final int MOST_FAILURES = 50;

  /** Answers to these last as long as they are told to. */
  private static final List<String> WAITING = List.of("follow", "wait_result", "timeout");

  private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");

  private final TestSupervisor supervisor;
  private final JsonNode document;
  private final List<Operation> operations = new ArrayList<>();
  private final Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> done = new ConcurrentHashMap<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final AtomicLong slowest = new AtomicLong();

  private record Operation(String method, String path, JsonNode told) {
    /** Whether it answers refusals in the form of seed 000's system. */
    boolean isOfLibraries() {
      return path.startsWith("/library") || path.startsWith("/resource");
    }

    /** Whether it answers refusals in the form of seed 002's system. */
    boolean isOfClients() {
      return path.startsWith("/api/{library}/") || path.startsWith("/ws/");
    }

    /** Whether it answers refusals in the form of seed 001's system. */
    boolean isOfTaskApi() {
      return path.startsWith("/v1/");
    }

    /** Whether it answers refusals in the form of seed 003's system. */
    boolean isOfDrafts() {
      return path.startsWith("/api/task/") || path.equals("/api/get_data");
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  /**
   * A request as it goes out.
   *
   * @param routed whether its path certainly leads to the operation
   * @param chosen whether it asks for some fields only
   * @param large whether the server may hang up before it has read it
   */
  private record Shot(Bytes bytes, boolean routed, boolean chosen, boolean large) {}

  Fuzz(TestSupervisor supervisor) {
    this.supervisor = supervisor;
    document = supervisor.send(supervisor.request("/openapi.json").GET()).body();
    for (var path : document.path("paths").properties()) {
      for (var method : path.getValue().properties()) {
        operations.add(
            new Operation(
                method.getKey().toUpperCase(Locale.ROOT), path.getKey(), method.getValue()));
      }
    }
  }

  /** How often each status was answered. */
  Map<Integer, AtomicInteger> statuses() {
    return statuses;
  }

  /** Operations that were done at least once, and how often. */
  Map<String, AtomicInteger> done() {
    return done;
  }

  /** How many operations there are. */
  int operations() {
    return operations.size();
  }

  /** What was wrong; empty if nothing was. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** The longest time an answer took, milliseconds. */
  long slowest() {
    return slowest.get() / 1_000_000;
  }

  /** Sends so many requests over so many connections at once. */
  void run(long seed, int requests, int connections) {
    try (var workers = Executors.newFixedThreadPool(connections)) {
      var ended = new ArrayList<CompletableFuture<Void>>();
      for (var i = 0; i < connections; i++) {
        var random = new Random(seed + i);
        ended.add(CompletableFuture.runAsync(() -> work(random, requests / connections), workers));
      }
      ended.forEach(CompletableFuture::join);
    }
  }

  private void work(Random random, int requests) {
    var own = new Tenant(supervisor);
    var other = new Tenant(supervisor);
    var nonsense = new Nonsense(random);
    try (var http = new RawHttp(supervisor.request("/").build().uri(), PATIENCE)) {
      for (var i = 0; i < requests && failures.size() < MOST_FAILURES; i++) {
        var operation = nonsense.any(operations);
        var shot = shot(operation, nonsense, own, other);
        var began = System.nanoTime();
        var refused = false;
        try {
          var reply = http.send(shot.bytes().toArray());
          slowest.accumulateAndGet(System.nanoTime() - began, Math::max);
          check(operation, shot, reply);
          refused = reply.status() >= 300;
        } catch (SocketTimeoutException hangs) {
          fail(operation, shot, "no answer within " + PATIENCE + " ms");
        } catch (IOException closed) {
          if (!shot.large()) {
            fail(operation, shot, "the connection was closed without an answer: " + closed);
          }
        } finally {
          // It is gone, or the key that opened it is; perhaps, where no answer came.
          if (!refused
              && (operation.method().equals("DELETE") || operation.path().endsWith("}/secret"))) {
            own.forgetAll();
            other.forgetAll();
          }
        }
      }
    }
  }

  private void check(Operation operation, Shot shot, Reply reply) {
    statuses.computeIfAbsent(reply.status(), _ -> new AtomicInteger()).incrementAndGet();
    if (reply.status() < 300) {
      done.computeIfAbsent(operation.toString(), _ -> new AtomicInteger()).incrementAndGet();
    }
    var type = reply.header("content-type");
    // A supervisor without a model says so; 503 is in the document.
    if (reply.status() >= 500 && !reply.text().contains("\"code\":\"no_model\"")) {
      fail(operation, shot, "a fault: " + reply.status() + " " + reply.text());
      return;
    }
    if (reply.status() >= 400) {
      if (operation.isOfLibraries() && type.startsWith("application/json")) {
        if (!problem(reply).path("status").asString("").equals("failed")) {
          fail(operation, shot, reply.status() + ", which its body does not say: " + reply.text());
        }
      } else if (operation.isOfClients() && type.startsWith("application/json")) {
        if (problem(reply).path("detail").isMissingNode()) {
          fail(
              operation, shot, reply.status() + ", and its body does not say why: " + reply.text());
        }
      } else if (operation.isOfTaskApi() && type.startsWith("application/json")) {
        if (problem(reply).path("status_code").asInt() != reply.status()) {
          fail(operation, shot, reply.status() + ", which its body does not say: " + reply.text());
        }
      } else if (operation.isOfDrafts() && type.startsWith("application/json")) {
        if (problem(reply).path("message").asString("").isEmpty()) {
          fail(
              operation, shot, reply.status() + ", and its body does not say why: " + reply.text());
        }
      } else if (!type.startsWith("application/problem+json")) {
        fail(operation, shot, reply.status() + " as '" + type + "': " + reply.text());
      } else if (problem(reply).path("status").asInt() != reply.status()) {
        fail(operation, shot, reply.status() + ", which its body does not say: " + reply.text());
      }
    }
    var told = operation.told().path("responses").path(String.valueOf(reply.status()));
    if (shot.routed() && told.isMissingNode()) {
      fail(
          operation,
          shot,
          "a status that the document does not name: " + reply.status() + " " + reply.text());
    }
    var schema = told.path("content").path("application/json").path("schema");
    if (!schema.isMissingNode() && !shot.chosen() && type.startsWith("application/json")) {
      var mismatch = new Fits(document).mismatch(schema, problem(reply), "");
      mismatch.ifPresent(what -> fail(operation, shot, "the answer is not as told: " + what));
    }
  }

  private static JsonNode problem(Reply reply) {
    try {
      return MessageJson.mapper().readTree(reply.body().toArray());
    } catch (JacksonException e) {
      return MessageJson.mapper().missingNode();
    }
  }

  private void fail(Operation operation, Shot shot, String what) {
    var request = shot.bytes().asUtf8();
    failures.add(
        operation
            + ": "
            + (what.length() > 600 ? what.substring(0, 600) + " …" : what)
            + "\n    "
            + (request.length() > 900 ? request.substring(0, 900) + " …" : request)
                .replaceAll("cpz_[a-z]{2}_\\w+", "cpz_…")
                .replace("\r\n", "\n    "));
  }

  private Shot shot(Operation operation, Nonsense nonsense, Tenant own, Tenant other) {
    var routed = true;
    var path = new StringBuilder();
    if (nonsense.chance(0.8)) {
      path.append(own.path(operation.path()));
    } else if (nonsense.chance(0.3)) {
      path.append(own.absent(operation.path()));
    } else if (nonsense.chance(0.3)) {
      path.append(own.foreign(operation.path(), other));
    } else {
      routed = false;
      path.append(
          VARIABLE
              .matcher(operation.path())
              .replaceAll(
                  _ ->
                      Matcher.quoteReplacement(
                          nonsense.chance(0.5) ? own.name() : nonsense.segment())));
    }
    var query = query(operation, nonsense);
    var head = new StringBuilder();
    var bearer =
        nonsense.chance(0.8)
            ? own.token(Role.OWNER)
            : nonsense.any(
                List.of(
                    own.token(Role.VIEWER),
                    own.token(Role.USER),
                    own.token(Role.MANAGER),
                    other.token(Role.OWNER),
                    own.agent(),
                    own.session(),
                    "",
                    "nonsense",
                    "cpz_it_" + "0".repeat(65)));
    if (nonsense.chance(0.05)) {
      query.add("access_token=" + Nonsense.encoded(bearer));
    } else if (!bearer.isEmpty()) {
      head.append("Authorization: Bearer ").append(bearer).append("\r\n");
    }
    if (nonsense.chance(0.1)) {
      head.append(header(nonsense)).append("\r\n");
    }
    var body = new byte[0];
    var large = false;
    if (operation.told().has("requestBody") ? nonsense.chance(0.95) : nonsense.chance(0.1)) {
      var type = "application/json";
      if (nonsense.chance(0.0005)) {
        body = ("\"" + "x".repeat(8 * 1024 * 1024) + "\"").getBytes(StandardCharsets.UTF_8);
        large = true;
      } else if (nonsense.chance(0.12)) {
        body = nonsense.body().getBytes(StandardCharsets.UTF_8);
        type = nonsense.type();
      } else {
        var fitting = fitting(operation, nonsense, own);
        var sent = nonsense.chance(0.5) ? fitting : nonsense.spoiled(fitting);
        body = sent.toString().getBytes(StandardCharsets.UTF_8);
        if (nonsense.chance(0.05)) {
          type = nonsense.type();
        }
      }
      if (!type.isEmpty()) {
        head.append("Content-Type: ").append(type).append("\r\n");
      }
    }
    var chosen = query.stream().anyMatch(q -> q.startsWith("fields") || q.startsWith("include"));
    var target = path + (query.isEmpty() ? "" : "?" + String.join("&", query));
    var start =
        operation.method()
            + " "
            + target
            + " HTTP/1.1\r\nHost: localhost\r\n"
            + head
            + "Content-Length: "
            + body.length
            + "\r\n\r\n";
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes(start.getBytes(StandardCharsets.ISO_8859_1));
    bytes.writeBytes(body);
    return new Shot(Bytes.of(bytes.toByteArray()), routed, chosen, large);
  }

  private static String header(Nonsense nonsense) {
    return nonsense.any(
            List.of(
                "Idempotency-Key: ",
                "If-Match: ",
                "If-None-Match: ",
                "Range: ",
                "Accept: ",
                "Prefer: respond-async, wait=",
                "X-Forwarded-For: ",
                "Accept-Encoding: ",
                "Last-Event-ID: "))
        + nonsense.any(
            List.of(
                "",
                "x",
                "\"1\"",
                "*",
                "0",
                "-1",
                "bytes=0-1",
                "bytes=9-1,5-,-99999999999999999999",
                "text/html",
                "application/x-ndjson",
                "\u00ff\u00fe",
                "k".repeat(3_000)));
  }

  private static List<String> query(Operation operation, Nonsense nonsense) {
    var query = new ArrayList<String>();
    for (var parameter : operation.told().path("parameters")) {
      var name = parameter.path("name").asString();
      if (!parameter.path("in").asString().equals("query")
          || WAITING.contains(name)
          || !nonsense.chance(0.15)) {
        continue;
      }
      if (nonsense.chance(0.5)) {
        query.add(
            name
                + "="
                + Nonsense.encoded(nonsense.fitting(parameter.path("schema")).asString("x")));
      } else {
        query.add(
            nonsense
                    .any(
                        List.of(
                            name + "=",
                            name + "[]=",
                            name + "[$gt]=",
                            "where[" + name + "]=",
                            "where%5B" + name + "%5D=",
                            "where[" + name + "][$ne]=",
                            "sort[" + name + "]=-",
                            "include%5B" + name + "%5D=",
                            name + "=1&" + name + "="))
                    .replace("[", "%5B")
                    .replace("]", "%5D")
                    .replace("$", "%24")
                + Nonsense.encoded(nonsense.text()));
      }
    }
    if (nonsense.chance(0.05)) {
      query.add(
          nonsense.any(
              List.of(
                  "surprise=1",
                  "a=%ff",
                  "a=%",
                  "%00=1",
                  "=",
                  "&&&",
                  "customer=nobody",
                  "customer%5B%24ne%5D=1",
                  "a=b".repeat(500),
                  "a=1&".repeat(2_500),
                  "access_token=x&access_token=y",
                  "fields=id,%24where,../..")));
    }
    return query;
  }

  /** What the document says of the body, with ids in it that there are. */
  private ObjectNode fitting(Operation operation, Nonsense nonsense, Tenant own) {
    var schema =
        operation
            .told()
            .path("requestBody")
            .path("content")
            .path("application/json")
            .path("schema")
            .path("$ref")
            .asString("#");
    var body =
        nonsense.fitting(document.at(schema.substring(1))) instanceof ObjectNode object
            ? object
            : MessageJson.mapper().createObjectNode();
    if (nonsense.chance(0.8)) {
      Fitting.meant(operation.path(), body, nonsense, own);
    }
    return body;
  }
}
