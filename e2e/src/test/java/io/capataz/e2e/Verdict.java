package io.capataz.e2e;

import io.capataz.e2e.Flow.Accepted;
import io.capataz.e2e.Killer.Kill;
import io.capataz.e2e.Witness.Attempt;
import io.capataz.e2e.Witness.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import tools.jackson.databind.JsonNode;

/** Holds what supervisors say of the jobs of a {@link Flow} against what the scripts wrote down. */
final class Verdict {

  /** Between the kill of an agent and what the store made of its last claim. */
  private static final Duration LAST_CLAIM = Duration.ofSeconds(30);

  private static final int SHOWN = 20;

  private final Fleet fleet;
  private final Flow flow;
  private final List<Kill> kills;
  private final List<String> violations = new ArrayList<>();
  private final Map<String, Integer> outcomes = new TreeMap<>();
  private final Map<String, Seen> first = new HashMap<>();
  private int retries;
  private int twins;

  Verdict(Fleet fleet, Flow flow, List<Kill> kills) {
    this.fleet = fleet;
    this.flow = flow;
    this.kills = kills;
  }

  /** What of a job must never change once it has ended. */
  private record Seen(String state, String lifecycle, int attempt, String outcome, String ended) {

    static Seen of(JsonNode job) {
      return new Seen(
          job.path("state").asString(),
          job.path("lifecycle").asString(),
          job.path("attempt").asInt(),
          job.path("outcome").path("type").asString(""),
          job.path("ended").asString(""));
    }

    boolean isLost() {
      return outcome.equals("lost");
    }
  }

  /** Looks at each job. */
  void lookOnce() throws IOException {
    for (Accepted accepted : flow.accepted()) {
      judge(accepted);
    }
    for (Path shared : flow.shared()) {
      judgeOverlaps(shared);
    }
    flow.refusals().forEach(violations::add);
  }

  /** Looks again: what has ended stays as it is, whatever happened meanwhile. */
  void lookAgain() {
    for (Accepted accepted : flow.accepted()) {
      Seen now = Seen.of(fleet.api().job(accepted.job()));
      Seen before = first.get(accepted.job());
      if (before != null && !before.equals(now)) {
        violations.add("%s was %s and is %s".formatted(accepted.job(), before, now));
      }
    }
  }

  /** Waits until all that was accepted has ended; what does not is told. */
  void awaitEnds(Duration most) {
    List<Accepted> open = new ArrayList<>(flow.accepted());
    try {
      Awaitility.await("every accepted job has ended")
          .pollInSameThread()
          .pollInterval(Duration.ofSeconds(1))
          .atMost(most)
          .until(
              () -> {
                open.removeIf(a -> fleet.api().job(a.job()).hasNonNull("ended"));
                return open.isEmpty();
              });
    } catch (ConditionTimeoutException e) {
      // Each is told below, as what it is.
      violations.add(open.size() + " jobs have not ended within " + most);
    }
  }

  private void judge(Accepted accepted) throws IOException {
    JsonNode job = fleet.api().job(accepted.job());
    Witness witness = Witness.read(accepted.witness());
    List<String> wrong = new ArrayList<>();
    if (job.hasNonNull("ended")) {
      Seen seen = Seen.of(job);
      first.put(accepted.job(), seen);
      outcomes.merge(seen.outcome(), 1, Integer::sum);
      retries += Math.max(0, seen.attempt() - 1);
      judgeEnd(accepted, job, seen, witness, wrong);
    } else {
      wrong.add("has not ended");
    }
    judgeStarts(accepted, job.path("attempt").asInt(), witness, wrong);
    twins += (int) witness.jobs().stream().filter(id -> !id.equals(accepted.job())).count();
    if (!wrong.isEmpty()) {
      violations.add(
          "job %s, a %s one on %s, %s%n  it is %s%n  its witness %s says:%n%s"
              .formatted(
                  accepted.job(),
                  accepted.task().flavour().name(),
                  accepted.task().agent(),
                  String.join("; ", wrong),
                  job,
                  accepted.witness().getFileName(),
                  Files.exists(accepted.witness())
                      ? Files.readString(accepted.witness()).indent(4)
                      : "    (nothing)"));
    }
  }

