package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The wall clock of one supervisor jumps while jobs flow, and nothing comes of it. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ClockJumpIT {

  private static final long SEED =
      Long.getLong("capataz.clock.seed", System.currentTimeMillis() % 1_000_000);
  private static final double JOBS_PER_SECOND = 2;

  /** After each jump; long enough for whoever looks at clocks to look several times. */
  private static final int JOBS_PER_JUMP = 25;

  private static final Path LIBRARIES = Path.of("/usr/lib");
  private static final String LIBRARY = "libfaketimeMT.so.1";

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  Path folder;

  @Test
  void nothing_is_lost_called_silent_expired_or_run_twice() throws Exception {
    Path library = library();
    Path offset = folder.resolve("offset");
    jumpTo(offset, "+0");
    // Only the wall clock jumps, as when somebody sets it; timed waits go by the other one.
    Map<String, String> jumping =
        Map.of(
            "LD_PRELOAD", library.toString(),
            "FAKETIME_TIMESTAMP_FILE", offset.toString(),
            "FAKETIME_NO_CACHE", "1",
            "FAKETIME_DONT_FAKE_MONOTONIC", "1",
            "FAKETIME_FORCE_MONOTONIC_FIX", "0");
    Fleet.Plan plan = Fleet.in(folder).supervisors(2).agents(2, 4).environments(Map.of(1, jumping));
    try (Fleet fleet = plan.start();
        Flow flow = new Flow(fleet, Flavour.used(), Flow.Shape.SHORT, SEED)) {
      flow.start(JOBS_PER_SECOND);
      awaitMore(fleet, flow);
      for (String jump : List.of("+300", "-300", "+0")) {
        jumpTo(offset, jump);
        awaitMore(fleet, flow);
      }
      flow.stop();
      Verdict verdict = new Verdict(fleet, flow, List.of());
      verdict.awaitEnds(Duration.ofMinutes(2));
      verdict.lookOnce();
      System.out.printf(
          "clock jumps: seed %d, jobs accepted %d, outcomes %s%n",
          SEED, flow.accepted().size(), verdict.outcomes());

      assertThat(verdict.violations()).as(verdict.told() + "\nsee " + folder).isEmpty();
      assertThat(silences(fleet, flow)).as("jobs called silent").isEmpty();
      assertThat(fleet.supervisors())
          .allSatisfy(s -> assertThat(s.said()).doesNotContain("silent"));
    }
  }

  private static void awaitMore(Fleet fleet, Flow flow) {
    int before = flow.accepted().size();
    Awaitility.await("jobs are posted and end")
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              List<Flow.Accepted> accepted = flow.accepted();
              return accepted.size() >= before + JOBS_PER_JUMP
                  && accepted.subList(before, before + JOBS_PER_JUMP).stream()
                      .allMatch(job -> fleet.api().job(job.job()).hasNonNull("ended"));
            });
  }

  private static List<String> silences(Fleet fleet, Flow flow) {
    List<String> silences = new ArrayList<>();
    for (Flow.Accepted accepted : flow.accepted()) {
      JsonNode job = fleet.api().job(accepted.job());
      if (job.path("history").valueStream().anyMatch(ClockJumpIT::isSilence)) {
        silences.add(job.toString());
      }
    }
    return silences;
  }

  private static boolean isSilence(JsonNode step) {
    return step.path("state").asString().equals("silent");
  }

  /** Read by the library at each question for the time, so it must never be half written. */
  private static void jumpTo(Path offset, String seconds) throws IOException {
    Path fresh = offset.resolveSibling("offset.new");
    Files.writeString(fresh, seconds + "\n");
    Files.move(fresh, offset, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Where everything must be there it is a failure; elsewhere the story is not told, aloud. */
  private static Path library() throws IOException {
    try (Stream<Path> folders = Files.list(LIBRARIES)) {
      Optional<Path> found =
          folders
              .map(folder -> folder.resolve("faketime").resolve(LIBRARY))
              .filter(Files::isReadable)
              .findFirst();
      Missing.unlessOrFailInCi(
          found.isPresent(),
          "%s is not on this machine, so no clock can be made to jump. Install faketime."
              .formatted(LIBRARY));
      return found.orElseThrow();
    }
  }
}
