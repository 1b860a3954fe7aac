package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A script prints far more than is kept: neither the agent's memory nor the run's folder grows with
 * it, the host stays online, and other jobs go on beside it. How long those take to start is
 * printed, not asked for. {@code bench/output-flood} does it with more.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class OutputFloodIT {

  private static final long FLOOD_MB = Repetitions.of("capataz.flood.megabytes");
  private static final int ROUNDS = Repetitions.of("capataz.flood.rounds");
  private static final int BESIDE = Repetitions.of("capataz.flood.jobs");

  private static final int WARM_UP = 40;

  /** What is kept of a stream unless a task says otherwise. */
  private static final long KEPT = 16 << 20;

  /** The script, the order, the records: what a run's folder holds besides what is printed. */
  private static final long SMALL_CHANGE = 1 << 20;

  private static final int MOST_GROWTH_MB = 48;

  private static final String FIRST = "the first line\n";
  private static final String LAST = "\nthe last line\n";

  private static final String FLOOD =
      """
      #!/bin/sh
      echo 'the first line'
      head -c "${1}M" /dev/zero | tr '\\0' x
      echo
      echo 'the last line'
      """;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  /** The most that was seen. */
  private static final class Seen {
    private long residentMegabytes;
    private long folderBytes;
    private Duration silence = Duration.ZERO;
    private int looks;
    private int offline;
  }

  @Test
  void nothing_grows_the_host_stays_online_and_the_beginning_and_the_end_are_kept()
      throws Exception {
    try (Fleet fleet = Fleet.standing(folder).agents(1, 4).start()) {
      Part agent = fleet.agents().getFirst();
      JsonNode flood = fleet.createTask(agent, "flood", FLOOD, Fleet.arguments(1));
      JsonNode small = fleet.createTask(agent, "small", "#!/bin/sh\necho hello\n", Map.of());
      startsOf(fleet, small, WARM_UP);
      endOf(fleet, post(fleet, flood, "64"));
      long before = residentMegabytes(agent, "VmRSS");
      Seen seen = new Seen();
      List<Double> ratios = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        try (ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor()) {
          // Looks cost something too, so they are taken all the time.
          var looks =
              looking.scheduleAtFixedRate(
                  () -> look(fleet, agent, runs(fleet), seen), 0, 50, TimeUnit.MILLISECONDS);
          List<Double> quiet = startsOf(fleet, small, BESIDE);
          String job = post(fleet, flood, Long.toString(FLOOD_MB));
          Awaitility.await("more is printed than is kept")
              .atMost(Duration.ofMinutes(1))
              .pollInterval(Duration.ofMillis(10))
              .until(() -> folderBytes(runs(fleet)) >= KEPT);
          Instant begun = Instant.parse(fleet.api().job(job).path("started").asString());
          List<Double> beside = startsOf(fleet, small, BESIDE);
          boolean lasted = !fleet.api().job(job).hasNonNull("ended");
          JsonNode end = endOf(fleet, job);
          looks.cancel(false);
          Duration took = Duration.between(begun, Instant.parse(end.path("ended").asString()));
          ratios.add(median(beside) / median(quiet));
          System.out.printf(
              "flood: %d MB in %.1f s; %d jobs posted -> started: median %.0f ms, longest %.0f ms;"
                  + " without it %.0f and %.0f ms; ratio of the medians %.2f%s%n",
              FLOOD_MB,
              took.toMillis() / 1000.0,
              BESIDE,
              median(beside),
              longest(beside),
              median(quiet),
              longest(quiet),
              ratios.getLast(),
              lasted ? "" : " (the flood was over before the last of them)");
          assertThat(end.path("state").asString()).as("%s", end).isEqualTo("success");
          checkKept(fleet.api().output(job));
        }
      }
      long most = residentMegabytes(agent, "VmHWM");
      System.out.printf(
          "flood: median of the ratios %.2f; agent resident: %d MB before, %d MB at most in %d"
              + " looks, %d MB by VmHWM; the runs' folder %.1f MB at most; offline in %d looks,"
              + " longest since the last contact %d ms%n",
          median(ratios),
          before,
          seen.residentMegabytes,
          seen.looks,
          most,
          seen.folderBytes / 1048576.0,
          seen.offline,
          seen.silence.toMillis());
      assertThat(seen.looks).isPositive();
      assertThat(seen.offline).as("looks that found the host offline").isZero();
      assertThat(seen.folderBytes).as("bytes on disk").isLessThan(KEPT + SMALL_CHANGE);
      assertThat(most - before).as("MB the agent has grown").isLessThan(MOST_GROWTH_MB);
      assertThat(agent.falls()).isEmpty();
    }
  }

  private static void checkKept(String output) {
    assertThat(output.length()).isBetween((int) KEPT, (int) (KEPT + SMALL_CHANGE));
    assertThat(output.substring(0, 100)).startsWith(FIRST + "x");
    assertThat(output.substring(output.length() - 100)).endsWith("x" + LAST);
    Matcher gap = Pattern.compile("x\n\\[capataz: (\\d+) bytes omitted").matcher(output);
    assertThat(gap.find()).as("what is missing is marked").isTrue();
    long printed = (FLOOD_MB << 20) + FIRST.length() + LAST.length();
    assertThat(Long.parseLong(gap.group(1))).isEqualTo(printed - KEPT);
  }

  private static String post(Fleet fleet, JsonNode task, String... arguments) {
    return fleet.api().ask(Fleet.run(task, List.of(arguments))).json().path("id").asString();
  }

  private static JsonNode endOf(Fleet fleet, String job) {
    return Awaitility.await("the end of " + job)
        .atMost(Duration.ofMinutes(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> fleet.api().job(job), j -> j.hasNonNull("ended"));
  }

  /** Milliseconds from post to start of so many jobs, one after the other. */
  private static List<Double> startsOf(Fleet fleet, JsonNode task, int jobs) {
    List<Double> all = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      JsonNode job = endOf(fleet, post(fleet, task));
      Instant posted = Instant.parse(job.path("creation_date").asString());
      Instant started = Instant.parse(job.path("started").asString());
      all.add(Duration.between(posted, started).toNanos() / 1e6);
    }
    return all;
  }

  private static void look(Fleet fleet, Part agent, Path runs, Seen seen) {
    try {
      seen.residentMegabytes = Math.max(seen.residentMegabytes, residentMegabytes(agent, "VmRSS"));
      seen.folderBytes = Math.max(seen.folderBytes, folderBytes(runs));
      JsonNode host = fleet.api().get("/%s/host/%s".formatted(Api.CUSTOMER, fleet.hostOf(agent)));
      Duration silence =
          Duration.between(Instant.parse(host.path("last_contact").asString()), Instant.now());
      seen.silence = silence.compareTo(seen.silence) > 0 ? silence : seen.silence;
      seen.offline += host.path("online").asBoolean() ? 0 : 1;
      seen.looks++;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path runs(Fleet fleet) {
    return fleet.folderOf(fleet.agents().getFirst()).resolve("runs");
  }

  /** Of all files, which come and go meanwhile. */
  private static long folderBytes(Path top) throws IOException {
    long bytes = 0;
    try (Stream<Path> all = Files.list(top)) {
      for (Path path : all.toList()) {
        bytes += Files.isDirectory(path) ? folderBytes(path) : Files.size(path);
      }
    } catch (NoSuchFileException e) {
      return bytes;
    }
    return bytes;
  }

  private static long residentMegabytes(Part part, String which) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + part.pid() + "/status")).stream()
        .filter(line -> line.startsWith(which + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElseThrow();
  }

  private static double longest(List<Double> values) {
    return values.stream().mapToDouble(value -> value).max().orElseThrow();
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
