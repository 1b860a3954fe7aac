package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the launcher says when it is asked for nothing, for too much, or for what is taken. */
class LauncherIT {

  private static final int CONSOLE_BROKER_AND_CONTROLLER = 3;

  @TempDir Path folder;

  @Test
  void works_from_any_folder_and_through_a_symlink_of_a_symlink() throws Exception {
    Files.createSymbolicLink(folder.resolve("first"), Launched.LAUNCHER);
    Path link = Files.createSymbolicLink(folder.resolve("second"), Path.of("first"));

    try (Launched version = Launched.run(link, folder, "--version")) {
      assertThat(version.exitCode()).isZero();
      assertThat(version.output()).matches("capataz \\d\\S+( \\(\\w+\\))?");
    }
    try (Launched help = Launched.run(link, folder, "standalone", "--help")) {
      assertThat(help.exitCode()).as(help.output()).isZero();
      assertThat(help.output()).startsWith("Usage: ./capataz standalone");
    }
  }

  /** A release has no sources, one jar, and a Java of its own. */
  @Test
  void runs_what_a_release_holds_with_the_java_that_it_brings() throws Exception {
    Path launcher = Files.copy(Launched.LAUNCHER, folder.resolve("capataz"));
    Path java = Files.createDirectories(folder.resolve("runtime/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho \"$0 $*\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Path jar = Files.createDirectories(folder.resolve("agent/target")).resolve("capataz-agent.jar");
    Files.writeString(jar, "");
    Files.writeString(folder.resolve("version"), "1.2.3\n");

    try (Launched agent = Launched.run(launcher, folder, "agent", "--slots", "3")) {
      assertThat(agent.exitCode()).isZero();
      assertThat(agent.output()).startsWith(java.toString()).endsWith("-jar " + jar + " --slots 3");
    }
    Path all = Files.createDirectories(folder.resolve("standalone/target"));
    Files.writeString(all.resolve("capataz-standalone.jar"), "");
    try (Launched backup = Launched.run(launcher, folder, "backup", "file", "--data", "dir")) {
      assertThat(backup.exitCode()).isZero();
      assertThat(backup.output())
          .endsWith("io.capataz.standalone.backup.BackupCommand backup file --data dir");
    }
    try (Launched version = Launched.run(launcher, folder, "--version")) {
      assertThat(version.exitCode()).isZero();
      assertThat(version.output()).isEqualTo("capataz 1.2.3");
    }
    try (Launched supervisor = Launched.run(launcher, folder, "supervisor")) {
      assertThat(supervisor.exitCode()).isEqualTo(1);
      assertThat(supervisor.output()).contains("Unpack the release again.");
    }
  }

  @Test
  void refuses_a_command_that_it_does_not_know() throws Exception {
    try (Launched unknown = Launched.run("dmeo")) {
      assertThat(unknown.exitCode()).isEqualTo(2);
      assertThat(unknown.output()).isEqualTo("Unknown command: 'dmeo'. See './capataz --help'.");
    }
  }

  @Test
  void refuses_a_taken_port_with_a_sentence() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Launched refused =
            Launched.run(
                "standalone",
                "--data",
                folder.toString(),
                "--port",
                Integer.toString(taken.getLocalPort()))) {
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.output())
          .startsWith(
              "Port %d of 127.0.0.1 is taken by another process.".formatted(taken.getLocalPort()))
          .hasLineCount(1);
    }
  }

  @Test
  void refuses_a_second_start_on_one_folder_with_a_sentence() throws Exception {
    try (Standalone first = Standalone.start(folder, "--no-agent");
        Launched second = Launched.run("standalone", "--data", folder.toString(), "--port", "0")) {
      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.output())
          .startsWith("The data folder %s is in use by another Capataz (process ".formatted(folder))
          .hasLineCount(1);
      assertThat(first.process().output()).doesNotContain("Exception");
    }
  }

  @Test
  void opens_a_port_of_the_store_only_if_it_is_asked_for() throws Exception {
    try (Standalone usual = Standalone.start(folder, "--no-agent")) {
      assertThat(usual.process().output()).contains("store        in this process (embedded");
      assertThat(usual.ports()).hasSize(CONSOLE_BROKER_AND_CONTROLLER);
    }
    try (Standalone open = Standalone.start(folder, "--no-agent", "--store-port", "0")) {
      MatchResult store =
          open.process()
              .line(
                  Pattern.compile(
                      "store +127\\.0\\.0\\.1:(\\d+) as user capataz, password in (\\S+)"
                          + " \\(embedded"));
      assertThat(open.ports())
          .hasSize(CONSOLE_BROKER_AND_CONTROLLER + 1)
          .contains(Integer.parseInt(store.group(1)));
      assertThat(Files.getPosixFilePermissions(Path.of(store.group(2))))
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
  }
}
