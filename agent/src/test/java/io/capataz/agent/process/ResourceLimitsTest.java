package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a run may take where there are no control groups. */
@ParameterizedClass
@EnumSource
class ResourceLimitsTest {

  private static final int USER = 60_999;
  private static final int MOST = 20;

  @Parameter Keepers.Form form = Keepers.Form.NATIVE;

  @TempDir Path folder;

  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private Keepers keepers;
  private Path run;
  private Path work;

  @BeforeEach
  void layOut() throws IOException {
    TriedKeepers.mustBeThere(form);
    var groups = ControlGroups.find(Path.of("/no/proc"), "none");
    keepers = Keepers.in(folder.resolve("bin"), Optional.of(form), groups, waiters);
    run = Files.createDirectory(folder.resolve("run-" + System.nanoTime()));
    work = Files.createDirectory(folder.resolve("work"));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @AfterEach
  void letGo() {
    waiters.shutdownNow();
  }

  private ExitRecord end(ResourceLimits resources, Optional<Account> as, String script)
      throws Exception {
    RunLimits limits =
        new RunLimits(
            Duration.ofMinutes(1),
            Duration.ofSeconds(1),
            Signal.SIGTERM,
            false,
            1 << 20,
            OptionalLong.empty(),
            OptionalInt.empty(),
            Optional.of(resources));
    Command command =
        new Command(List.of("/bin/sh", "-c", script), Map.of("PATH", "/usr/bin:/bin"), work, as);
    return keepers.start(run, command, limits).over().get(30, TimeUnit.SECONDS);
  }

  @Test
  void a_fork_bomb_takes_the_processes_of_its_own_user_alone() throws Exception {
    Missing.unless(
        Files.getAttribute(folder, "unix:uid").equals(0),
        "only root runs scripts as somebody else");
    var as = Optional.of(new Account("x", USER, USER, List.of(USER), "/"));
    var bomb = "i=0; while [ $i -lt 200 ]; do sleep 600 & i=$((i+1)); echo $i > forked; done";

    var end = end(new ResourceLimits(100, 1L << 20, OptionalInt.of(MOST)), as, bomb);

    assertThat(end.exit()).isNotEqualTo(Optional.of(new ExitStatus.Exited(0)));
    assertThat(Integer.parseInt(Files.readString(work.resolve("forked")).strip()))
        .isBetween(MOST / 2, MOST);
    assertThat(end.survivors()).isEmpty();
    assertThat(new ProcessBuilder("true").start().waitFor()).isZero();
  }

  @Test
  void a_file_that_never_ends_does_and_there_are_no_core_dumps() throws Exception {
    var script = "ulimit -n; ulimit -c; yes > big; echo $?";

    end(new ResourceLimits(50, 1L << 20, OptionalInt.empty()), Optional.empty(), script);

    var printed = Printed.out(run).lines().toList();
    assertThat(printed).startsWith("50", "0");
    assertThat(printed.getLast()).as("128 and SIGXFSZ, or an error").isIn("153", "1");
    assertThat(Files.size(work.resolve("big"))).isEqualTo(1L << 20);
  }

  @Test
  void the_usual_limits_are_generous() {
    var usual = ResourceLimits.usual(folder, true);
    assertThat(usual.openFiles()).isGreaterThanOrEqualTo(65_536);
    assertThat(usual.fileBytes()).isGreaterThanOrEqualTo(64L << 20);
    assertThat(usual.userProcesses().orElseThrow()).isGreaterThanOrEqualTo(4096);
    assertThat(ResourceLimits.usual(folder, false).userProcesses()).isEmpty();
  }
}
