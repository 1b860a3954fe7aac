package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.e2e.Api.Question;
import io.capataz.e2e.Witness.Run;
import io.capataz.testing.Repetitions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * A wish to end a job meets it at any moment of its short life: what the one who wished was told,
 * what became of the job and what the script did never contradict each other.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class CancelRaceIT {

  private static final int CANCELS = Repetitions.of("capataz.cancel.jobs");
  private static final long SEED =
      Long.getLong("capataz.cancel.seed", System.currentTimeMillis() % 1_000_000);

  private static final int SIGTERMS = Repetitions.of("capataz.sigterm.jobs");

  private static final int MOST_ROUNDS = 4;
  private static final int AT_ONCE = 8;
  private static final int LONGEST_SCRIPT_MILLIS = 50;

  /**
   * How long after its post a job is canceled at the latest. A busy machine needs longer to start
   * one, so whoever comes too early makes the next come later, and the other way round: the wishes
   * stay around what they are to race with.
   */
  private static final AtomicInteger LATEST_MILLIS = new AtomicInteger(80);

  private static final int STEP_MILLIS = 4;

  /** Writes down its start and its end, and takes as long as it is told. */
  private static final String SHORT_LIFE =
      """
      #!/bin/sh
      echo "start $CAPATAZ_JOB_ID $CAPATAZ_ATTEMPT $$" >>"$1"
      sleep "$2"
      echo "end $CAPATAZ_JOB_ID $CAPATAZ_ATTEMPT 0" >>"$1"
      """;

  /** Writes down when SIGTERM came, in nanoseconds. */
  private static final String HEARS_SIGTERM =
      """
      #!/bin/sh
      trap 'date +%s%N >"$1.new"; mv "$1.new" "$1"; exit 0' TERM
      echo ready
      while :; do sleep 0.02; done
      """;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  static Path folder;

  private static Fleet fleet;

  @BeforeAll
  static void start() throws Exception {
    fleet = Fleet.standing(folder).agents(2, 2 * AT_ONCE).linked(agent -> agent == 0).start();
  }

  @AfterAll
  static void stop() {
    if (fleet != null) {
      fleet.close();
    }
  }

  /** A job, what its canceller was told, and where its script has written. */
  private record Canceled(String job, String told, Path witness) {}

  @Test
  void answer_state_and_script_never_contradict_each_other() throws Exception {
    long begun = System.nanoTime();
    List<JsonNode> tasks =
        fleet.agents().stream().map(agent -> task(agent, "short life", SHORT_LIFE, 2)).toList();
    List<Canceled> all = new ArrayList<>();
    // A busy machine may need more than one round until the wishes come late enough for all
    // answers.
    for (int round = 0; round < MOST_ROUNDS && !isEachAnswerGiven(all); round++) {
      all.addAll(race(tasks, round * CANCELS));
    }
    Map<String, Integer> stories = new TreeMap<>();
    List<String> contradictions = new ArrayList<>();
    for (Canceled canceled : all) {
      JsonNode job = ended(canceled.job());
      Optional<Run> run = Witness.read(canceled.witness()).of(canceled.job(), 1);
      String lifecycle = job.path("lifecycle").asString();
      String script = run.map(r -> r.isComplete() ? "whole" : "begun").orElse("none");
      String story = "told %s, is %s, script %s".formatted(canceled.told(), lifecycle, script);
      stories.merge(story, 1, Integer::sum);
      if (!isConsistent(canceled.told(), job, script)
          || Witness.read(canceled.witness()).runs().size() > 1
          || run.filter(r -> r.starts() > 1).isPresent()) {
        contradictions.add(story + ": " + job);
      }
    }
    System.out.printf(
        "cancel race: seed %d, %d cancels, %.0f s%n  %s%n",
        SEED,
        all.size(),
        (System.nanoTime() - begun) / 1e9,
        stories.toString().replace("told", "\n  told"));

    assertThat(contradictions).isEmpty();
    assertThat(isEachAnswerGiven(all)).as("each answer was given").isTrue();
  }

  private static List<Canceled> race(List<JsonNode> tasks, int first) throws Exception {
    List<Future<Canceled>> canceling = new ArrayList<>();
    try (ExecutorService callers =
        Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      for (int i = first; i < first + CANCELS; i++) {
        int number = i;
        JsonNode task = tasks.get(number / 2 % tasks.size());
        canceling.add(callers.submit(() -> postAndCancel(task, number)));
      }
    }
    List<Canceled> canceled = new ArrayList<>();
    for (Future<Canceled> one : canceling) {
      canceled.add(one.get());
    }
    return canceled;
  }

  private static boolean isEachAnswerGiven(List<Canceled> all) {
    return all.stream()
        .map(Canceled::told)
        .collect(Collectors.toSet())
        .containsAll(Set.of("canceled", "stopping", "ended"));
  }

  private static boolean isConsistent(String told, JsonNode job, String script) {
    String end = job.path("lifecycle").asString() + "/" + job.path("state").asString();
    return switch (end) {
      case "canceled/canceled" -> told.equals("canceled") && script.equals("none");
      case "terminated/canceled" -> told.equals("stopping");
      case "finished/success" ->
          (told.equals("stopping") || told.equals("ended")) && script.equals("whole");
      default -> false;
    };
  }

  private static Canceled postAndCancel(JsonNode task, int number) {
    SplittableRandom random = new SplittableRandom(SEED * 1_000_003 + number);
    Path witness = folder.resolve("witness-" + number);
    double seconds = random.nextInt(LONGEST_SCRIPT_MILLIS + 1) / 1000.0;
    String job =
        post(task, List.of(witness.toString(), String.format(Locale.ROOT, "%.3f", seconds)));
    // The moment is what is random; there is nothing to wait for.
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(LATEST_MILLIS.get() + 1)));
    String told = cancel(job, number % 2);
    switch (told) {
      case "canceled" -> LATEST_MILLIS.updateAndGet(now -> now + step(now));
      case "ended" -> LATEST_MILLIS.updateAndGet(now -> Math.max(STEP_MILLIS, now - step(now)));
      default -> {}
    }
    return new Canceled(job, told, witness);
  }

  /** A tenth: how far away the right moment is differs by a factor of twenty between machines. */
  private static int step(int now) {
    return Math.max(STEP_MILLIS, now / 10);
  }

  /** The first agent has a link to the first supervisor, the second one calls the second one. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void sigterm_is_at_the_script_within_a_second(int agent) throws Exception {
    JsonNode task = task(fleet.agents().get(agent), "hears sigterm", HEARS_SIGTERM, 1);
    double own = slowestSigterm(task, agent);
    double other = slowestSigterm(task, 1 - agent);
    System.out.printf(
        "SIGTERM after the answer of a cancel: agent %d, %.3f s at the most by its own supervisor,"
            + " %.3f s by another%n",
        agent, own, other);

    assertThat(own).isLessThan(1);
    // That one has to look for itself, once a second.
    assertThat(other).isLessThan(2);
  }

  private static double slowestSigterm(JsonNode task, int supervisor) throws Exception {
    double slowest = 0;
    for (int i = 0; i < SIGTERMS; i++) {
      Path heard =
          folder.resolve("sigterm-%s-%d-%d".formatted(task.path("id").asString(), supervisor, i));
      String job = post(task, List.of(heard.toString()));
      Awaitility.await().until(() -> fleet.api().output(job).contains("ready"));
      assertThat(cancel(job, supervisor)).isEqualTo("stopping");
      long answered = System.currentTimeMillis();
      Awaitility.await().pollInterval(Duration.ofMillis(20)).until(() -> Files.exists(heard));
      double after = Long.parseLong(Files.readString(heard).strip()) / 1e9 - answered / 1e3;
      slowest = Math.max(slowest, after);
      assertThat(ended(job).path("state").asString()).isEqualTo("canceled");
    }
    return slowest;
  }

  private static JsonNode task(Part agent, String name, String script, int arguments) {
    return fleet.createTask(agent, name, script, Fleet.arguments(arguments));
  }

  private static String post(JsonNode task, List<String> arguments) {
    return fleet.api().ask(Fleet.run(task, arguments)).json().path("id").asString();
  }

  private static String cancel(String job, int supervisor) {
    Api.Answer answer =
        fleet
            .api()
            .tryOnce(Question.put("/%s/job/%s/cancel".formatted(Api.CUSTOMER, job)), supervisor)
            .orElseThrow();
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.json().path("cancel").asString();
  }

  private static JsonNode ended(String job) {
    return Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .pollDelay(Duration.ZERO)
        .pollInSameThread()
        .until(() -> fleet.api().job(job), seen -> seen.hasNonNull("ended"));
  }
}
