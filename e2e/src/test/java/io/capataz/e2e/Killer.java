package io.capataz.e2e;

import io.capataz.e2e.Part.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Kills what runs with {@code kill -9} and starts it again at once. Every kind of process gets its
 * share of the kills, and every kind is also killed in the middle of its start; which one, when and
 * in what order is random. Up to three may be down at the same time, so that a slow machine is
 * given fewer kills a second and not a fleet that never works.
 */
final class Killer {

  /** Of a hundred kills, how many meet which kind. */
  private static final Map<Kind, Integer> SHARES =
      new EnumMap<>(Map.of(Kind.AGENT, 82, Kind.SUPERVISOR, 8, Kind.BROKER, 5, Kind.STORE, 5));

  /** Of a kind's kills, how many are followed by another in the start that comes after. */
  private static final double AGAIN = 0.1;

  /** Of each kind; the fewest that hold both a ready one and one in its start. */
  private static final int FEWEST = 2;

  private static final int MOST_DOWN = 3;
  private static final long LOOK_AGAIN = 50;

  private final Fleet fleet;
  private final Random random;
  private final List<Kill> kills = new CopyOnWriteArrayList<>();
  private final CountDownLatch enough = new CountDownLatch(1);

  /**
   * A kill that was made.
   *
   * @param starting whether it was in the middle of its start
   */
  record Kill(Part part, Instant at, boolean starting) {}

  /** Kills to be made: one of a kind, and perhaps the same again while it starts. */
  private record Planned(Kind kind, boolean again) {}

  Killer(Fleet fleet, long seed) {
    this.fleet = fleet;
    this.random = new Random(seed);
  }

  /**
   * Kills so often, with random pauses between, or until {@link #stop}.
   *
   * @param pause the mean pause
   */
  void kill(int times, Duration pause) throws InterruptedException {
    for (Planned next : plan(times)) {
      // The moment is what is random here; there is nothing to wait for but the wish to stop.
      if (enough.await(random.nextLong(2 * pause.toMillis()), TimeUnit.MILLISECONDS)) {
        return;
      }
      awaitDownAtMost(random.nextInt(MOST_DOWN));
      Part part = choose(next.kind());
      killAndStart(part);
      if (next.again()) {
        if (enough.await(random.nextLong(pause.toMillis()), TimeUnit.MILLISECONDS)) {
          return;
        }
        killAndStart(part);
      }
    }
  }

  private List<Planned> plan(int times) {
    List<Planned> plan = new ArrayList<>();
    int left = times;
    for (Kind kind : List.of(Kind.STORE, Kind.BROKER, Kind.SUPERVISOR, Kind.AGENT)) {
      int share = Math.max(FEWEST, Math.round(times * SHARES.getOrDefault(kind, 0) / 100f));
      int kills = kind == Kind.AGENT ? Math.max(FEWEST, left) : share;
      int again = (int) Math.ceil(kills * AGAIN);
      plan.addAll(Collections.nCopies(again, new Planned(kind, true)));
      plan.addAll(Collections.nCopies(kills - 2 * again, new Planned(kind, false)));
      left -= kills;
    }
    Collections.shuffle(plan, random);
    return plan;
  }

  private void killAndStart(Part part) {
    boolean starting = !part.isReady();
    part.kill();
    kills.add(new Kill(part, Instant.now(), starting));
    part.start();
  }

  void stop() {
    enough.countDown();
  }

  private void awaitDownAtMost(int most) throws InterruptedException {
    while (fleet.all().filter(part -> !part.isReady()).count() > most
        && !enough.await(LOOK_AGAIN, TimeUnit.MILLISECONDS)) {}
  }

  /** One that is ready, at random; all of a kind may be in their start for a while. */
  private Part choose(Kind kind) throws InterruptedException {
    while (true) {
      List<Part> ready = fleet.all(kind).stream().filter(Part::isReady).toList();
      if (!ready.isEmpty()) {
        return ready.get(random.nextInt(ready.size()));
      }
      var _ = enough.await(LOOK_AGAIN, TimeUnit.MILLISECONDS);
    }
  }

  List<Kill> kills() {
    return List.copyOf(kills);
  }

  Map<Kind, Integer> counts() {
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    kills.forEach(kill -> counts.merge(kill.part().kind(), 1, Integer::sum));
    return counts;
  }

  /** How many kills met something in the middle of its start. */
  long inStarts() {
    return kills.stream().filter(Kill::starting).count();
  }
}
