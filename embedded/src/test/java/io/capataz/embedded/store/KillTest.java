package io.capataz.embedded.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Repetitions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A kill at any moment loses nothing that was acknowledged and leaves no index entry astray. */
class KillTest {

  private static final int KILLS = Repetitions.of("store.kills");

  @Test
  void nothing_acknowledged_is_lost_when_the_process_is_killed(@TempDir Path folder)
      throws Exception {
    long seed = Long.getLong("store.seed", System.nanoTime());
    System.out.printf("KillTest: seed %d; repeat with -Dstore.seed=%d%n", seed, seed);
    KillRun run = new KillRun(folder, EmbeddedStore.Durability.PROCESS_KILL, seed);

    for (int kill = 1; kill <= KILLS; kill++) {
      assertThat(run.round()).as("after kill %d, seed %d", kill, seed).isEmpty();
    }

    assertThat(run.acknowledged()).isGreaterThan(KILLS * 20L);
  }
}
