package io.capataz.e2e;

import io.capataz.e2e.Part.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Kills what runs with {@code kill -9}, at random, and starts it again at once. Mostly what has
 * become ready; now and then something in the middle of its start. Up to three may be down at the
 * same time, so that a slow machine is given fewer kills a second and not a fleet that never works.
 */
final class Killer {

  /** Of a hundred kills, how many meet which kind. */
  private static final Map<Kind, Integer> SHARES =
      new EnumMap<>(Map.of(Kind.AGENT, 82, Kind.SUPERVISOR, 8, Kind.BROKER, 5, Kind.STORE, 5));

  private static final double NOT_READY = 0.1;

  private static final int MOST_DOWN = 3;
  private static final long LOOK_AGAIN = 50;

  private final Fleet fleet;
  private final Random random;
  private final List<Kill> kills = new CopyOnWriteArrayList<>();
  private final CountDownLatch enough = new CountDownLatch(1);

  /** A kill that was made. */
  record Kill(Part part, Instant at) {}

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
    while (kills.size() < times) {
      // The moment is what is random here; there is nothing to wait for but the wish to stop.
      if (enough.await(random.nextLong(2 * pause.toMillis()), TimeUnit.MILLISECONDS)) {
        return;
      }
      awaitDownAtMost(random.nextInt(MOST_DOWN));
      Part part = choose();
      part.kill();
      kills.add(new Kill(part, Instant.now()));
      part.start();
    }
  }

  void stop() {
    enough.countDown();
  }

  private void awaitDownAtMost(int most) throws InterruptedException {
    while (fleet.all().filter(part -> !part.isReady()).count() > most
        && !enough.await(LOOK_AGAIN, TimeUnit.MILLISECONDS)) {}
  }

  private Part choose() throws InterruptedException {
    while (true) {
      Kind kind = chooseKind();
      boolean anyhow = random.nextDouble() < NOT_READY;
      List<Part> some =
          fleet.all(kind).stream().filter(p -> anyhow ? p.isAlive() : p.isReady()).toList();
      if (!some.isEmpty()) {
        return some.get(random.nextInt(some.size()));
      }
      var _ = enough.await(LOOK_AGAIN, TimeUnit.MILLISECONDS);
    }
  }

  private Kind chooseKind() {
    int of = random.nextInt(100);
    for (Map.Entry<Kind, Integer> share : SHARES.entrySet()) {
      of -= share.getValue();
      if (of < 0) {
        return share.getKey();
      }
    }
    throw new IllegalStateException("The shares are less than a hundred.");
  }

  List<Kill> kills() {
    return List.copyOf(kills);
  }

  Map<Kind, Integer> counts() {
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    kills.forEach(kill -> counts.merge(kill.part().kind(), 1, Integer::sum));
    return counts;
  }
}
