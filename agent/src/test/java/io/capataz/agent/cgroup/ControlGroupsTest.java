package io.capataz.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which method is chosen on which host. The hosts are folders; ControlGroupTest uses the kernel.
 */
class ControlGroupsTest {

  private static final String NAME = "capataz-test";
  private static final int SELF = (int) ProcessHandle.current().pid();

  @TempDir Path host;

  private final StringBuilder mountinfo = new StringBuilder();
  private final StringBuilder cgroup = new StringBuilder();

  private Path mount(String type, String options, String controller, String ownPath)
      throws IOException {
    var point = Files.createDirectories(host.resolve("mounted-" + type + controller));
    mountinfo
        .append("31 23 0:26 / " + point + " " + options + " shared:9 - " + type + " x rw,")
        .append(controller + "\n");
    cgroup.append("0:" + controller + ":" + ownPath + "\n");
    return Files.createDirectories(Path.of(point + ownPath));
  }

  private Path unified(String ownPath) throws IOException {
    var own = mount("cgroup2", "rw", "", ownPath);
    files(own, "cgroup.procs", "cgroup.controllers", "cgroup.subtree_control");
    files(own.resolve(NAME), "cgroup.kill", "cgroup.procs", "cgroup.subtree_control");
    return own;
  }

  private Path legacy(String controller, String file) throws IOException {
    var own = mount("cgroup", "rw", controller, "/own");
    files(own.resolve(NAME), file, "cgroup.procs");
    return own.resolve(NAME);
  }

  private static void files(Path folder, String... names) throws IOException {
    Files.createDirectories(folder);
    for (var name : names) {
      Files.writeString(folder.resolve(name), "");
    }
  }

  private ControlGroups find() throws IOException {
    var self = Files.createDirectories(host.resolve("proc/self"));
    Files.writeString(self.resolve("mountinfo"), mountinfo);
    Files.writeString(self.resolve("cgroup"), cgroup);
    return ControlGroups.find(host.resolve("proc"), NAME);
  }

  private static String text(Path file) throws IOException {
    return Files.readString(file);
  }

  @Test
  void v2_with_a_group_of_our_own_can_do_everything_once_we_have_moved_into_the_leaf()
      throws IOException {
    var own = unified("/system.slice/agent.service");
    files(own, "cgroup.type");
    Files.writeString(own.resolve("cgroup.controllers"), "cpuset cpu io memory pids\n");
    Files.writeString(own.resolve("cgroup.procs"), SELF + "\n");
    files(own.resolve("agent"), "cgroup.procs");

    var groups = find();

    assertThat(groups.method()).isEqualTo("cgroup-v2");
    assertThat(groups.canLimitMemory()).isTrue();
    assertThat(groups.canLimitProcesses()).isTrue();
    assertThat(groups.why())
        .isEqualTo("Each run has a control group with memory and process limits.");
    assertThat(text(own.resolve("agent/cgroup.procs"))).isEqualTo(Integer.toString(SELF));
    assertThat(text(own.resolve("cgroup.subtree_control"))).isEqualTo("+memory +pids");
    assertThat(text(own.resolve(NAME + "/cgroup.subtree_control"))).isEqualTo("+memory +pids");
  }

  @Test
  void v2_found_again_from_the_leaf() throws IOException {
    var own = unified("/system.slice/capataz.service");
    files(own, "cgroup.type");
    files(own.resolve("agent"), "cgroup.procs");
    for (var folder : Set.of(own, own.resolve(NAME))) {
      Files.writeString(folder.resolve("cgroup.controllers"), "memory pids\n");
      Files.writeString(folder.resolve("cgroup.subtree_control"), "memory pids\n");
    }
    cgroup.setLength(0);
    cgroup.append("0::/system.slice/capataz.service/agent\n");

    var groups = find();

    assertThat(groups.method()).isEqualTo("cgroup-v2");
    assertThat(groups.canLimitMemory()).isTrue();
    assertThat(own.resolve("agent/agent")).doesNotExist();
    assertThat(own.resolve("agent/" + NAME)).doesNotExist();
  }

