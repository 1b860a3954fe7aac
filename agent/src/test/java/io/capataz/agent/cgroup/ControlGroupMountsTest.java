package io.capataz.agent.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.agent.cgroup.ControlGroupMounts.Hierarchy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Literal outputs of kernels, container engines and systemd. */
class ControlGroupMountsTest {

  private static final String ROOT = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard\n";

  @TempDir Path proc;

  private ControlGroupMounts mounts(String mountinfo, String cgroup) throws IOException {
    var self = Files.createDirectories(proc.resolve("self"));
    Files.writeString(self.resolve("mountinfo"), mountinfo);
    Files.writeString(self.resolve("cgroup"), cgroup);
    return ControlGroupMounts.read(proc);
  }

  @Test
  void a_host_with_v2_alone() throws IOException {
    var mounts =
        mounts(
            ROOT
                + "31 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2"
                + " cgroup2 rw,nsdelegate,memory_recursiveprot\n",
            "0::/system.slice/capataz-agent.service\n");

    assertThat(mounts.unified())
        .contains(
            new Hierarchy(
                Path.of("/sys/fs/cgroup"),
                Path.of("/sys/fs/cgroup/system.slice/capataz-agent.service"),
                false));
    assertThat(mounts.of("memory")).isEmpty();
    assertThat(mounts.isHybrid()).isFalse();
  }

  @Test
  void a_hybrid_host() throws IOException {
    var mounts =
        mounts(
            ROOT
                + "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
                + "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                + "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
                + "40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
                + "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
            "9:name=systemd:/\n4:memory:/a/b:c\n1:cpu,cpuacct:/x\n0::/\n");

    assertThat(mounts.unified().orElseThrow().own()).isEqualTo(Path.of("/sys/fs/cgroup/unified"));
    assertThat(mounts.of("memory").orElseThrow().own())
        .isEqualTo(Path.of("/sys/fs/cgroup/memory/a/b:c"));
    assertThat(mounts.of("cpuacct").orElseThrow().own())
        .isEqualTo(Path.of("/sys/fs/cgroup/cpu,cpuacct/x"));
    assertThat(mounts.of("pids")).isEmpty();
    assertThat(mounts.isHybrid()).isTrue();
  }

  @Test
  void a_container_with_a_namespace_sees_its_group_as_the_root() throws IOException {
    var mounts =
        mounts(
            "700 690 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw\n",
            "0::/\n");

    var unified = mounts.unified().orElseThrow();
    assertThat(unified.own()).isEqualTo(Path.of("/sys/fs/cgroup"));
    assertThat(unified.problem()).contains("/sys/fs/cgroup is mounted read-only.");
  }

  @Test
  void a_container_without_a_namespace_keeps_the_names_of_the_host() throws IOException {
    var mounts =
        mounts(
            """
            700 690 0:30 /docker/abc /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids
            701 690 0:31 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
            """,
            "5:pids:/docker/abc\n4:memory:/docker/abc/inner\n");

    assertThat(mounts.of("pids").orElseThrow().own()).isEqualTo(Path.of("/sys/fs/cgroup/pids"));
    assertThat(mounts.of("memory").orElseThrow().own())
        .isEqualTo(Path.of("/sys/fs/cgroup/memory/inner"));
  }

  @Test
  void a_group_that_is_not_shown_is_not_guessed() throws IOException {
    for (var pair :
        new String[][] {
          {"/", "/../elsewhere"}, {"/docker/abc", "/docker/abcd"}, {"/../..", "/"}, {"/a", "/"}
        }) {
      var unified =
          mounts(
                  "700 690 0:26 " + pair[0] + " /sys/fs/cgroup rw - cgroup2 cgroup rw\n",
                  "0::" + pair[1] + "\n")
              .unified()
              .orElseThrow();
      assertThat(unified.own()).as("%s in %s", pair[1], pair[0]).isNull();
      assertThat(unified.problem().orElseThrow()).contains("not visible under /sys/fs/cgroup");
    }
  }

  @Test
  void read_only_may_be_the_mount_or_the_file_system() throws IOException {
    assertThat(mounts("1 0 0:2 / /c rw - cgroup2 c ro,x\n", "0::/\n").unified().orElseThrow())
        .matches(Hierarchy::readOnly);
    assertThat(mounts("1 0 0:2 / /c rw,rox - cgroup2 c rw\n", "0::/\n").unified().orElseThrow())
        .matches(unified -> !unified.readOnly());
  }

  @Test
  void of_several_mounts_the_last_that_can_be_used_counts() throws IOException {
    var mounts =
        mounts(
            """
            1 0 0:2 / /first rw - cgroup2 c rw
            2 0 0:2 / /second rw - cgroup2 c rw
            3 0 0:2 / /third ro - cgroup2 c rw
            """,
            "0::/\n");

    assertThat(mounts.unified().orElseThrow().mount()).isEqualTo(Path.of("/second"));
  }

  @Test
  void spaces_are_escaped() throws IOException {
    assertThat(
            mounts("1 0 0:2 /a\\040b /my\\040\\134groups rw - cgroup2 c rw\n", "0::/a b/c\n")
                .unified()
                .orElseThrow()
                .own())
        .isEqualTo(Path.of("/my \\groups/c"));
  }

  @Test
  void nothing_is_mounted() throws IOException {
    var mounts = mounts(ROOT + "\nnonsense - cgroup2\n", "");

    assertThat(mounts.isEmpty()).isTrue();
    assertThat(mounts.unified()).isEmpty();
  }
}
