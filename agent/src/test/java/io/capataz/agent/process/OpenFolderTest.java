package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.testing.Missing;
import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Folders that a script changes while the agent works in them. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OpenFolderTest {

  private static final int ROUNDS = Repetitions.of("agent.swapped.links");
  private static final Duration LONG = Duration.ofMinutes(1);

  @TempDir Path folder;

  private Path run;
  private Path outside;
  private Path kept;

  /** Changes files until it is interrupted. */
  @FunctionalInterface
  private interface Attack {
    void once() throws IOException;
  }

  @BeforeEach
  void aRunAndWhatIsNotIts() throws IOException {
    run = Files.createDirectory(folder.resolve("run"));
    outside = Files.createDirectory(folder.resolve("outside"));
    kept = Files.writeString(outside.resolve("kept"), "not the script's");
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("r-xr-x---"));
  }

  @AfterEach
  void letItBeRemoved() throws IOException {
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwx------"));
  }

  private static Thread start(Attack attack) {
    return Thread.ofPlatform()
        .start(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                try {
                  attack.once();
                } catch (IOException e) {
                  // What it wanted to change is gone for the moment, or for ever.
                }
              }
            });
  }

  private void assertOutsideIsUntouched() throws IOException {
    assertThat(kept).hasContent("not the script's");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(outside)))
        .isEqualTo("r-xr-x---");
  }

  @Test
  void a_link_that_takes_the_place_of_a_folder_during_the_removal_is_not_followed()
      throws Exception {
    var inner = run.resolve("work/a");
    var away = run.resolve("work/away");
    for (int round = 0; round < ROUNDS; round++) {
      Files.createDirectories(inner);
      for (int i = 0; i < 5; i++) {
        Files.createFile(Files.createDirectories(inner.resolve("kept" + i)).resolve("kept"));
      }
      var attacker =
          start(
              () -> {
                Files.move(inner, away);
                Files.createSymbolicLink(inner, outside);
                Files.delete(inner);
                Files.move(away, inner);
              });
      try {
        var _ = OpenFolder.remove(run, LONG);
      } catch (IOException e) {
        // It was moved meanwhile: the next try goes on.
      } finally {
        attacker.interrupt();
        attacker.join();
      }
      assertOutsideIsUntouched();
      assertThat(OpenFolder.remove(run, LONG)).isTrue();
      assertThat(run).doesNotExist();
    }
    assertOutsideIsUntouched();
  }

  @Test
  void a_pipe_or_a_link_in_place_of_a_result_is_neither_waited_for_nor_followed() throws Exception {
    var results = Files.createDirectory(run.resolve("results"));
    var output = results.resolve("output");
    var pipe = results.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    var link = Files.createSymbolicLink(results.resolve("link"), kept);
    var file = Files.writeString(results.resolve("file"), "its own");
    var attacker =
        start(
            () -> {
              for (var next : new Path[] {pipe, link, file}) {
                Files.move(next, output, StandardCopyOption.ATOMIC_MOVE);
                Files.move(output, next, StandardCopyOption.ATOMIC_MOVE);
              }
            });
    try {
      for (int round = 0; round < 20 * ROUNDS; round++) {
        try (var open = OpenFolder.at(results)) {
          assertThat(open.read("output", 100).map(String::new)).isIn(read("its own"), read(null));
        }
      }
    } finally {
      attacker.interrupt();
      attacker.join();
    }
  }

  private static Optional<String> read(@Nullable String text) {
    return Optional.ofNullable(text);
  }

  @Test
  void a_file_is_read_up_to_a_limit_and_shows_when_it_is_longer() throws IOException {
    Files.writeString(run.resolve("output"), "x".repeat(1000));
    try (var open = OpenFolder.at(run)) {
      assertThat(open.read("output", 999).orElseThrow()).hasSize(1000);
      assertThat(open.read("output", 99).orElseThrow()).hasSize(100);
      assertThat(open.read("nothing", 99)).isEmpty();
    }
  }

  @Test
  void a_folder_that_is_a_link_is_not_entered() throws IOException {
    Files.createSymbolicLink(run.resolve("results"), outside);
    try (var open = OpenFolder.at(run)) {
      assertThatThrownBy(() -> open.folder("results")).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> OpenFolder.at(run.resolve("results"))).isInstanceOf(IOException.class);
  }

  @Test
  void what_belongs_to_somebody_else_is_no_result() throws IOException {
    Missing.unless(
        Files.getAttribute(folder, "unix:uid").equals(0), "only root can give files away");
    var results = Files.createDirectory(run.resolve("results"));
    Files.setAttribute(results, "unix:uid", 65_534);
    // As a hard link to a file of root, where the kernel allows it.
    Files.createLink(results.resolve("output"), kept);
    try (var open = OpenFolder.at(results)) {
      assertThat(open.read("output", 100)).isEmpty();
      Files.setAttribute(kept, "unix:uid", 65_534);
      assertThat(open.read("output", 100)).isPresent();
    }
  }

  @Test
  void folders_deeper_than_a_path_can_say_are_removed() throws Exception {
    Missing.unless(Files.isExecutable(Path.of("/usr/bin/python3")), "there is no python3 here");
    var make = "import os\nfor i in range(1500):\n os.mkdir('d' * 50); os.chdir('d' * 50)\n";
    var process =
        new ProcessBuilder("python3", "-c", make).directory(run.toFile()).inheritIO().start();
    assertThat(process.waitFor()).isZero();

    assertThat(OpenFolder.remove(run, LONG)).isTrue();

    assertThat(run).doesNotExist();
  }

  @Test
  void all_kinds_of_files_and_many_of_them_are_removed() throws Exception {
    for (int i = 0; i < 3000; i++) {
      Files.createFile(run.resolve("file with a longer name than most " + i));
    }
    Files.createSymbolicLink(run.resolve("link"), outside);
    assertThat(new ProcessBuilder("mkfifo", run + "/pipe").start().waitFor()).isZero();
    Files.createDirectories(run.resolve("a/b/c"));
    var closed = Files.createDirectories(run.resolve("closed/inner"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));

    assertThat(OpenFolder.remove(run, LONG)).isTrue();

    assertThat(run).doesNotExist();
    assertOutsideIsUntouched();
  }

  @Test
  void what_cannot_be_removed_is_told_and_all_else_is_gone() throws Exception {
    var mounted = Files.createDirectories(run.resolve("work/mounted"));
    Missing.unless(
        new ProcessBuilder("mount", "--bind", outside.toString(), mounted.toString())
                .start()
                .waitFor()
            == 0,
        "nothing can be mounted here, which needs root");
    try {
      Files.createDirectories(run.resolve("work/zzz/deep"));
      Files.writeString(run.resolve("note"), "secret");
      assertThatThrownBy(() -> OpenFolder.remove(run, LONG))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("1 entries cannot be removed")
          .hasMessageContaining("`mounted`")
          .hasMessageContaining("EBUSY");
      assertThat(run.resolve("note")).doesNotExist();
      assertThat(run.resolve("work")).isDirectoryContaining("glob:**/mounted");
      assertThat(run.resolve("work/zzz")).doesNotExist();
      assertOutsideIsUntouched();
    } finally {
      assertThat(new ProcessBuilder("umount", mounted.toString()).start().waitFor()).isZero();
    }
    assertThat(OpenFolder.remove(run, LONG)).isTrue();
  }

  @Test
  void on_a_file_system_without_access_lists_the_group_of_an_account_may_read() throws Exception {
    Missing.unless(
        new ProcessBuilder("mount", "-t", "ramfs", "ramfs", run.toString()).start().waitFor() == 0,
        "nothing can be mounted here, which needs root");
    try {
      var file = Files.writeString(run.resolve("script"), "echo hi");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-x------"));
      Account account = new Account("x", 60_001, 60_002, List.of(60_002), "/");
      try (var open = OpenFolder.at(run)) {
        open.letEnter(account);
        open.letRead("script", account);
      }
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("r-xr-x---");
      assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(60_002);
      assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(0);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(run)))
          .endsWith("--x---");
    } finally {
      assertThat(new ProcessBuilder("umount", run.toString()).start().waitFor()).isZero();
    }
  }

  @Test
  void secrets_go_first_and_the_rest_waits_when_the_time_is_up() throws IOException {
    Files.createDirectories(run.resolve("aaa/b/c"));
    Files.writeString(run.resolve("note"), "secret");

    assertThat(OpenFolder.remove(run, Duration.ZERO)).isFalse();

    assertThat(run.resolve("note")).doesNotExist();
    assertThat(run).exists();
    assertThat(OpenFolder.remove(run, LONG)).isTrue();
    assertThat(OpenFolder.remove(run, LONG)).as("nothing is there").isTrue();
  }

  @Test
  void a_link_in_place_of_the_folder_itself_is_removed_alone() throws IOException {
    var link = Files.createSymbolicLink(folder.resolve("link"), outside);

    assertThat(OpenFolder.remove(link, LONG)).isTrue();

    assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertOutsideIsUntouched();
  }
}
