package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The agent is killed over and over while scripts run, and in between the process that forks its
 * keepers. They notice nothing: each goes on in the process it was started in, is started once, and
 * is reported with its exit code and with every byte it printed, which it writes down itself.
 * {@code bench/agent-kills} does it for longer.
 */
class AgentKillsIT {

  private static final int KILLS = Repetitions.of("capataz.agent.kills");
  private static final long SEED = Long.getLong("capataz.seed", System.nanoTime() % 1_000_000);

  /** How many lines a long script prints at the most between one kill and the next. */
  private static final int MOST_LINES_OF_A_LIFE = 60;

  private static final int SLOTS = 8;

  /** Of {@link #SLOTS}, how many run scripts that take longer than an agent lives. */
  private static final int LONG_ONES = 4;

  private static final String LONG = "400";
  private static final String SHORT = "3";

  /** Keeps a copy of what it prints: folder, lines, pause, exit code. */
  private static final String COPIES =
      """
      #!/bin/bash
      echo "$$ $CAPATAZ_ATTEMPT" >> "$1/starts"
      for ((i = 1; i <= $2; i++)); do
        line="$i $RANDOM $RANDOM"
        printf '%s\\n' "$line"
        printf '%s\\n' "$line" >> "$1/stdout"
        if ((i % 3 == 0)); then
          printf 'e %s\\n' "$line" >&2
          printf 'e %s\\n' "$line" >> "$1/stderr"
        fi
        sleep "$3"
      done
      echo "$4" >> "$1/ends"
      exit "$4"
      """;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  private final Random random = new Random(SEED);

  /** A job, and where its script keeps its copy. */
  private record Ordered(String job, Path witness, int code) {}

  @ParameterizedTest(name = "linked: {0}")
  @ValueSource(booleans = {true, false})
  void scripts_do_not_notice_and_nothing_of_them_is_missing(boolean linked) throws Exception {
    List<Ordered> all = new ArrayList<>();
    try (Fleet fleet =
        Fleet.standing(folder.resolve("fleet")).agents(1, SLOTS).linked(_ -> linked).start()) {
      Part agent = fleet.agents().getFirst();
      JsonNode task = fleet.createTask(agent, "copies", COPIES, Fleet.arguments(4));
      Deque<Ordered> longOnes = new ArrayDeque<>();
      for (int kill = 0; kill < KILLS / 2; kill++) {
        longOnes.removeIf(one -> Files.exists(one.witness().resolve("ends")));
        while (longOnes.size() < LONG_ONES) {
          Ordered one = order(fleet, task, all.size(), LONG, "0.02");
          longOnes.add(one);
          all.add(one);
        }
        if (kill % 2 == 1) {
          agent.awaitReady();
          killZygote(agent);
        }
        all.add(order(fleet, task, all.size(), SHORT, random.nextBoolean() ? "0" : "0.1"));
        awaitMoreLines(longOnes.getLast(), random.nextInt(MOST_LINES_OF_A_LIFE));
        agent.kill();
        agent.start();
        if (random.nextInt(4) > 0) {
          agent.awaitReady();
        }
      }
      agent.awaitReady();
      List<String> violations = new ArrayList<>();
      for (Ordered one : all) {
        check(fleet, one, violations);
      }
      System.out.printf(
          "agent kills: seed %d, linked %b, %d kills, %d jobs%n",
          SEED, linked, KILLS / 2, all.size());
      assertThat(violations).isEmpty();
    }
  }

  /** Kills the only child of an agent; keepers are children of that. */
  private static void killZygote(Part agent) {
    List<ProcessHandle> zygotes =
        ProcessHandle.of(agent.pid())
            .orElseThrow()
            .children()
            .filter(AgentKillsIT::isKeeper)
            .toList();
    assertThat(zygotes)
        .as("processes that fork keepers")
        .hasSize(agent.said().contains("keeper: native") ? 1 : 0);
    zygotes.forEach(ProcessHandle::destroyForcibly);
  }

  private static boolean isKeeper(ProcessHandle process) {
    return process.info().command().orElse("").contains("capataz-keeper");
  }

  /** Until the script has got so much further, or has ended. */
  private static void awaitMoreLines(Ordered one, int more) throws IOException {
    long goal = lines(one) + more;
    Awaitility.await("line " + goal + " of " + one)
        .atMost(2, TimeUnit.MINUTES)
        .pollInterval(5, TimeUnit.MILLISECONDS)
        .until(() -> lines(one) >= goal || Files.exists(one.witness().resolve("ends")));
  }

  private static long lines(Ordered one) throws IOException {
    Path copy = one.witness().resolve("stdout");
    return Files.exists(copy) ? Files.readString(copy).lines().count() : 0;
  }

  private Ordered order(Fleet fleet, JsonNode task, int number, String lines, String pause)
      throws IOException {
    Path witness = Files.createDirectories(folder.resolve("witness-" + number));
    int code = random.nextInt(3);
    List<String> arguments = List.of(witness.toString(), lines, pause, Integer.toString(code));
    String job = fleet.api().ask(Fleet.run(task, arguments)).json().path("id").asString();
    return new Ordered(job, witness, code);
  }

  private static void check(Fleet fleet, Ordered one, List<String> violations) throws IOException {
    JsonNode job =
        Awaitility.await("the end of " + one)
            .atMost(2, TimeUnit.MINUTES)
            .pollInterval(200, TimeUnit.MILLISECONDS)
            .until(() -> fleet.api().job(one.job()), j -> j.hasNonNull("ended"));
    if (job.path("exit_code").asInt(-1) != one.code()) {
      violations.add("not exit code " + one.code() + ": " + job);
    }
    List<String> starts = Files.readAllLines(one.witness().resolve("starts"));
    if (starts.size() != 1) {
      violations.add("started " + starts + ": " + job);
    } else if (job.hasNonNull("pid") // A script that is over in a moment was not reported before.
        && !starts.getFirst().startsWith(job.path("pid").asString() + " ")) {
      violations.add("started as " + starts + ", reported as another: " + job);
    }
    Map<String, String> printed = printed(fleet, one.job());
    for (String stream : List.of("stdout", "stderr")) {
      Path copy = one.witness().resolve(stream);
      String own = Files.exists(copy) ? Files.readString(copy) : "";
      if (!own.equals(printed.get(stream))) {
        violations.add(
            "%s of %s is not what it printed:%n%s%nbut%n%s"
                .formatted(stream, one, own, printed.get(stream)));
      }
    }
  }

  private static Map<String, String> printed(Fleet fleet, String job) {
    StringBuilder stdout = new StringBuilder();
    StringBuilder stderr = new StringBuilder();
    JsonMapper json = JsonMapper.builder().build();
    fleet
        .api()
        .ask(
            Api.Question.get("/%s/job/%s/output".formatted(Api.CUSTOMER, job))
                .with("Accept", "application/x-ndjson"))
        .text()
        .lines()
        .map(json::readTree)
        .forEach(
            chunk ->
                (chunk.path("stream").asString().equals("stdout") ? stdout : stderr)
                    .append(chunk.path("text").asString()));
    return Map.of("stdout", stdout.toString(), "stderr", stderr.toString());
  }
}
