package io.capataz.supervisor.model;

import java.time.Duration;
import java.util.List;

/**
 * Explores the large worlds until so many have been visited, and then the small ones without each
 * guard that is said to be spare.
 *
 * <p>{@code bench/explore-model [STATES]}; ends with 1 if a promise was broken.
 */
final class ModelRun {

  private final Guards guards;
  private final long most;
  private final boolean each;
  private long visited;
  private long violations;

  /**
   * @param most end after this many worlds
   * @param each whether each exploration is told
   */
  private ModelRun(Guards guards, long most, boolean each) {
    this.guards = guards;
    this.most = most;
    this.each = each;
  }

  public static void main(String[] args) {
    var most = args.length > 0 ? Long.parseLong(args[0]) : 12_000_000;
    System.out.println("All guards in place:");
    var violations = new ModelRun(Guards.without(), most, true).explore(Explorations.LARGE);
    for (var spare : Seed.SPARE.entrySet()) {
      System.out.printf("Without this: %s. Spare: %s.%n", spare.getKey().said(), spare.getValue());
      violations +=
          new ModelRun(Guards.without(spare.getKey()), Long.MAX_VALUE, false)
              .explore(Explorations.SMALL);
    }
    System.exit(violations == 0 ? 0 : 1);
  }

  private long explore(List<Bounds> explorations) {
    var begin = System.nanoTime();
    for (var bounds : explorations) {
      if (visited < most) {
        explore(bounds);
      }
    }
    System.out.printf(
        "%,d worlds in %d s, %d violations%n%n", visited, since(begin).toSeconds(), violations);
    return violations;
  }

  private void explore(Bounds bounds) {
    var begin = System.nanoTime();
    var found = new Explorer(new Model(bounds, guards), most - visited).explore();
    visited += found.worlds();
    if (each) {
      System.out.printf(
          "  %-48s %,10d worlds, %3d steps, %s, %d s%n",
          bounds.name(),
          found.worlds(),
          found.steps(),
          found.complete() ? "all" : "not all",
          since(begin).toSeconds());
    }
    if (found.violation().isPresent()) {
      violations++;
      System.out.println(bounds.name() + ": " + found.violation().get());
    }
  }

  private static Duration since(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
