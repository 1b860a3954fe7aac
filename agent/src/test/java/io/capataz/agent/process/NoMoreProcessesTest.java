package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.cgroup.Confinement;
import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.process.Keepers.Form;
import io.capataz.agent.process.Keepers.Found;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The system is out of processes or threads: nothing starts, and the reason says so. */
@ParameterizedClass
@MethodSource("io.capataz.agent.process.TriedKeepers#all")
class NoMoreProcessesTest {

  private static final ControlGroups NO_GROUPS = ControlGroups.find(Path.of("/no/proc"), "none");

  private static final RunLimits LIMITS =
      new RunLimits(Duration.ofMinutes(1), Duration.ofSeconds(5), Signal.SIGTERM, false, 1 << 20);

  private static final String REASON = "process limit reached (EAGAIN)";

  @Parameter TriedKeepers tried = TriedKeepers.FORKED;

  @TempDir Path folder;

  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private Path run;

  @BeforeEach
  void layOut() throws IOException {
    tried.mustBeThere();
    run = Files.createDirectory(folder.resolve("run-" + System.nanoTime()));
  }

  @AfterEach
  void letGo() {
    waiters.shutdownNow();
  }

  private Keepers keepers(Executor threads) throws IOException {
    return tried.in(folder.resolve("bin"), NO_GROUPS, threads);
  }

  private Command touch(Optional<Account> as) {
    var environment = Map.of("PATH", "/usr/bin:/bin");
    return new Command(
        List.of("/usr/bin/touch", folder + "/started"), environment, Path.of("/"), as);
  }

  @Test
  void without_a_thread_to_wait_for_it_nothing_is_started() throws Exception {
    var keepers =
        keepers(
            _ -> {
              throw new OutOfMemoryError("unable to create native thread");
            });

    assertThatThrownBy(() -> keepers.start(run, touch(Optional.empty()), LIMITS))
        .isInstanceOf(SpawnFailed.class)
        .hasMessageContaining("Cannot start `/usr/bin/touch`: " + REASON);

    assertThat(KeeperFiles.in(run).begin()).doesNotExist();
    assertThat(folder.resolve("started")).doesNotExist();
  }

  /** A keeper that is the only process in a control group limited to one. */
  @Test
  void a_keeper_that_cannot_fork_says_so_and_leaves_that_for_the_next_life() throws Exception {
    var group = Path.of("/sys/fs/cgroup/pids/capataz-test-" + ProcessHandle.current().pid());
    Missing.unless(
        isMade(group), "no control group with pids.max can be made in " + group.getParent());
    try {
      Files.writeString(group.resolve("pids.max"), "1");
      var said = keeperIn(group).split(" ", -1);

      assertThat(said).hasSize(3);
      assertThat(SpawnFailed.of("x", said[1], Integer.parseInt(said[2])))
          .hasMessageContaining(REASON);
      assertThat(folder.resolve("started")).doesNotExist();
      if (tried.form() == Form.NATIVE) {
        assertThat(keepers(waiters).find(run))
            .isInstanceOfSatisfying(
                Found.Failed.class, f -> assertThat(f.failure()).hasMessageContaining(REASON));
      }
    } finally {
      Files.delete(group);
    }
  }

  /** A zygote in a control group limited to one process. */
  @Test
  void a_zygote_that_cannot_fork_says_so() throws Exception {
    assumeThat(tried).as("the way with a zygote").isEqualTo(TriedKeepers.FORKED);
    var group = Path.of("/sys/fs/cgroup/pids/capataz-test-zygote-" + ProcessHandle.current().pid());
    Missing.unless(
        isMade(group), "no control group with pids.max can be made in " + group.getParent());
    try (var keepers = keepers(waiters)) {
      var pid = Integer.toString(keepers.zygote().orElseThrow().pid());
      Files.writeString(group.resolve("cgroup.procs"), pid);
      Files.writeString(group.resolve("pids.max"), "1");

      assertThatThrownBy(() -> keepers.start(run, touch(Optional.empty()), LIMITS))
          .isInstanceOf(SpawnFailed.class)
          .hasMessageContaining("its keeper cannot be started: " + REASON);

      assertThat(folder.resolve("started")).doesNotExist();
      Files.writeString(group.resolve("pids.max"), "max");
      ExitRecord end =
          keepers.start(run, touch(Optional.empty()), LIMITS).over().get(20, TimeUnit.SECONDS);
      assertThat(end.exit()).contains(new ExitStatus.Exited(0));
    } finally {
      await().atMost(Duration.ofSeconds(20)).until(() -> group.toFile().delete());
    }
  }

