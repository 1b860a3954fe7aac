package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Repetitions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever is killed, an accepted job ends exactly once, and as its script did. */
class CrashIT {

  private static final int KILLS = Repetitions.of("capataz.crash.kills");
  private static final long SEED =
      Long.getLong("capataz.crash.seed", System.currentTimeMillis() % 1_000_000);

  @Test
  @Timeout(value = 25, unit = TimeUnit.MINUTES)
  void every_accepted_job_ends_exactly_once_while_everything_is_killed() throws Exception {
    // Not a temporary folder: after a failure it is what one wants to read.
    Path folder = Path.of("target/crash-" + SEED).toAbsolutePath();
    JvmFlags.removeAll(folder);

    List<String> violations = new CrashRun(folder, KILLS, SEED, Flavour.used()).run();

    assertThat(violations).as("see " + folder).isEmpty();
    JvmFlags.removeAll(folder);
  }
}