  @Test
  void v2_that_others_share_can_kill_but_not_limit() throws IOException {
    var own = unified("/user.slice/session-3.scope");
    files(own, "cgroup.type");
    Files.writeString(own.resolve("cgroup.controllers"), "memory pids\n");
    Files.writeString(own.resolve("cgroup.procs"), SELF + "\n" + (SELF + 1) + "\n");

    var groups = find();

    assertThat(groups.method()).isEqualTo("cgroup-v2");
    assertThat(groups.canLimitMemory()).isFalse();
    assertThat(groups.canLimitProcesses()).isFalse();
    assertThat(groups.why())
        .startsWith("Limits are not available in " + own + ", because the agent shares it");
    assertThat(own.resolve("agent")).doesNotExist();
    assertThatThrownBy(() -> groups.make("r", OptionalLong.of(1), OptionalInt.empty()))
        .isInstanceOf(IOException.class)
        .hasMessage("Memory limits are not available on this host. " + groups.why());
  }

  @Test
  void v2_that_is_given_one_controller_has_one_limit() throws IOException {
    var own = unified("/");
    Files.writeString(own.resolve("cgroup.controllers"), "cpu pids\n");
    Files.writeString(own.resolve("cgroup.procs"), "1\n" + SELF + "\n");

    var groups = find();

    assertThat(groups.canLimitMemory()).isFalse();
    assertThat(groups.canLimitProcesses()).as("the root may hold both").isTrue();
    assertThat(groups.why()).isEqualTo(own + " lacks cgroup controllers: memory.");
  }

  @Test
  void a_hybrid_host_kills_by_v2_and_limits_by_v1() throws IOException {
    var own = unified("/");
    Files.writeString(own.resolve("cgroup.controllers"), "hugetlb\n");
    var memory = legacy("memory", "memory.limit_in_bytes");
    var pids = legacy("pids", "pids.max");

    var groups = find();

    assertThat(groups.method()).isEqualTo("cgroup-v2");
    assertThat(groups.canLimitMemory()).isTrue();
    assertThat(groups.canLimitProcesses()).isTrue();
    Files.createDirectories(own.resolve(NAME + "/r"));
    Files.createDirectories(memory.resolve("r"));
    Files.createDirectories(pids.resolve("r"));
    assertThat(groups.existing("r").orElseThrow().folders())
        .containsExactly(own.resolve(NAME + "/r"), memory.resolve("r"), pids.resolve("r"));
    assertThat(groups.existing("other")).isEmpty();
  }

  @Test
  void v1_alone_kills_by_the_freezer_or_else_by_the_pids() throws IOException {
    var pids = legacy("pids", "pids.max");
    var byPids = find();

    assertThat(byPids.method()).isEqualTo("cgroup-v1");
    assertThat(byPids.canLimitMemory()).isFalse();
    assertThat(byPids.why())
        .isEqualTo(
            "cgroup v2 is not mounted. cgroup v1 is not mounted for the controller memory."
                + " cgroup v1 is not mounted for the controller freezer.");
    Files.createDirectories(pids.resolve("r"));
    assertThat(byPids.existing("r").orElseThrow().folders()).containsExactly(pids.resolve("r"));

    var freezer = legacy("freezer", "freezer.state");
    Files.createDirectories(freezer.resolve("r"));
    assertThat(find().existing("r").orElseThrow().killFolder()).isEqualTo(freezer.resolve("r"));
  }

  @Test
  void memory_alone_is_no_way_to_kill() throws IOException {
    var memory = legacy("memory", "memory.limit_in_bytes");

    var groups = find();

    assertThat(groups.method()).isEqualTo("none");
    assertThat(groups.canLimitMemory()).isFalse();
    assertThat(memory).exists();
  }

  @Test
  void read_only_as_in_most_containers() throws IOException {
    var own = mount("cgroup2", "ro,nosuid", "", "/");

    var groups = find();

    assertThat(groups.method()).isEqualTo("none");
    assertThat(groups.isUsable()).isFalse();
    assertThat(groups.why()).isEqualTo(own + " is mounted read-only.");
    assertThat(own.resolve(NAME)).doesNotExist();
    assertThat(groups.existing("r")).isEmpty();
    assertThatThrownBy(() -> groups.make("r", OptionalLong.empty(), OptionalInt.empty()))
        .hasMessage("Control groups are not available on this host. " + groups.why());
    groups.removeLeftovers(_ -> false);
    groups.close();
  }

  @Test
  void a_kernel_without_the_stroke_falls_back_and_leaves_no_folder() throws IOException {
    var own = mount("cgroup2", "rw", "", "/");
    files(own, "cgroup.procs");
    legacy("freezer", "freezer.state");

    var groups = find();

    assertThat(groups.method()).isEqualTo("cgroup-v1");
    assertThat(groups.why()).contains("lack cgroup.kill (requires Linux 5.14 or newer).");
    assertThat(own.resolve(NAME)).doesNotExist();
  }

