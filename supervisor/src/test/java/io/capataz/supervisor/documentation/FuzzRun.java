package io.capataz.supervisor.documentation;

import io.capataz.supervisor.TestSupervisor;
import java.lang.management.ManagementFactory;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;

/**
 * {@code bench/fuzz-api REQUESTS [SEED]}: {@link Fuzz} for long, with what it costs. Exits with 1
 * if anything was wrong.
 */
final class FuzzRun {

  private static final int CONNECTIONS = 4;

  private FuzzRun() {}

  public static void main(String[] args) {
    try {
      System.exit(run(args) ? 0 : 1);
    } catch (CompletionException broken) {
      broken.printStackTrace();
      System.exit(2); // The supervisor's threads would keep the process.
    }
  }

  private static boolean run(String[] args) {
    var requests = Integer.parseInt(args[0]);
    var seed = args.length > 1 ? Long.parseLong(args[1]) : System.nanoTime() & 0xffffff;
    var supervisor = TestSupervisor.shared();
    System.out.println("seed " + seed);
    var warm = new Fuzz(supervisor);
    warm.run(seed - CONNECTIONS, requests / 10, CONNECTIONS);
    var before = heap();
    var began = System.nanoTime();
    var fuzz = new Fuzz(supervisor);
    fuzz.run(seed, requests, CONNECTIONS);
    var seconds = (System.nanoTime() - began) / 1e9;
    var after = heap();

    System.out.printf(
        "%d requests in %.0f s, %.0f a second; the longest answer took %d ms%n",
        requests, seconds, requests / seconds, fuzz.slowest());
    System.out.println("statuses " + new TreeMap<>(fuzz.statuses()));
    System.out.println(
        "operations " + fuzz.operations() + ", done at least once " + fuzz.done().size());
    System.out.printf(
        "heap after collection: %d MiB before, after a tenth as many; %d MiB at the end%n",
        before >> 20, after >> 20);
    fuzz.failures().forEach(System.out::println);
    System.out.println("failures " + fuzz.failures().size());
    return fuzz.failures().isEmpty();
  }

  /** Bytes that are in use after a collection. */
  static long heap() {
    var memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }
}
