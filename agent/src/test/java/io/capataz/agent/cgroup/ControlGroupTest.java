package io.capataz.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.testing.Missing;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real processes in real control groups, as far as this host allows. */
class ControlGroupTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final OptionalLong NO_MEMORY_LIMIT = OptionalLong.empty();
  private static final OptionalInt NO_PROCESS_LIMIT = OptionalInt.empty();

  /** Simulated hosts with fewer hierarchies than this one. */
  enum Seen {
    ALL("cgroup-v2", "nothing"),
    FREEZER("cgroup-v1", " - cgroup2 "),
    PIDS("cgroup-v1", " - cgroup2 |freezer");

    private final String method;
    private final String hidden;

    Seen(String method, String hidden) {
      this.method = method;
      this.hidden = hidden;
    }
  }

  @TempDir Path folder;

  private final String name = "capataz-test-" + UUID.randomUUID();
  private final List<ControlGroup> made = new ArrayList<>();
  private final List<Process> started = new ArrayList<>();
  private Optional<ControlGroups> found = Optional.empty();

  @AfterEach
  void leaveNothingBehind() {
    started.forEach(Process::destroyForcibly);
    made.forEach(ControlGroup::kill);
    for (var group : made) {
      await().atMost(PATIENCE).until(group::remove);
    }
    found.ifPresent(ControlGroups::close);
  }

  private ControlGroups groups() throws IOException {
    return groups(Seen.ALL);
  }

  private ControlGroups groups(Seen seen) throws IOException {
    var self = Files.createDirectories(folder.resolve("proc/self"));
    var mounts = Files.readString(Path.of("/proc/self/mountinfo"));
    var shown =
        mounts
            .lines()
            .filter(line -> Set.of(seen.hidden.split("\\|", -1)).stream().noneMatch(line::contains))
            .toList();
    Files.write(self.resolve("mountinfo"), shown);
    Files.writeString(self.resolve("cgroup"), Files.readString(Path.of("/proc/self/cgroup")));
    var groups = ControlGroups.find(folder.resolve("proc"), name);
    found = Optional.of(groups);
    Missing.unless(
        groups.method().equals(seen.method),
        seen + " cannot be tried on this host, so nothing is proven. " + groups.why());
    return groups;
  }

  private ControlGroup group(ControlGroups groups) throws IOException {
    return group(groups, "run", NO_MEMORY_LIMIT, NO_PROCESS_LIMIT);
  }

  private ControlGroup group(
      ControlGroups groups, String run, OptionalLong memoryBytes, OptionalInt processLimit)
      throws IOException {
    var group = groups.make(run, memoryBytes, processLimit);
    made.add(group);
    return group;
  }

  /** Starts a script in the group; its arguments are the group's process lists. */
  private Process start(ControlGroup group, String script) throws IOException {
    var argv = new ArrayList<String>();
    var join = "for list; do echo 0 > \"$list\" || exit 99; done; ";
    argv.addAll(List.of("/bin/sh", "-c", join + script, "sh"));
    group.joinFiles().forEach(list -> argv.add(list.toString()));
    var builder = new ProcessBuilder(argv);
    builder.environment().put("LC_ALL", "C");
    builder.redirectErrorStream(true).redirectOutput(printed());
    var process = builder.start();
    started.add(process);
    return process;
  }

  private File printed() {
    return folder.resolve("printed").toFile();
  }

  private static void awaitMembers(ControlGroup group, int least) {
    await().atMost(PATIENCE).until(() -> group.members().size() >= least);
  }

  private static void awaitEnd(ControlGroup group) {
    await().atMost(PATIENCE).until(() -> group.members().isEmpty());
  }

  private static boolean lives(int pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  @ParameterizedTest
  @EnumSource(Seen.class)
  void whoever_forks_leaves_the_session_and_ignores_signals_is_killed(Seen seen) throws Exception {
    var group = group(groups(seen));
    var process =
        start(
            group,
            "trap '' TERM HUP; sleep 1001 &"
                + " setsid sh -c 'trap \"\" TERM; sleep 1002 & (sleep 1003 &) ; sleep 1004' &"
                + " (setsid sh -c 'sleep 1005 & exec env -i sleep 1006' &) ; wait");
    awaitMembers(group, 7);
    var members = group.members();
    assertThat(members).contains((int) process.pid());
    assertThat(group.remove()).as("somebody lives there").isFalse();
    assertThat(group.killFolder()).exists();

    group.kill();

    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(128 + 9);
    awaitEnd(group);
    await().atMost(PATIENCE).until(() -> members.stream().noneMatch(ControlGroupTest::isSleep));
    await().atMost(PATIENCE).until(group::remove);
    assertThat(group.folders()).noneMatch(Files::exists);
    assertThat(group.members()).isEmpty();
    assertThat(group.remove()).as("free to repeat").isTrue();
    group.kill();
  }

  /** Whether this process is alive; its pid alone may have been reused. */
  private static boolean isSleep(int pid) {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .flatMap(process -> process.info().arguments())
        .filter(arguments -> arguments.length == 1 && arguments[0].matches("100[1-6]"))
        .isPresent();
  }

  @ParameterizedTest
  @EnumSource(Seen.class)
  void who_forks_faster_than_one_can_look_is_killed(Seen seen) throws Exception {
    var group = group(groups(seen));
    var hydra = folder.resolve("hydra");
    // Each process starts the next one and exits, so no pid is valid for long.
    Files.writeString(hydra, "setsid /bin/sh " + hydra + " </dev/null >/dev/null 2>&1 &\n");
    var process = start(group, "for i in 1 2 3 4 5 6; do /bin/sh " + hydra + "; done");
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    var seenIds = new HashSet<Integer>();
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              seenIds.addAll(group.members());
              return seenIds.size() > 5;
            });

    group.kill();

    awaitEnd(group);
    await().atMost(PATIENCE).until(group::remove);
  }

  @ParameterizedTest
  @EnumSource(Seen.class)
  void groups_within_the_group_end_with_it(Seen seen) throws Exception {
    var group = group(groups(seen));
    var outer = start(group, "exec sleep 1007");
    var inner = start(group, "exec sleep 1008");
    awaitMembers(group, 2);
    var deep = Files.createDirectories(group.killFolder().resolve("a/b"));
    ControlGroup.write(deep.resolve("cgroup.procs"), Long.toString(inner.pid()));
    assertThat(group.members()).containsExactlyInAnyOrder((int) outer.pid(), (int) inner.pid());
    // A frozen process stands for one that does not react to signals.
    var freezer = deep.resolve("freezer.state");
    if (Files.exists(freezer)) {
      ControlGroup.write(freezer, "FROZEN");
    } else if (Files.exists(deep.resolve("cgroup.freeze"))) {
      ControlGroup.write(deep.resolve("cgroup.freeze"), "1");
    }

    group.kill();

    awaitEnd(group);
    assertThat(inner.waitFor(20, TimeUnit.SECONDS)).isTrue();
    await().atMost(PATIENCE).until(group::remove);
  }

  @Test
  void a_group_of_threads_does_not_hide_its_process() throws Exception {
    var group = group(groups());
    var process = start(group, "exec sleep 1009");
    awaitMembers(group, 1);
    var threads = Files.createDirectory(group.killFolder().resolve("threads"));
    ControlGroup.write(threads.resolve("cgroup.type"), "threaded");
    ControlGroup.write(threads.resolve("cgroup.threads"), Long.toString(process.pid()));

    assertThat(group.members()).containsExactly((int) process.pid());
    group.kill();
    awaitEnd(group);
  }

  @Test
  void who_leaves_one_folder_only_is_still_caught_by_the_other() throws Exception {
    var groups = groups();
    Missing.unless(groups.canLimitProcesses(), groups.why());
    ControlGroup group = group(groups, "run", NO_MEMORY_LIMIT, OptionalInt.of(50));
    Missing.unless(group.folders().size() > 1, "this host has one folder for everything");
    var above = group.killFolder().resolve("../../cgroup.procs");
    var stray = start(group, "echo 0 > " + above + "; exec sleep 1010");
    await().atMost(PATIENCE).until(() -> stray.info().command().orElse("").endsWith("sleep"));
    assertThat(group.members()).containsExactly((int) stray.pid());

    group.kill();

    assertThat(stray.waitFor(20, TimeUnit.SECONDS)).isTrue();
    awaitEnd(group);
  }

  @Test
  void a_fork_bomb_meets_its_limit() throws Exception {
    var groups = groups();
    Missing.unless(groups.canLimitProcesses(), groups.why());
    ControlGroup group = group(groups, "run", NO_MEMORY_LIMIT, OptionalInt.of(20));

    var bomb = start(group, "while :; do sleep 1011 & done");

    await()
        .atMost(PATIENCE)
        .until(() -> Files.readString(printed().toPath()).matches("(?is).*fork.*"));
    assertThat(group.members()).hasSizeBetween(18, 20);
    group.kill();
    assertThat(bomb.waitFor(20, TimeUnit.SECONDS)).isTrue();
    awaitEnd(group);
  }

  @Test
  void a_memory_hog_is_killed_and_the_reason_is_known() throws Exception {
    var groups = groups();
    Missing.unless(groups.canLimitMemory(), groups.why());
    var group = group(groups, "run", OptionalLong.of(32 << 20), NO_PROCESS_LIMIT);
    assertThat(group.wasOutOfMemory()).isFalse();

    // Protects this host if the limit does not work.
    var hog = start(group, "ulimit -v 1000000; exec tail /dev/zero");

    assertThat(hog.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(hog.exitValue()).as(Files.readString(printed().toPath())).isEqualTo(128 + 9);
    assertThat(group.wasOutOfMemory()).isTrue();
  }

  @Test
  void who_is_killed_by_us_was_not_out_of_memory() throws Exception {
    var groups = groups();
    Missing.unless(groups.canLimitMemory(), groups.why());
    ControlGroup group = group(groups, "run", OptionalLong.of(32 << 20), OptionalInt.of(5));
    start(group, "exec sleep 1012");
    awaitMembers(group, 1);

    group.kill();

    awaitEnd(group);
    assertThat(group.wasOutOfMemory()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(Seen.class)
  void after_a_restart_the_wanted_are_found_and_the_others_removed(Seen seen) throws Exception {
    var before = groups(seen);
    OptionalInt limit = before.canLimitProcesses() ? OptionalInt.of(10) : NO_PROCESS_LIMIT;
    var wanted = group(before, "wanted", NO_MEMORY_LIMIT, limit);
    var unknown = group(before, "unknown", NO_MEMORY_LIMIT, limit);
    var empty = group(before, "empty", NO_MEMORY_LIMIT, NO_PROCESS_LIMIT);
    var goesOn = start(wanted, "exec sleep 1013");
    var ends = start(unknown, "exec sleep 1014");
    awaitMembers(wanted, 1);
    awaitMembers(unknown, 1);

    var after = groups(seen);
    after.removeLeftovers("wanted"::equals);

    assertThat(ends.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(unknown.folders()).noneMatch(Files::exists);
    assertThat(empty.folders()).noneMatch(Files::exists);
    assertThat(after.existing("unknown")).isEmpty();
    assertThat(goesOn.isAlive()).isTrue();
    var again = after.existing("wanted").orElseThrow();
    assertThat(again).isEqualTo(wanted);
    assertThat(again.members()).containsExactly((int) goesOn.pid());
    after.close();
    assertThat(wanted.killFolder()).as("closing is no killing").exists();
    assertThat(lives((int) goesOn.pid())).isTrue();
  }

  @Test
  void closing_removes_the_folders_of_an_idle_agent() throws Exception {
    var groups = groups();
    var group = group(groups);
    var ours = group.killFolder().resolveSibling("").toAbsolutePath();
    assertThat(ours).isDirectory().hasFileName(name);
    assertThat(group.remove()).isTrue();

    groups.close();

    assertThat(ours).doesNotExist();
  }

  /**
   * The kernel's rules for delegating controllers. If the root group delegates none to groups
   * created by root, {@code echo +hugetlb > …/cgroup.subtree_control} there enables this test.
   */
  @Test
  void controllers_are_handed_down_when_the_only_process_has_moved_into_the_leaf()
      throws Exception {
    var group = group(groups());
    var parent = group.killFolder();
    var ours = parent.resolveSibling("");
    var controllers =
        Set.of(Files.readString(ours.resolve("cgroup.controllers")).strip().split(" ", -1));
    Missing.unless(
        !controllers.contains(""),
        "no controller of cgroup v2 is handed down here, so the kernel's rules for that are not"
            + " tried");
    assertThat(ControlGroupDetection.delegateControllers(ours, controllers, 0))
        .as("nobody lives there")
        .isEmpty();
    var agent = start(group, "exec sleep 1015");
    var other = start(group, "exec sleep 1016");
    awaitMembers(group, 2);

    int self = (int) agent.pid();
    assertThat(ControlGroupDetection.delegateControllers(parent, controllers, self).orElseThrow())
        .startsWith("Other processes share " + parent);
    other.destroyForcibly().waitFor();
    await().atMost(PATIENCE).until(() -> group.members().size() == 1);
    assertThat(ControlGroupDetection.delegateControllers(parent, controllers, self)).isEmpty();

    assertThat(ControlGroup.listed(parent)).isEmpty();
    assertThat(ControlGroup.listed(parent.resolve("agent"))).containsExactly(self);
    var run = Files.createDirectory(parent.resolve("run"));
    assertThat(Files.readString(run.resolve("cgroup.controllers")).strip().split(" ", -1))
        .containsExactlyInAnyOrderElementsOf(controllers);
    ControlGroup.write(run.resolve("cgroup.procs"), Integer.toString(self));
    assertThat(ControlGroupDetection.delegateControllers(parent, controllers, self))
        .as("is done")
        .isEmpty();
  }
}
