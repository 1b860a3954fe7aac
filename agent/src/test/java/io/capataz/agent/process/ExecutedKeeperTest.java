package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.process.Keepers.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Smoke test of the native keeper without a zygote; with {@code -Psoak} every test of the forked
 * one tries it too.
 */
class ExecutedKeeperTest {

  private static final RunLimits LIMITS =
      new RunLimits(Duration.ofMinutes(5), Duration.ofSeconds(5), Signal.SIGTERM, false, 1 << 20);

  @TempDir Path folder;

  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private Keepers keepers;
  private Path run;

  @BeforeEach
  void layOut() throws IOException {
    TriedKeepers.EXECUTED.mustBeThere();
    keepers =
        TriedKeepers.EXECUTED.in(
            folder.resolve("bin"), ControlGroups.find(Path.of("/no/proc"), "none"), waiters);
    run = Files.createDirectory(folder.resolve("run"));
  }

  @AfterEach
  void letGo() {
    keepers.close();
    waiters.shutdownNow();
  }

  @Test
  void is_a_child_of_the_agent_and_keeps_output_and_exit_code() throws Exception {
    assertThat(keepers.zygote()).isEmpty();
    var supervised = start("echo out; echo err >&2; cat; echo $PPID; exit 7");
    int keeper = Integer.parseInt(KeeperFiles.in(run).keeper().orElseThrow()[0]);

    var end = supervised.over().get(20, TimeUnit.SECONDS);

    assertThat(end.exit()).contains(new ExitStatus.Exited(7));
    assertThat(Printed.out(run)).isEqualTo("out\n" + keeper + "\n");
    assertThat(Printed.err(run)).isEqualTo("err\n");
    assertThat(ProcessTable.start(keeper)).as("is reaped").isEmpty();
  }

  @Test
  void stops_what_does_not_listen() throws Exception {
    var supervised = start("trap '' TERM; while :; do sleep 0.05; done");
    supervised.stop("CANCEL", Duration.ofMillis(300));
    assertThat(supervised.over().get(20, TimeUnit.SECONDS).ending()).contains("CANCEL");
  }

  @Test
  void says_why_nothing_was_started() {
    assertThatThrownBy(() -> start("exit", "/no/such/program"))
        .isInstanceOf(SpawnFailed.class)
        .hasMessageContaining("ENOENT");
    assertThat(found()).isInstanceOf(Found.Failed.class);
  }

  private Found found() {
    try {
      return keepers.find(run);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private SupervisedRun start(String script) throws IOException {
    return start(script, "/bin/bash");
  }

  private SupervisedRun start(String script, String program) throws IOException {
    Command command =
        new Command(List.of(program, "-c", script), Map.of("PATH", "/usr/bin:/bin"), folder);
    return keepers.start(run, command, LIMITS);
  }
}
