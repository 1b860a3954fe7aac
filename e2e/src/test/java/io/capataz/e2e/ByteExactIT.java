package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.e2e.Api.Question;
import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Whatever a script is to be given, as argument or in its environment, arrives byte for byte, or is
 * refused with 400 before there is a job.
 */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ByteExactIT {

  private static final int VALUES = Repetitions.of("capataz.values");
  private static final long SEED =
      Long.getLong("capataz.values.seed", System.currentTimeMillis() % 1_000_000);

  /** Of each kind, in one job. */
  private static final int AT_ONCE = 100;

  private static final String SCRIPT =
      """
      #!/bin/sh
      exec >"$WITNESS/$CAPATAZ_JOB_ID"
      for argument; do printf '%s\\0' "$argument"; done
      env -0
      """;

  private static final List<String> PIECES =
      List.of(
          "'",
          "\"",
          "`",
          "$(reboot)",
          "${HOME}",
          "$1",
          "\\",
          "\\\\n",
          "\n",
          "\r\n",
          "\t",
          " ",
          "--",
          "-rf",
          "*",
          "?",
          "~",
          "!",
          "#",
          ";",
          "&&",
          "|",
          ">",
          "<(",
          "%s",
          "%00",
          "+",
          "=",
          "é",
          "ñ",
          "日本",
          "👩‍🚀",
          "🦊",
          "\u202e",
          "\ufeff",
          "\ufffd",
          "\uffff",
          "\u0001",
          "\u001b[31m",
          "\u007f",
          "\u0085",
          "\u2028",
          "x",
          "capataz",
          "0",
          "{\"a\":[1]}");

  private static final List<String> IMPOSSIBLE =
      List.of("\0", "a\0b", "\ud83e", "\udd8a\ud83e", "日".repeat(50_000), "x".repeat(100_001));

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private record Given(String job, List<String> arguments, Map<String, String> environment) {}

  @Test
  void arguments_and_variables_arrive_as_they_are_or_are_refused() throws Exception {
    Path witnesses = Files.createDirectories(folder.resolve("witnesses"));
    try (Fleet fleet = Fleet.standing(folder).agents(1, 8).start();
        ExecutorService callers = Executors.newFixedThreadPool(4)) {
      long begun = System.nanoTime();
      List<Future<Given>> posts =
          IntStream.range(0, Math.ceilDiv(VALUES, 2 * AT_ONCE))
              .mapToObj(i -> callers.submit(() -> post(fleet, witnesses, i)))
              .toList();
      List<Given> all = new ArrayList<>();
      for (Future<Given> post : posts) {
        all.add(done(post));
      }
      for (Given given : all) {
        awaitSuccess(fleet, given.job());
        assertThat(witnesses.resolve(given.job()))
            .satisfies(witness -> assertArrived(given, Files.readAllBytes(witness)));
      }
      System.out.printf(
          "byte exact: seed %d, %d values in %d jobs, %d posts refused, %.0f s%n",
          SEED,
          all.size() * 2 * AT_ONCE,
          all.size(),
          2 * all.size(),
          (System.nanoTime() - begun) / 1e9);
    }
  }

  /** A task and a job, each refused once because one value cannot be given to any program. */
  private static Given post(Fleet fleet, Path witnesses, int number) {
    SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + number);
    Map<String, String> environment = new LinkedHashMap<>();
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      environment.put("V" + i, value(random));
      arguments.add(value(random));
    }
    environment.put("WITNESS", witnesses.toString());
    String impossible = IMPOSSIBLE.get(number % IMPOSSIBLE.size());
    int place = random.nextInt(AT_ONCE);

    Map<String, Object> task = new HashMap<>(parameters());
    task.put("name", "byte exact " + number);
    task.put("host_id", fleet.hostOf(fleet.agents().getFirst()));
    task.put("script", Map.of("filename", "witness.sh", "content", SCRIPT));
    Map<String, String> wrong = new LinkedHashMap<>(environment);
    wrong.put("V" + place, impossible);
    task.put("env", wrong);
    assertRefused(fleet, Question.post("/default/task", task), "/env/V" + place);
    task.put("env", environment);
    JsonNode made = fleet.api().post("/default/task", task);

    List<String> wrongOnes = new ArrayList<>(arguments);
    wrongOnes.set(place, impossible);
    assertRefused(fleet, Fleet.run(made, wrongOnes), "/task_arguments/" + place);
    Question run = Fleet.run(made, arguments);
    // Every other one as a form.
    Question sent = number % 2 == 0 ? run : run.with("Content-Type", Api.FORM);
    return new Given(fleet.api().ask(sent).json().path("id").asString(), arguments, environment);
  }

  private static Map<String, ?> parameters() {
    return Map.of(
        "task_arguments",
        IntStream.range(0, AT_ONCE)
            .mapToObj(i -> Map.of("type", "input", "order", i, "label", "a" + i, "required", false))
            .toList());
  }

  private static String value(SplittableRandom random) {
    if (random.nextInt(500) == 0) {
      return "long ".repeat(random.nextInt(1, 12_000));
    }
    StringBuilder value = new StringBuilder();
    for (int pieces = random.nextInt(8); pieces > 0; pieces--) {
      value.append(
          random.nextInt(4) == 0
              ? anyCharacter(random)
              : PIECES.get(random.nextInt(PIECES.size())));
    }
    return value.toString();
  }

  /** Any character but NUL, which no program can be given. */
  private static String anyCharacter(SplittableRandom random) {
    int codePoint = random.nextInt(1, Character.MAX_CODE_POINT + 1);
    boolean half = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    return Character.toString(half ? 'h' : codePoint);
  }

  private static void assertRefused(Fleet fleet, Question question, String pointer) {
    Api.Answer answer = fleet.api().tryOnce(question).orElseThrow();
    assertThat(answer.status()).as(answer::text).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/pointer").asString()).isEqualTo(pointer);
  }

  private static void awaitSuccess(Fleet fleet, String job) {
    Awaitility.await(job + " has ended")
        .pollInSameThread()
        .pollDelay(Duration.ZERO)
        .atMost(Duration.ofMinutes(5))
        .until(() -> fleet.api().job(job).hasNonNull("ended"));
    assertThat(fleet.api().job(job).path("status").asString()).isEqualTo("succeeded");
  }

  private static void assertArrived(Given given, byte[] witness) {
    List<String> said = List.of(new String(witness, StandardCharsets.ISO_8859_1).split("\0", -1));
    assertThat(said.subList(0, AT_ONCE))
        .isEqualTo(given.arguments().stream().map(ByteExactIT::bytes).toList());
    List<String> variables = said.subList(AT_ONCE, said.size());
    assertThat(variables)
        .containsAll(
            given.environment().entrySet().stream()
                .map(variable -> bytes(variable.getKey() + "=" + variable.getValue()))
                .toList());
  }

  /** Its bytes, one character each. */
  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static Given done(Future<Given> post) throws InterruptedException, IOException {
    try {
      return post.get();
    } catch (ExecutionException e) {
      throw new IOException("a post failed", e.getCause());
    }
  }
}