  private static void judgeStarts(
      Accepted accepted, int attempts, Witness witness, List<String> wrong) {
    witness
        .runs()
        .forEach(
            (attempt, run) -> {
              if (run.starts() != 1) {
                wrong.add("%s was started %d times".formatted(attempt, run.starts()));
              }
            });
    List<Attempt> starts = witness.startsOf(accepted.job());
    if (starts.size() > accepted.task().flavour().attempts()) {
      wrong.add("was started %d times".formatted(starts.size()));
    }
    if (starts.stream().anyMatch(attempt -> attempt.number() > attempts)) {
      wrong.add("was started under a number that it does not have");
    }
  }

  private void judgeEnd(
      Accepted accepted, JsonNode job, Seen seen, Witness witness, List<String> wrong) {
    Optional<Run> run = witness.of(accepted.job(), seen.attempt());
    String output = fleet.api().output(accepted.job());
    Flavour flavour = accepted.task().flavour();
    switch (seen.outcome()) {
      case "succeeded" -> {
        judgeWhole(run, 0, output, wrong);
        if (!seen.state().equals("success")) {
          wrong.add("succeeded and is shown as " + seen.state());
        }
      }
      case "exited_with" -> {
        judgeWhole(run, 3, output, wrong);
        if (!seen.state().equals("failure")) {
          wrong.add("failed and is shown as " + seen.state());
        }
        if (seen.attempt() < flavour.attempts()) {
          wrong.add("failed with attempts left");
        }
      }
      case "lost" -> {
        if (!run.map(Run::printed).orElse("").startsWith(output)) {
          wrong.add("has output that was never printed: " + output);
        }
        if (flavour.retriesLost() && seen.attempt() < flavour.attempts()) {
          wrong.add("was lost with attempts left");
        }
        if (!isExplained(accepted, job)) {
          wrong.add("was called lost though nobody had killed its agent");
        }
      }
      default -> wrong.add("ended in a way that nobody asked for");
    }
  }

  private static void judgeWhole(Optional<Run> run, int code, String output, List<String> wrong) {
    if (run.filter(r -> r.isComplete() && r.end().getAsInt() == code).isEmpty()) {
      wrong.add("is told to have ended with %d, and did not".formatted(code));
    } else if (!run.get().printed().equals(output)) {
      wrong.add("has other output than it printed: " + output);
    }
  }

  /** Whether its agent was killed while it held the attempt, or just before it was granted. */
  private boolean isExplained(Accepted accepted, JsonNode job) {
    Instant from = Instant.parse(job.path("assigned").asString()).minus(LAST_CLAIM);
    Instant to = Instant.parse(job.path("reported").asString());
    return kills.stream()
        .anyMatch(
            kill ->
                kill.part().equals(accepted.task().agent())
                    && kill.at().isAfter(from)
                    && kill.at().isBefore(to));
  }

  private void judgeOverlaps(Path shared) throws IOException {
    Witness.overlaps(shared)
        .forEach(
            (attempt, beside) -> {
              List<Attempt> unlost = beside.stream().filter(this::isKnownNotLost).toList();
              if (!unlost.isEmpty()) {
                violations.add("%s ran beside %s".formatted(attempt, unlost));
              }
            });
  }

  private boolean isKnownNotLost(Attempt attempt) {
    Seen seen = first.get(attempt.job());
    return seen != null && seen.attempt() == attempt.number() && !seen.isLost();
  }

  /** What is not as it must be, each with its evidence. */
  List<String> violations() {
    return List.copyOf(violations);
  }

  /** The violations, not endlessly many. */
  String told() {
    return violations.size()
        + " violations\n"
        + String.join("\n", violations.subList(0, Math.min(SHOWN, violations.size())));
  }

  Map<String, Integer> outcomes() {
    return outcomes;
  }

  /** Attempts beyond the first. */
  int retries() {
    return retries;
  }

  /** Jobs that came of a post that was repeated because its answer was lost. */
  int twins() {
    return twins;
  }
}
