package io.capataz.standalone.demo;

import io.capataz.common.command.Command;
import io.capataz.common.command.StartFailure;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Two jobs from order to end, in a Capataz of its own that is gone afterwards. Ends with 0 only
 * when everything went as told.
 */
final class Demo {

  private static final Command COMMAND =
      new Command(
          "demo",
          List.of("Runs two jobs in a Capataz of its own, in a temporary folder that it removes."),
          List.of());

  private static final String CUSTOMER = "default";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Terminal terminal;
  private final Api api;
  private final StandaloneProcess supervisor;

  private Demo(Terminal terminal, Api api, StandaloneProcess supervisor) {
    this.terminal = terminal;
    this.api = api;
    this.supervisor = supervisor;
  }

  public static void main(String[] arguments) {
    COMMAND.main(
        arguments,
        _ -> {
          if (!run(Terminal.standard(), launcher(), temporaryFolder())) {
            System.exit(Command.FAILED);
          }
        });
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("capataz-demo-");
    } catch (IOException e) {
      throw new StartFailure(
          "The demo cannot make a folder in %s. Make that one writable, or name another with CAPATAZ_JAVA_OPTIONS=-Djava.io.tmpdir=DIR."
              .formatted(System.getProperty("java.io.tmpdir")));
    }
  }

  private static Path launcher() {
    return Path.of(System.getProperty("capataz.home", "."), "capataz").toAbsolutePath().normalize();
  }

  /**
   * Runs the demo in {@code folder} and removes it. False: there was a surprise, and it was told.
   */
  private static boolean run(Terminal terminal, Path launcher, Path folder) throws IOException {
    StandaloneProcess supervisor = StandaloneProcess.start(launcher, folder.resolve("data"));
    // Also for Ctrl-C: what the demo started and made goes with it.
    Thread cleaner =
        Thread.ofPlatform()
            .name("clean-up")
            .unstarted(
                () -> {
                  supervisor.close();
                  remove(folder);
                });
    Runtime.getRuntime().addShutdownHook(cleaner);
    try {
      perform(terminal, supervisor, folder);
    } catch (Surprise e) {
      supervisor.lastWords().forEach(terminal::quote);
      System.err.printf("%nThe demo met a surprise. %s%n", e.getMessage());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    remove(folder);
    Runtime.getRuntime().removeShutdownHook(cleaner);
    terminal.good(
        "Both jobs went as they should. Everything is stopped and %s is removed."
            .formatted(folder));
    return true;
  }

  private static void perform(Terminal terminal, StandaloneProcess supervisor, Path folder)
      throws IOException, InterruptedException {
    terminal.headline("A supervisor starts, with a Kafka broker and a store inside");
    StandaloneProcess.Ready ready = supervisor.awaitReady();
    terminal.fact("ready after", ready.millis() + " ms");
    terminal.fact("process", ready.pid());
    terminal.fact("address", ready.address());
    for (String part : List.of("broker", "store")) {
      terminal.fact(part, supervisor.part(part).orElse("?"));
    }
    Secret token = Secret.of(Files.readString(folder.resolve("data/admin.token")).strip());
    Demo demo = new Demo(terminal, new Api(ready.address(), token), supervisor);

    JsonNode host = demo.enrolledHost();
    demo.helloJob(host);
    demo.stubbornJob(host);

    terminal.headline("Everything stops");
    supervisor.stop();
  }

  private JsonNode enrolledHost() throws InterruptedException {
    terminal.headline("An agent enrols this machine");
    JsonNode hosts =
        await(
            "an agent that hears announcements",
            () -> api.get("/" + CUSTOMER + "/host"),
            all -> all.size() > 0 && all.get(0).path("listening").asBoolean(false));
    JsonNode host = hosts.get(0);
    terminal.fact("host", host.path("hostname").asString());
    terminal.fact("host id", host.path("id").asString());
    terminal.fact("agent", supervisor.part("agent").orElse("?"));
    return host;
  }

  private void helloJob(JsonNode host) throws IOException, InterruptedException {
    JsonNode task =
        createTask(
            Map.of(
                "name", "hello",
                "host_id", host.path("id").asString(),
                "script", script("hello.sh"),
                "task_arguments",
                    List.of(
                        Map.of("type", "input", "order", 0, "label", "who"),
                        Map.of("type", "input", "order", 1, "label", "steps")),
                "env", Map.of("GREETING", "buenos días"),
                "timeout", 30));
    List<String> lines = new ArrayList<>();
    JsonNode job = runJob(task, List.of("world", "4"), lines);
    result(job);
    expect("succeeded".equals(outcome(job)), "The job should have succeeded", job);
    expect(job.path("exit_code").asInt(-1) == 0, "The exit code should be 0", job);
    for (String expected :
        List.of("Hello, world!", "'buenos días'", "step 4 of 4", "to stderr", "Done.")) {
      expect(
          lines.stream().anyMatch(line -> line.contains(expected)),
          "The output should hold \"" + expected + "\"",
          job);
    }
  }

  private void stubbornJob(JsonNode host) throws IOException, InterruptedException {
    JsonNode task =
        createTask(
            Map.of(
                "name",
                "stubborn",
                "host_id",
                host.path("id").asString(),
                "script",
                script("stubborn.sh"),
                "timeout",
                2,
                "grace",
                1));
    terminal.fact("limits", "2 s, then SIGTERM, then 1 s of grace, then SIGKILL");
    List<String> lines = new ArrayList<>();
    JsonNode job = runJob(task, List.of(), lines);
    result(job);
    expect("timed_out".equals(outcome(job)), "The job should have timed out", job);
    List<String> signals = new ArrayList<>();
    for (JsonNode signal : job.path("signals")) {
      signals.add(signal.path("signal").asString());
      terminal.fact(
          signal.path("signal").asString(),
          "%.2f s after its start: %s"
              .formatted(signal.path("after").asDouble(), signal.path("why").asString()));
    }
    expect(signals.equals(List.of("SIGTERM", "SIGKILL")), "It should have got both signals", job);
    expect(job.path("survivors").isEmpty(), "Nothing of it should be left", job);
    long[] pids = processesOf(lines, job);
    for (long pid : pids) {
      expect(!isAlive(pid), "Process " + pid + " of it should be gone", job);
    }
    terminal.fact("survivors", "none; processes %s are gone".formatted(joined(pids)));
  }

  private JsonNode createTask(Map<String, ?> task) throws InterruptedException {
    terminal.headline("A task is made: POST /%s/task".formatted(CUSTOMER));
    JsonNode made = api.post("/" + CUSTOMER + "/task", task);
    terminal.fact(
        "task", "%s (%s)".formatted(made.path("name").asString(), made.path("id").asString()));
    expect(
        !made.path("secret").asString("").isBlank(), "The task should tell its secret key", made);
    terminal.fact("secret key", "told this once");
    return made;
  }

  /** Posts a job with the secret key, follows it to its end and returns it. */
  private JsonNode runJob(JsonNode task, List<String> arguments, List<String> lines)
      throws InterruptedException {
    String id = task.path("id").asString();
    terminal.headline("A job is posted: POST /%s/task/%s/secret/…/job".formatted(CUSTOMER, id));
    JsonNode posted =
        api.postUnsigned(
            "/%s/task/%s/secret/%s/job".formatted(CUSTOMER, id, task.path("secret").asString()),
            Map.of("task_arguments", arguments));
    String path = "/%s/job/%s".formatted(CUSTOMER, posted.path("id").asString());
    terminal.fact("job", posted.path("id").asString());

    JsonNode claimed = await("a claim", () -> api.get(path), job -> has(job, "assigned"));
    terminal.fact(
        "claimed",
        "by the agent, which heard of it by %s (attempt %d)"
            .formatted(claimed.path("heard").asString("?"), claimed.path("attempt").asInt()));

    terminal.headline("Its output, live");
    OutputLines output =
        new OutputLines(
            (stream, after, line) -> {
              lines.add(line);
              terminal.output(stream, after, line);
            });
    api.follow(
        path + "/output?follow=true",
        chunk ->
            output.chunk(
                chunk.path("stream").asString(),
                chunk.path("after").asDouble(),
                chunk.path("text").asString()));
    output.end();
    return await("an end", () -> api.get(path), job -> has(job, "ended"));
  }

  private void result(JsonNode job) {
    terminal.headline("Its result");
    terminal.fact("outcome", outcome(job) + " (state %s)".formatted(job.path("state").asString()));
    terminal.fact("exit code", job.path("exit_code").isNumber() ? job.path("exit_code") : "none");
    terminal.fact("posted", job.path("creation_date").asString());
    terminal.fact("started", job.path("started").asString());
    terminal.fact(
        "ended",
        "%s, after %.2f s"
            .formatted(job.path("ended").asString(), job.path("duration").asDouble()));
  }

  private static String outcome(JsonNode job) {
    return job.path("outcome").path("type").asString("none");
  }

  /** The script says which processes it is; see demo/stubborn.sh. */
  private static long[] processesOf(List<String> lines, JsonNode job) {
    return lines.stream()
        .filter(line -> line.startsWith("processes "))
        .findFirst()
        .map(line -> Arrays.stream(line.split(" ")).skip(1).mapToLong(Long::parseLong).toArray())
        .orElseThrow(() -> new Surprise("The script should have said its processes: " + job));
  }

  /** A dead process whose parent died first stays in the table until the system buries it. */
  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false) && !isZombie(pid);
  }

  private static boolean isZombie(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
    } catch (IOException e) {
      return !Files.exists(Path.of("/proc", Long.toString(pid)))
          && Files.exists(Path.of("/proc/1"));
    }
  }

  private static String joined(long[] pids) {
    return String.join(" and ", Arrays.stream(pids).mapToObj(Long::toString).toList());
  }

  private static Map<String, String> script(String name) throws IOException {
    try (InputStream content = Demo.class.getResourceAsStream("/demo/" + name)) {
      if (content == null) {
        throw new Surprise("The script %s is not in the jar. Build it anew.".formatted(name));
      }
      return Map.of(
          "filename", name, "content", new String(content.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private static void expect(boolean held, String what, JsonNode seen) {
    if (!held) {
      throw new Surprise(what + ", but this is what is known: " + seen);
    }
  }

  /** A question to the API. */
  @FunctionalInterface
  private interface Question {
    JsonNode ask() throws InterruptedException;
  }

  /** Asks until the answer is as wanted. */
  private static JsonNode await(String what, Question question, Predicate<JsonNode> wanted)
      throws InterruptedException {
    long begun = System.nanoTime();
    while (true) {
      JsonNode answer = question.ask();
      if (wanted.test(answer)) {
        return answer;
      }
      if (System.nanoTime() - begun > PATIENCE.toNanos()) {
        throw new Surprise(
            "There was not %s within %d s. The last answer was: %s"
                .formatted(what, PATIENCE.toSeconds(), answer));
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private static boolean has(JsonNode node, String field) {
    return node.hasNonNull(field);
  }

  /**
   * Removes {@code folder} with everything in it; what a process still holds is left to the system.
   */
  private static void remove(Path folder) {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      System.err.printf("The folder %s could not be removed: %s%n", folder, e.getMessage());
    }
  }
}
