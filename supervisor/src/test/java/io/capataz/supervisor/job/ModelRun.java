package io.capataz.supervisor.job;

import java.time.Duration;
import java.util.List;

/**
 * Explores the large worlds until so many have been visited, and then the small ones without each
 * guard that is said to be spare.
 *
 * <p>{@code bench/explore-model [STATES]}; ends with 1 if a promise was broken.
 */
final class ModelRun {

  private long left;
  private long visited;
  private long violations;

  private ModelRun(long states) {
    left = states;
  }

  public static void main(String[] args) {
    var states = args.length > 0 ? Long.parseLong(args[0]) : 6_000_000;
    var run = new ModelRun(states);
    var begin = System.nanoTime();
    System.out.println("All guards in place:");
    run.explore(Explorations.LARGE, Guards.without());
    System.out.printf(
        "%,d worlds in %d s, %d violations%n%n",
        run.visited, Duration.ofNanos(System.nanoTime() - begin).toSeconds(), run.violations);

    Seed.SPARE.forEach(
        (guard, why) -> {
          run.left = Long.MAX_VALUE;
          System.out.println("Without this: " + guard.said() + ". Spare: " + why + ".");
          run.explore(Explorations.SMALL, Guards.without(guard));
        });
    System.out.printf("%d violations in all%n", run.violations);
    System.exit(run.violations == 0 ? 0 : 1);
  }

  private void explore(List<Bounds> explorations, Guards guards) {
    for (var bounds : explorations) {
      if (left <= 0) {
        return;
      }
      var begin = System.nanoTime();
      var found = new Explorer(new Model(bounds, guards), left).explore();
      left -= found.worlds();
      visited += found.worlds();
      System.out.printf(
          "  %-48s %,10d worlds, %3d steps, %s, %d ms%n",
          bounds.name(),
          found.worlds(),
          found.steps(),
          found.complete() ? "all" : "not all",
          Duration.ofNanos(System.nanoTime() - begin).toMillis());
      if (found.violation().isPresent()) {
        violations++;
        System.out.println(found.violation().get());
      }
    }
  }
}
