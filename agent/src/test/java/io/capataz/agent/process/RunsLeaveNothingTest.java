package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.cgroup.GroupFiles;
import io.capataz.agent.host.Folders;
import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many runs of all kinds, several at once, by the best keeper and in the best control groups of
 * this host. Afterwards it is as it was.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RunsLeaveNothingTest {

  private static final int RUNS = Repetitions.of("agent.leak.runs");
  private static final int WARM_UPS = 50;
  private static final int AT_ONCE = 8;

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private enum Kind {
    SAYS_NOTHING("exit 0"),
    PRINTS("echo out; echo err >&2; seq 1 2000; exit 3"),
    LEAVES_ONE_BEHIND("setsid sleep 600 & (sleep 601 &); echo gone"),
    IS_STOPPED("sleep 602 & setsid sh -c 'trap \"\" TERM; sleep 603; sleep 604' & wait"),
    CANNOT_START("");

    private final String script;

    Kind(String script) {
      this.script = script;
    }

    private static Kind of(int number) {
      return values()[number % values().length];
    }
  }

  @TempDir Path folder;

  private final String name = "leave-nothing-" + UUID.randomUUID();
  private final ExecutorService waiters = Executors.newFixedThreadPool(AT_ONCE);
  private final ConcurrentLinkedQueue<Integer> keeperPids = new ConcurrentLinkedQueue<>();
  private ControlGroups groups = ControlGroups.find(Path.of("/no/proc"), "none");

  @BeforeEach
  void findGroups() {
    groups = ControlGroups.find(Path.of("/proc"), name);
  }

  @AfterEach
  void letGo() {
    waiters.shutdownNow();
    groups.removeLeftovers(_ -> false);
    groups.close();
  }

  @Test
  void no_process_no_descriptor_no_control_group_and_no_folder() throws Exception {
    var runs = Files.createDirectory(folder.resolve("runs"));
    try (Keepers keepers = Keepers.in(folder.resolve("bin"), Optional.empty(), groups, waiters)) {
      run(keepers, runs, 0, WARM_UPS);
      int before = descriptors();

      run(keepers, runs, WARM_UPS, WARM_UPS + RUNS);

      assertThat(descriptors()).as("open descriptors").isLessThanOrEqualTo(before);
      assertThat(marked()).as("processes of runs").isEmpty();
      assertThat(keepersLeft(keepers)).as("keepers that live, or that nobody has reaped").isEmpty();
      assertThat(
              IntStream.range(0, WARM_UPS + RUNS)
                  .mapToObj(this::nameOf)
                  .filter(run -> GroupFiles.exist(groups, run)))
          .as("control groups")
          .isEmpty();
      try (var left = Files.list(runs)) {
        assertThat(left).as("folders").isEmpty();
      }
    }
  }

  private void run(Keepers keepers, Path runs, int from, int to) throws Exception {
    try (var workers = Executors.newFixedThreadPool(AT_ONCE)) {
      var all = new ArrayList<Callable<Kind>>();
      for (int i = from; i < to; i++) {
        int number = i;
        all.add(
            () -> {
              var run = Files.createDirectory(runs.resolve(nameOf(number)));
              runOne(keepers, run, Kind.of(number));
              keeperPids.add(keeperPid(run));
              keepers.release(run);
              Folders.remove(run);
              return Kind.of(number);
            });
      }
      for (var one : workers.invokeAll(all)) {
        one.get();
      }
    }
  }

  private void runOne(Keepers keepers, Path run, Kind kind) throws Exception {
    var limits = new RunLimits(PATIENCE, PATIENCE, Signal.SIGTERM, false, 1_000);
    if (kind == Kind.CANNOT_START) {
      assertThatThrownBy(() -> keepers.start(run, command("/no/such/program"), limits))
          .isInstanceOf(SpawnFailed.class);
      return;
    }
    var supervised = keepers.start(run, command("/bin/sh", "-c", kind.script), limits);
    if (kind == Kind.IS_STOPPED) {
      supervised.stop("CANCEL", Duration.ofMillis(50));
    }
    var end = supervised.over().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(end.survivors()).isEmpty();
    assertThat(end.ending().isPresent()).isEqualTo(kind == Kind.IS_STOPPED);
  }

  private Command command(String... argv) {
    return new Command(List.of(argv), Map.of("PATH", "/usr/bin:/bin"), folder);
  }

  private String nameOf(int run) {
    return name + "-" + run;
  }

  private static int keeperPid(Path run) throws IOException {
    return Integer.parseInt(KeeperFiles.in(run).keeper().orElseThrow()[0]);
  }

  private static int descriptors() throws IOException {
    try (var all = Files.list(Path.of("/proc/self/fd"))) {
      return (int) all.count();
    }
  }

  /** Live processes with the marker of one of our runs. */
  private List<String> marked() throws IOException {
    var marker = Keepers.MARKER + "=" + name;
    var found = new ArrayList<String>();
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (var process : processes) {
        if (text(process.resolve("environ")).contains(marker)) {
          found.add(text(process.resolve("cmdline")).replace('\0', ' '));
        }
      }
    }
    return found;
  }

  /**
   * Children of this process and of its zygote, live or dead, with the pid of one of our keepers.
   */
  private List<Integer> keepersLeft(Keepers keepers) {
    var parents = new HashSet<String>();
    parents.add(Long.toString(ProcessHandle.current().pid()));
    keepers.zygote().ifPresent(zygote -> parents.add(Integer.toString(zygote.pid())));
    return keeperPids.stream().filter(pid -> parents.contains(parent(pid))).toList();
  }

  private static String parent(int pid) {
    var stat = text(Path.of("/proc", Integer.toString(pid), "stat"));
    var fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", -1);
    return fields.length > 1 ? fields[1] : "";
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // Ended in the meantime.
    }
  }
}
