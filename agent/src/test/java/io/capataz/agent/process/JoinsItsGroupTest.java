package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.agent.cgroup.Confinement;
import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.process.Keepers.Form;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a script gets into its control group: created in it, or else by writing itself into it. */
class JoinsItsGroupTest {

  private static final RunLimits LIMITS =
      new RunLimits(Duration.ofMinutes(1), Duration.ofSeconds(5), Signal.SIGTERM, false, 1 << 20);

  @TempDir Path folder;

  private final String name = "capataz-joins-" + UUID.randomUUID();
  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private ControlGroups groups = ControlGroups.find(Path.of("/no/proc"), "none");

  @BeforeEach
  void layOut() throws IOException {
    TriedKeepers.mustBeThere(Form.NATIVE);
    groups = ControlGroups.find(Path.of("/proc"), name);
    Keepers.in(folder.resolve("bin"), Optional.of(Form.NATIVE), groups, waiters);
  }

  @AfterEach
  void letGo() {
    waiters.shutdownNow();
    groups.removeLeftovers(_ -> false);
    groups.close();
  }

  @Test
  void is_created_in_its_group() throws Exception {
    Missing.unless(groups.method().equals("cgroup-v2"), groups.why());
    var group = groups.confine("run", OptionalLong.empty(), OptionalInt.empty()).killFolder();

    assertThat(groupsOf(new Confinement(List.of(), group, Optional.of("cgroup-v2"))))
        .as("without a file to write itself into")
        .anyMatch(line -> line.startsWith("0::") && line.endsWith("/" + name + "/run"));
  }

  /** As on a kernel that cannot create a process in a group, or where that is forbidden. */
  @Test
  void writes_itself_into_its_group_where_it_cannot_be_created_in_it() throws Exception {
    var noGroup = Files.createDirectory(folder.resolve("no-group"));
    var files = List.of(noGroup.resolve("cgroup.procs"), folder.resolve("tasks"));
    for (var file : files) {
      Files.createFile(file);
    }

    groupsOf(new Confinement(files, Optional.of(noGroup), Optional.of("cgroup-v2")));

    assertThat(files).allSatisfy(file -> assertThat(file).hasContent("0"));
  }

  @Test
  void is_in_the_groups_of_its_limits_too() throws Exception {
    Missing.unless(groups.canLimitMemory() && groups.canLimitProcesses(), groups.why());
    var confinement = groups.confine("run", OptionalLong.of(1 << 30), OptionalInt.of(100));

    assertThat(groupsOf(confinement).stream().filter(line -> line.endsWith("/" + name + "/run")))
        .hasSize(confinement.join().size());
  }

  /** The lines of {@code /proc/self/cgroup} of a script. */
  private List<String> groupsOf(Confinement confinement) throws Exception {
    var seen = folder.resolve("seen");
    var script = "cat /proc/self/cgroup >" + seen;
    Command command =
        new Command(
            List.of("/bin/sh", "-c", script), Map.of("PATH", "/usr/bin:/bin"), Path.of("/"));
    var run = Files.createDirectory(folder.resolve("run"));
    var order = folder.resolve("order");
    Files.write(order, KeeperOrder.forProgram("run", command, LIMITS, confinement));
    String keeper;
    try (var programs = Files.list(folder.resolve("bin"))) {
      keeper = programs.findFirst().orElseThrow().toString();
    }
    var process =
        new ProcessBuilder(keeper, run.toString())
            .redirectInput(order.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return Files.readAllLines(seen);
  }
}