  private static boolean isMade(Path group) {
    try {
      Files.createDirectory(group);
      return Files.exists(group.resolve("pids.max"));
    } catch (IOException e) {
      return false;
    }
  }

  /** The answer of a keeper that is started in a group of its own. */
  private String keeperIn(Path group) throws IOException, InterruptedException {
    var name = run.getFileName().toString();
    Command touch = touch(Optional.empty());
    try (var _ = keepers(waiters);
        var programs = Files.list(folder.resolve("bin"))) {
      var keeper = programs.findFirst().orElseThrow().toString();
      var order = folder.resolve("order");
      Files.write(order, KeeperOrder.forProgram(name, touch, LIMITS, Confinement.NONE));
      if (tried.form() == Form.SHELL) {
        var own = Files.createDirectory(run.resolve(KeeperFiles.SHELL_FOLDER));
        Files.write(
            own.resolve("order"), KeeperOrder.forShell(name, touch, LIMITS, Confinement.NONE));
        Files.write(own.resolve("command"), KeeperOrder.commandForShell(name, touch));
      }
      var start = "echo $$ > \"$1/cgroup.procs\"; shift; exec \"$@\"";
      var words =
          tried.form() == Form.NATIVE
              ? List.of("sh", "-c", start, "sh", group.toString(), keeper, run.toString())
              : List.of("sh", "-c", start, "sh", group.toString(), "sh", keeper, run.toString());
      var process =
          new ProcessBuilder(words)
              .redirectInput(order.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      return said.strip();
    }
  }

  /** Limits the processes of the user to the existing ones. Does not apply to root. */
  @Test
  void a_user_who_has_as_many_as_it_may_is_told() throws Exception {
    assumeThat(tried.form()).as("a shell learns of that too late").isEqualTo(Form.NATIVE);
    Missing.unless(
        Files.getAttribute(folder, "unix:uid").equals(0),
        "only root runs scripts as somebody else");
    var before = keepers(waiters);
    var first = Files.createDirectory(folder.resolve("first-" + System.nanoTime()));
    Command sleep = new Command(List.of("/bin/sleep", "600"), Map.of(), Path.of("/"), nobodys());
    var holder = before.start(first, sleep, LIMITS);
    var usual = softLimit();
    limitProcesses("0");
    // A zygote has the limits of the agent that started it.
    try (var keepers = keepers(waiters)) {
      assertThatThrownBy(() -> keepers.start(run, touch(nobodys()), LIMITS))
          .isInstanceOf(SpawnFailed.class)
          .hasMessageContaining(REASON);
    } finally {
      limitProcesses(usual);
      holder.stop("CANCEL", Duration.ZERO);
    }
    assertThat(folder.resolve("started")).doesNotExist();

    var another = Files.createDirectory(folder.resolve("another-" + System.nanoTime()));
    ExitRecord end =
        before.start(another, touch(Optional.empty()), LIMITS).over().get(20, TimeUnit.SECONDS);
    assertThat(end.exit()).contains(new ExitStatus.Exited(0));
  }

  private static Optional<Account> nobodys() {
    return Optional.of(new Account("nobody", 65534, 65534, List.of(65534), "/"));
  }

  private static String softLimit() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith("Max processes"))
        .map(line -> line.split(" +", -1)[2])
        .findFirst()
        .orElseThrow();
  }

  /** For this process and its children. */
  private static void limitProcesses(String soft) throws IOException, InterruptedException {
    var self = Long.toString(ProcessHandle.current().pid());
    var process = new ProcessBuilder("prlimit", "--pid", self, "--nproc=" + soft + ":").start();
    Missing.unless(process.waitFor() == 0, "there is no prlimit here");
  }
}
