package io.capataz.e2e;

import io.capataz.e2e.Part.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Jobs flow through a fleet while its processes are killed at random; then every job is held
 * against what its script wrote down. {@code bench/crash-suite} runs it for as long as one likes.
 */
final class CrashRun {

  private static final int SUPERVISORS = 2;
  private static final int AGENTS = 4;
  private static final int SLOTS = 6;
  private static final double JOBS_PER_SECOND = 2.5;

  /** Between a kill and the next, besides the time that starts take. */
  private static final Duration PAUSE = Duration.ofMillis(400);

  /** An agent that is not heard of again is given up after less than three minutes. */
  private static final Duration UNTIL_ALL_ENDED = Duration.ofMinutes(5);

  private final Path folder;
  private final int kills;
  private final long seed;
  private final List<Flavour> flavours;

  CrashRun(Path folder, int kills, long seed, List<Flavour> flavours) {
    this.folder = folder;
    this.kills = kills;
    this.seed = seed;
    this.flavours = flavours;
  }

  /** {@code KILLS SEED FOLDER}; ends with 1 if anything is not as it must be. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[2]);
    List<String> violations =
        new CrashRun(
                folder,
                Integer.parseInt(arguments[0]),
                Long.parseLong(arguments[1]),
                Flavour.used())
            .run();
    if (!violations.isEmpty()) {
      System.out.println("Logs and witnesses: " + folder);
    }
    System.exit(violations.isEmpty() ? 0 : 1);
  }

  /** Returns what was not as it must be. */
  List<String> run() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    System.out.printf(
        "crash suite: %d kills, seed %d, flavours %s%n",
        kills, seed, flavours.stream().map(Flavour::name).toList());
    // Each supervisor has an agent with a link and one that makes calls only.
    try (Fleet fleet =
            Fleet.in(folder)
                .supervisors(SUPERVISORS)
                .agents(AGENTS, SLOTS)
                .linked(agent -> agent < SUPERVISORS)
                .start();
        Flow flow = new Flow(fleet, flavours, Flow.Shape.LONG, seed)) {
      Killer killer = new Killer(fleet, seed);
      long ready = System.nanoTime();
      flow.start(JOBS_PER_SECOND);
      killer.kill(kills, PAUSE);
      long killed = System.nanoTime();
      fleet.all().forEach(Part::awaitReady);
      flow.stop();
      Verdict verdict = new Verdict(fleet, flow, killer.kills());
      verdict.awaitEnds(UNTIL_ALL_ENDED);
      verdict.lookOnce();
      long judged = System.nanoTime();
      // Once more through everybody's start, which must not touch what has ended.
      fleet.all().filter(part -> part.kind() != Kind.BROKER).forEach(Part::kill);
      fleet.all().filter(part -> part.kind() != Kind.BROKER).forEach(Part::start);
      fleet.all().forEach(Part::awaitReady);
      verdict.lookAgain();
      List<String> violations =
          Stream.of(verdict.violations(), unwantedEnds(fleet), unkilled(killer))
              .flatMap(List::stream)
              .toList();
      System.out.printf(
          """
          kills %s, %d of them in the middle of a start
          jobs accepted %d, posts repeated %d, twins %d, outcomes %s, retries %d
          unwanted ends %s
          troubles of callers %s
          seconds: ready %.0f, killing %.0f, until all had ended and were judged %.0f, in all %.0f
          %s
          """,
          killer.counts(),
          killer.inStarts(),
          flow.accepted().size(),
          flow.repeated(),
          verdict.twins(),
          verdict.outcomes(),
          verdict.retries(),
          fleet.all().flatMap(part -> part.falls().stream()).toList(),
          fleet.api().troubles(),
          seconds(begun, ready),
          seconds(ready, killed),
          seconds(killed, judged),
          seconds(begun, System.nanoTime()),
          violations.isEmpty() ? "no violation" : verdict.told());
      return violations;
    }
  }

  /** A supervisor may give up on a store that is away for too long; nobody else has an excuse. */
  private static List<String> unwantedEnds(Fleet fleet) {
    return fleet
        .all()
        .filter(part -> part.kind() != Kind.SUPERVISOR)
        .flatMap(part -> part.falls().stream())
        .toList();
  }

  /** Kills that prove nothing, because a kind of process was spared or none was in its start. */
  private static List<String> unkilled(Killer killer) {
    List<String> spared = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (!killer.counts().containsKey(kind)) {
        spared.add("nobody killed a " + kind);
      }
    }
    if (killer.inStarts() == 0) {
      spared.add("nobody was killed in the middle of a start");
    }
    return spared;
  }

  private static double seconds(long from, long to) {
    return (to - from) / 1e9;
  }
}
