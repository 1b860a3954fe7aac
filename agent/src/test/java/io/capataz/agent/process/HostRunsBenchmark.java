package io.capataz.agent.process;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.host.Folders;
import io.capataz.agent.process.Keepers.Form;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Measures the cost of a run with each way to start it, from a loop in C to a keeper with all
 * features. Prints figures and asserts nothing. Started by {@code bench/host-runs}.
 */
final class HostRunsBenchmark {

  private static final int AT_ONCE = 2;

  /** Warm-up runs and rounds, for the JIT compiler. */
  private static final int WARM_UP_RUNS = 500;

  private static final int WARM_UP_ROUNDS = 1;

  private static final Path V1_GROUP =
      Path.of("/sys/fs/cgroup/cpuacct/capataz-bench-" + ProcessHandle.current().pid());

  private static final Path V2_GROUP = Path.of("/sys/fs/cgroup").resolve(ownGroup());

  /** O_WRONLY, O_CREAT, O_TRUNC and O_CLOEXEC of Linux. */
  private static final int CREATE = 0x8_0241;

  private static String ownGroup() {
    try (var lines = Files.lines(Path.of("/proc/self/cgroup"))) {
      return lines.filter(line -> line.startsWith("0::/")).findFirst().orElse("0::/").substring(4);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final MethodHandle OPEN =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("open"),
              FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
              Linker.Option.firstVariadicArg(2));

  /** The ways, in the order of output. */
  enum Way {
    C("a loop of posix_spawn in C"),
    PROCESS_BUILDER("Java's ProcessBuilder"),
    SPAWNER("the agent's spawner, no keeper"),
    EXECUTED("the native keeper, executed"),
    NATIVE("the native keeper, forked"),
    NATIVE_IN_GROUP("  with a control group (v2)"),
    NATIVE_LIMITED("  with its memory and processes limited"),
    NATIVE_AS_NOBODY("  as another user"),
    SHELL("the shell's keeper");

    private final String label;

    Way(String label) {
      this.label = label;
    }
  }

  /** Runs of each way on an otherwise idle host, and the pause before each. */
  private static final int SINGLE_RUNS = 40;

  private static final Duration REST = Duration.ofMillis(100);

  private static final RunLimits USUAL =
      new RunLimits(Duration.ofMinutes(5), Duration.ofSeconds(5), Signal.SIGTERM, false, 16 << 20);

  private static final RunLimits LIMITED =
      new RunLimits(
          USUAL.timeout(),
          USUAL.grace(),
          USUAL.signal(),
          false,
          16 << 20,
          OptionalLong.of(1L << 30),
          OptionalInt.of(ResourceLimits.USUAL_PROCESSES),
          Optional.empty());

  /** Runs the script once, for a worker. */
  private interface OneRun {
    void of(int worker) throws Exception;
  }

  /**
   * Result of one way in one round.
   *
   * @param rate runs per second
   * @param cpu CPU milliseconds per run, of all processes involved
   * @param own those of this process
   */
  private record Figure(double rate, double cpu, double own) {
    /** Time of one run while another one is active. */
    double millis() {
      return AT_ONCE * 1000 / rate;
    }
  }

  private final Path folder;
  private final Path script;
  private final Duration time;
  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private final Map<Way, OneRun> ways = new EnumMap<>(Way.class);
  private final List<Map<Way, Figure>> rounds = new ArrayList<>();
  private final Map<Way, List<Double>> singles = new EnumMap<>(Way.class);
  private final List<Keepers> all = new ArrayList<>();
  private final AtomicLong runs = new AtomicLong();

  private HostRunsBenchmark(Path folder, Duration time) throws IOException {
    this.folder = folder;
    this.time = time;
    // Another user must be able to pass through it.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    script = Files.writeString(folder.resolve("script.sh"), "#!/bin/sh\necho line\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  public static void main(String[] arguments) throws Exception {
    var folder = Path.of(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    var time = Duration.ofMillis(Math.round(Double.parseDouble(arguments[2]) * 1000));
    enterGroup();
    var benchmark = new HostRunsBenchmark(folder, time);
    var none = ControlGroups.find(Path.of("/no/proc"), "none");
    try (var groups =
        ControlGroups.find(Path.of("/proc"), "capataz-bench-" + ProcessHandle.current().pid())) {
      benchmark.prepare(none, groups);
      benchmark.warmUp();
      for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
        benchmark.round(round);
      }
      benchmark.measureSingleRuns();
      groups.removeLeftovers(_ -> false);
    }
    benchmark.print();
    benchmark.printSingleRuns();
    benchmark.all.forEach(Keepers::close);
    leaveGroup();
    System.exit(0);
  }

  private void prepare(ControlGroups none, ControlGroups groups) throws IOException {
    ways.put(Way.C, _ -> {}); // It has its own loop.
    ways.put(Way.PROCESS_BUILDER, this::byProcessBuilder);
    ways.put(Way.SPAWNER, this::bySpawner);
    Optional<Account> agents = Optional.empty();
    if (Keepers.class.getResource("capataz-keeper-" + System.getProperty("os.arch")) == null) {
      System.out.println("No native keeper: it was built where there is no C compiler.");
    } else {
      var executed =
          Keepers.in(
              folder.resolve("bin"), Optional.of(Form.NATIVE), none, waiters, Optional.empty());
      ways.put(Way.EXECUTED, _ -> byKeeper(executed, agents));
      var keepers = keepers(Form.NATIVE, none);
      ways.put(Way.NATIVE, _ -> byKeeper(keepers, agents));
      if (groups.method().equals("cgroup-v2")) {
        var grouping = keepers(Form.NATIVE, groups);
        ways.put(Way.NATIVE_IN_GROUP, _ -> byKeeper(grouping, agents));
        if (groups.canLimitMemory() && groups.canLimitProcesses()) {
          ways.put(Way.NATIVE_LIMITED, _ -> byKeeper(grouping, agents, LIMITED));
        }
      } else {
        System.out.println("No control groups: " + groups.why());
      }
      if (Integer.valueOf(0).equals(Files.getAttribute(folder, "unix:uid"))) {
        var nobody = new Account("nobody", 65534, 65534, List.of(65534), "/");
        ways.put(Way.NATIVE_AS_NOBODY, _ -> byKeeper(keepers, Optional.of(nobody)));
      } else {
        System.out.println("No other user: only root can run scripts as somebody else.");
      }
    }
    var shell = keepers(Form.SHELL, none);
    ways.put(Way.SHELL, _ -> byKeeper(shell, agents));
  }

  private Keepers keepers(Form form, ControlGroups groups) throws IOException {
    var made = Keepers.in(folder.resolve("bin"), Optional.of(form), groups, waiters);
    all.add(made);
    return made;
  }

  private void warmUp() throws Exception {
    for (var way : List.of(Way.PROCESS_BUILDER, Way.SPAWNER, Way.NATIVE)) {
      var run = ways.getOrDefault(way, _ -> {});
      for (int i = 0; i < WARM_UP_RUNS; i++) {
        run.of(0);
      }
    }
  }

  /** Measures each way once. The order rotates, so that temporary disturbances favour none. */
  private void round(int number) throws Exception {
    var order = new ArrayList<Way>(ways.keySet());
    Collections.rotate(order, number);
    var figures = new EnumMap<Way, Figure>(Way.class);
    for (var way : order) {
      figures.put(way, measured(way));
    }
    if (number >= 0) {
      rounds.add(figures);
    }
  }

  /** One run at a time, each after a pause: how long it takes where nothing else happens. */
  private void measureSingleRuns() throws Exception {
    for (int i = 0; i < SINGLE_RUNS; i++) {
      for (var way : ways.keySet()) {
        if (way == Way.C || way == Way.SHELL) {
          continue;
        }
        // The pause is part of what is measured: a host on which nothing else happens.
        Thread.sleep(REST);
        long begun = System.nanoTime();
        ways.getOrDefault(way, _ -> {}).of(0);
        singles.computeIfAbsent(way, _ -> new ArrayList<>()).add((System.nanoTime() - begun) / 1e6);
      }
    }
  }

  private Figure measured(Way way) throws Exception {
    double cpuBefore = cpuMillis();
    double ownBefore = ownMillis();
    long begun = System.nanoTime();
    long done;
    long took;
    if (way == Way.C) {
      var said = loopInC().split(" ", -1);
      done = Long.parseLong(said[0]);
      took = Long.parseLong(said[1]);
    } else {
      done = loop(begun + time.toNanos(), ways.getOrDefault(way, _ -> {}));
      took = System.nanoTime() - begun;
    }
    return new Figure(
        done * 1e9 / took, (cpuMillis() - cpuBefore) / done, (ownMillis() - ownBefore) / done);
  }

  private static long loop(long until, OneRun run) throws Exception {
    try (var workers = Executors.newFixedThreadPool(AT_ONCE)) {
      var loops = new ArrayList<Callable<Long>>();
      for (int i = 0; i < AT_ONCE; i++) {
        int worker = i;
        loops.add(
            () -> {
              long done = 0;
              while (System.nanoTime() < until) {
                run.of(worker);
                done++;
              }
              return done;
            });
      }
      long all = 0;
      for (var done : workers.invokeAll(loops)) {
        all += done.get();
      }
      return all;
    }
  }

  private String loopInC() throws IOException, InterruptedException {
    var loop =
        new ProcessBuilder(
                folder.resolve("spawn-loop").toString(),
                script.toString(),
                folder.toString(),
                Long.toString(time.toNanos()),
                Integer.toString(AT_ONCE))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var said = new String(loop.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    must(loop.waitFor() == 0, "the loop in C");
    return said.strip();
  }

  private void byProcessBuilder(int worker) throws Exception {
    var builder =
        new ProcessBuilder(script.toString())
            .redirectOutput(folder.resolve("java-" + worker).toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    must(builder.start().waitFor() == 0, "the script");
  }

  private void bySpawner(int worker) throws Exception {
    int output = open(folder.resolve("spawner-" + worker));
    int pid;
    try {
      pid = Spawner.start(command(Optional.empty()), LibC.DEV_NULL, output);
    } finally {
      LibC.close(output);
    }
    var status = LibC.awaitEnd(pid);
    LibC.reap(pid);
    must(status.equals(new ExitStatus.Exited(0)), "the script");
  }

  private void byKeeper(Keepers keepers, Optional<Account> as) throws Exception {
    byKeeper(keepers, as, USUAL);
  }

  private void byKeeper(Keepers keepers, Optional<Account> as, RunLimits limits) throws Exception {
    var run = Files.createDirectory(folder.resolve("run-" + runs.incrementAndGet()));
    var end = keepers.start(run, command(as), limits).over().get(1, TimeUnit.MINUTES);
    must(end.exit().equals(Optional.of(new ExitStatus.Exited(0))), "the script");
    keepers.release(run);
    Folders.remove(run);
  }

  private Command command(Optional<Account> as) {
    return new Command(
        List.of(script.toString()), Map.of("PATH", "/usr/bin:/bin"), Path.of("/"), as);
  }

  private static int open(Path file) {
    try (var arena = Arena.ofConfined()) {
      int descriptor = (int) OPEN.invokeExact(arena.allocateFrom(file.toString()), CREATE, 0600);
      must(descriptor >= 0, "open");
      return descriptor;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void must(boolean isSo, String what) {
    if (!isSo) {
      throw new IllegalStateException(what + " failed");
    }
  }

  /**
   * CPU time of this process and all that it has started, as its control group counts it. Nobody
   * waits for a forked keeper, so that its time is not included in that of any process.
   */
  private static double cpuMillis() throws IOException {
    if (Files.exists(V1_GROUP)) {
      return Long.parseLong(Files.readString(V1_GROUP.resolve("cpuacct.usage")).strip()) / 1e6;
    }
    return Files.readAllLines(V2_GROUP.resolve("cpu.stat")).stream()
            .filter(line -> line.startsWith("usage_usec "))
            .mapToLong(line -> Long.parseLong(line.substring("usage_usec ".length())))
            .sum()
        / 1e3;
  }

  private static double ownMillis() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e6;
  }

  /** Moves this process into a group that counts, where cgroup v1 does that. */
  private static void enterGroup() throws IOException {
    if (Files.isWritable(V1_GROUP.resolveSibling("cgroup.procs"))) {
      Files.createDirectory(V1_GROUP);
      Files.writeString(V1_GROUP.resolve("cgroup.procs"), "0", StandardOpenOption.WRITE);
    }
  }

  private static void leaveGroup() throws IOException {
    if (Files.exists(V1_GROUP)) {
      Files.writeString(V1_GROUP.resolveSibling("cgroup.procs"), "0", StandardOpenOption.WRITE);
      // Helpers of the shell's keeper may take a moment to end.
      await().until(() -> V1_GROUP.toFile().delete());
    }
  }

  private void print() {
    System.out.printf(
        "%d rounds of %.1f s of each way, %d runs at a time; medians%n%n",
        rounds.size(), time.toMillis() / 1000.0, AT_ONCE);
    System.out.println("| | runs/s | of C's rate | ms a run | CPU ms a run | of them here |");
    System.out.println("|---|---|---|---|---|---|");
    for (var way : ways.keySet()) {
      System.out.printf(
          "| %s | %.0f | %.2f | %.2f | %.2f | %.2f |%n",
          way.label,
          median(way, Figure::rate),
          compared(way, Way.C, Figure::rate, true),
          median(way, Figure::millis),
          median(way, Figure::cpu),
          median(way, Figure::own));
    }
    System.out.println();
    System.out.printf(
        "spawner over C %.2f (by CPU %.2f), spawner over ProcessBuilder %.2f (by CPU %.2f)%n",
        compared(Way.SPAWNER, Way.C, Figure::rate, true),
        compared(Way.C, Way.SPAWNER, Figure::cpu, true),
        compared(Way.SPAWNER, Way.PROCESS_BUILDER, Figure::rate, true),
        compared(Way.PROCESS_BUILDER, Way.SPAWNER, Figure::cpu, true));
    added("the executed keeper", Way.EXECUTED, Way.SPAWNER);
    added("the forked keeper", Way.NATIVE, Way.SPAWNER);
    added("a control group", Way.NATIVE_IN_GROUP, Way.NATIVE);
    added("limits", Way.NATIVE_LIMITED, Way.NATIVE_IN_GROUP);
    added("another user", Way.NATIVE_AS_NOBODY, Way.NATIVE);
    added("the shell's keeper", Way.SHELL, Way.SPAWNER);
  }

  private void printSingleRuns() {
    System.out.printf(
        "%n%d single runs, %d ms after one another%n%n", SINGLE_RUNS, REST.toMillis());
    System.out.println("| | median ms | 9 of 10 within ms |");
    System.out.println("|---|---|---|");
    singles.forEach(
        (way, times) -> {
          var sorted = times.stream().sorted().toList();
          System.out.printf(
              "| %s | %.1f | %.1f |%n",
              way.label, sorted.get(sorted.size() / 2), sorted.get(sorted.size() * 9 / 10));
        });
  }

  private void added(String what, Way way, Way base) {
    if (ways.containsKey(way)) {
      System.out.printf(
          "%s adds %.2f ms to a run, %.2f ms of them CPU%n",
          what,
          compared(way, base, Figure::millis, false),
          compared(way, base, Figure::cpu, false));
    }
  }

  private double median(Way way, Function<Figure, Double> of) {
    return median(rounds.stream().map(round -> of.apply(figure(round, way))).toList());
  }

  /** Median of the ratios, or differences, within each round. */
  private double compared(Way way, Way with, Function<Figure, Double> of, boolean quotient) {
    return median(
        rounds.stream()
            .map(
                round -> {
                  double one = of.apply(figure(round, way));
                  double other = of.apply(figure(round, with));
                  return quotient ? one / other : one - other;
                })
            .toList());
  }

  private static Figure figure(Map<Way, Figure> round, Way way) {
    return Optional.ofNullable(round.get(way)).orElseThrow();
  }

  private static double median(List<Double> values) {
    var sorted = values.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }
}
