package io.capataz.e2e;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A running {@code ./capataz standalone} on a free port, and what a client does with it. */
final class Standalone implements AutoCloseable {

  static final String CUSTOMER = "default";

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern READY =
      Pattern.compile("Capataz is ready at (http://\\S+) .*\\(process (\\d+)\\)");
  private static final Pattern AGENT = Pattern.compile("agent +(?:process (\\d+)|none)");

  private final HttpClient client = HttpClient.newHttpClient();
  private final Launched launched;
  private final String address;
  private final String token;

  private Standalone(Launched launched, Path data) throws IOException {
    this.launched = launched;
    this.address = launched.line(READY).group(1);
    this.token = Files.readString(data.resolve("admin.token")).strip();
  }

  static Standalone start(Path data, String... flags) throws IOException {
    return start(data, Map.of(), flags);
  }

  /** The same, with settings of the supervisor as variables. */
  static Standalone start(Path data, Map<String, String> settings, String... flags)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("standalone", "--data", data.toString(), "--port", "0"));
    arguments.addAll(List.of(flags));
    Launched launched =
        Launched.run(
            Launched.LAUNCHER,
            Path.of(".").toAbsolutePath(),
            settings,
            arguments.toArray(String[]::new));
    try {
      return new Standalone(launched, data);
    } catch (IOException | RuntimeException | AssertionError e) {
      launched.close();
      throw e;
    }
  }

  Launched process() {
    return launched;
  }

  /** As {@code http://127.0.0.1:8080}. */
  String address() {
    return address;
  }

  String token() {
    return token;
  }

  /** A new token of a program that may run tasks and no more. */
  String tokenOfUser() {
    return post("/" + CUSTOMER + "/integration-token", Map.of("name", "caller", "role", "user"))
        .path("token")
        .asString();
  }

  /** Where it listens: the console, the broker, the broker's controller, and what was asked for. */
  Set<Integer> ports() throws IOException {
    return ListeningPorts.of(Long.parseLong(launched.line(READY).group(2)));
  }

  /** The agent of its start. */
  ProcessHandle agent() {
    return ProcessHandle.of(Long.parseLong(launched.line(AGENT).group(1))).orElseThrow();
  }

  /** The agent that runs now; it is another one after the first was killed. */
  ProcessHandle agentNow() {
    return launched
        .descendants()
        .filter(process -> process.info().commandLine().orElse("").contains("capataz-agent"))
        .findFirst()
        .orElseThrow();
  }

  /** The one host, as soon as its agent is online. */
  JsonNode host() {
    return await(
            () -> get("/" + CUSTOMER + "/host"),
            all -> !all.isEmpty() && all.get(0).path("online").asBoolean())
        .get(0);
  }

  /** The one host, whatever its state. */
  JsonNode hostNow() {
    return get("/" + CUSTOMER + "/host").get(0);
  }

  JsonNode createTask(String name, String script, Map<String, ?> more) {
    Map<String, Object> task = new HashMap<>(more);
    task.put("name", name);
    task.put("host_id", host().path("id").asString());
    task.put("script", Map.of("filename", name + ".sh", "content", script));
    return post("/" + CUSTOMER + "/task", task);
  }

  JsonNode task(String id) {
    return get("/" + CUSTOMER + "/task/" + id);
  }

  /** Changes these fields of a task. */
  void change(JsonNode task, Map<String, ?> fields) {
    send(
        signed("/" + CUSTOMER + "/task/" + task.path("id").asString())
            .setHeader("Content-Type", "application/json")
            .method(
                "PATCH", HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(fields))));
  }

  /** Orders a job with the task's secret key and returns its id. */
  String order(JsonNode task, String... arguments) {
    return post(
            "/%s/task/%s/secret/%s/job"
                .formatted(CUSTOMER, task.path("id").asString(), task.path("secret").asString()),
            Map.of("task_arguments", arguments))
        .path("id")
        .asString();
  }

  JsonNode job(String id) {
    return get("/" + CUSTOMER + "/job/" + id);
  }

  JsonNode endedJob(String id) {
    return await(() -> job(id), job -> job.hasNonNull("ended"));
  }

  String output(String job) {
    return send(
        signed("/%s/job/%s/output".formatted(CUSTOMER, job))
            .setHeader("Accept", "text/plain")
            .GET());
  }

  JsonNode get(String path) {
    return JSON.readTree(send(signed(path).GET()));
  }

  /** A list, as soon as there is something in it. */
  JsonNode some(String path) {
    return await(() -> get(path), all -> !all.isEmpty());
  }

  JsonNode post(String path, Map<String, ?> body) {
    return JSON.readTree(
        send(
            signed(path)
                .setHeader("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))));
  }

  private HttpRequest.Builder signed(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + path))
            .setHeader("Accept", "application/json")
            .timeout(Duration.ofSeconds(30));
    // A route with a secret key in it takes nothing else.
    return path.contains("/secret/")
        ? request
        : request.setHeader("Authorization", "Bearer " + token);
  }

  private String send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> answer =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      Assertions.assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      return answer.body();
    } catch (IOException e) {
      throw new AssertionError("The supervisor did not answer:\n" + launched.output(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private JsonNode await(Callable<JsonNode> question, Predicate<JsonNode> wanted) {
    return Awaitility.await()
        .atMost(60, TimeUnit.SECONDS)
        .pollInterval(100, TimeUnit.MILLISECONDS)
        .until(question, wanted);
  }

  @Override
  public void close() {
    launched.close();
  }
}