  @Test
  void a_group_that_has_vanished_is_said_so() throws IOException {
    Files.delete(mount("cgroup2", "rw", "", "/gone"));

    assertThat(find().why()).endsWith("/gone/cgroup.procs is not writable.");
  }

  @Test
  void nothing_at_all() throws IOException {
    assertThat(find().why()).isEqualTo("No control groups are mounted on this host.");
    assertThat(ControlGroups.find(host.resolve("nowhere"), NAME).why())
        .startsWith("Cannot read the control groups of this host: ")
        .endsWith("does not exist.");
  }

  @Test
  void names_are_no_paths() throws IOException {
    legacy("pids", "pids.max");
    var groups = find();
    for (var name : new String[] {"", ".", "..", "a/b", "../x", "a b", ".hidden", "a\n"}) {
      assertThatThrownBy(() -> groups.make(name, OptionalLong.empty(), OptionalInt.empty()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> groups.existing(name)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> ControlGroups.find(host, name))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void a_run_has_one_group() throws IOException {
    var pids = legacy("pids", "pids.max");
    Files.createDirectories(pids.resolve("r"));

    assertThatThrownBy(() -> find().make("r", OptionalLong.empty(), OptionalInt.empty()))
        .isInstanceOf(IOException.class);
    assertThat(pids.resolve("r")).as("somebody else's").exists();
  }

  @Test
  void what_cannot_be_limited_is_not_left_behind() throws IOException {
    legacy("freezer", "freezer.state");
    var pids = legacy("pids", "pids.max");

    // A folder on disk does not get a pids.max by itself.
    assertThatThrownBy(() -> find().make("r", OptionalLong.empty(), OptionalInt.of(5)))
        .isInstanceOf(IOException.class);
    assertThat(pids.resolve("r")).doesNotExist();
    assertThat(find().existing("r")).isEmpty();
  }

  @Test
  void limits_are_written_as_each_version_wants_them() throws IOException {
    var v2 = host.resolve("v2");
    files(v2, "memory.max", "memory.swap.max", "memory.oom.group", "pids.max");
    ControlGroup.limitMemory(v2, 1 << 20);
    ControlGroup.limitProcesses(v2, 7);
    assertThat(text(v2.resolve("memory.max"))).isEqualTo("1048576");
    assertThat(text(v2.resolve("memory.swap.max"))).isEqualTo("0");
    assertThat(text(v2.resolve("memory.oom.group"))).isEqualTo("1");
    assertThat(text(v2.resolve("pids.max"))).isEqualTo("7");

    var v1 = host.resolve("v1");
    files(v1, "memory.limit_in_bytes");
    ControlGroup.limitMemory(v1, 1 << 20);
    assertThat(text(v1.resolve("memory.limit_in_bytes"))).isEqualTo("1048576");
    assertThat(v1.resolve("memory.memsw.limit_in_bytes")).as("not every kernel").doesNotExist();
  }

  @Test
  void lack_of_memory_is_read_as_each_version_tells_it() throws IOException {
    var folder = Files.createDirectories(host.resolve("group/inner"));
    var group = new ControlGroup(List.of(host.resolve("group")));
    assertThat(group.wasOutOfMemory()).isFalse();

    var v2 = folder.resolve("memory.events");
    Files.writeString(v2, "low 0\nmax 31\noom 2\noom_kill 0\noom_group_kill 0\n");
    assertThat(group.wasOutOfMemory()).isFalse();
    Files.writeString(v2, "low 0\nmax 31\noom 2\noom_kill 3\noom_group_kill 1\n");
    assertThat(group.wasOutOfMemory()).isTrue();
    Files.delete(v2);

    var v1 = folder.resolve("memory.oom_control");
    Files.writeString(v1, "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
    assertThat(group.wasOutOfMemory()).isFalse();
    Files.writeString(v1, "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
    assertThat(group.wasOutOfMemory()).isTrue();
  }

  @Test
  void neither_we_nor_what_another_namespace_hides_is_a_member() throws IOException {
    var folder = host.resolve("group");
    files(folder, "cgroup.procs");
    Files.writeString(folder.resolve("cgroup.procs"), "0\n0\n" + SELF + "\n");

    assertThat(new ControlGroup(List.of(folder)).members()).isEmpty();
  }

  @Test
  void a_list_that_cannot_be_read_proves_nothing() throws IOException {
    var folder = Files.createDirectories(host.resolve("group"));

    assertThatThrownBy(() -> new ControlGroup(List.of(folder)).members())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("so the end of the run cannot be verified.");
    assertThat(new ControlGroup(List.of(host.resolve("gone"))).members()).isEmpty();
  }
}
