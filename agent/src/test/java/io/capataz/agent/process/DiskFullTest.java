package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.process.Keepers.Form;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** On a file system of half a megabyte, which only root can create. */
@ParameterizedClass
@MethodSource("io.capataz.agent.process.TriedKeepers#all")
class DiskFullTest {

  private static final RunLimits LIMITS =
      new RunLimits(Duration.ofMinutes(1), Duration.ofSeconds(5), Signal.SIGTERM, false, 4 << 20);

  @Parameter TriedKeepers tried = TriedKeepers.FORKED;

  @TempDir Path folder;

  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private Path disk;
  private Keepers keepers;

  @BeforeEach
  void aSmallDisk() throws Exception {
    tried.mustBeThere();
    disk = Files.createDirectory(folder.resolve("disk"));
    Missing.unless(
        run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk.toString()) == 0,
        "no file system can be mounted here, which needs root");
    keepers =
        tried.in(folder.resolve("bin"), ControlGroups.find(Path.of("/no/proc"), "none"), waiters);
  }

  @AfterEach
  void letGo() throws Exception {
    keepers.close();
    waiters.shutdownNow();
    if (Files.exists(disk)) {
      var _ = run("umount", "-l", disk.toString());
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
  }

  private Command shell(String script) {
    return new Command(List.of("/bin/bash", "-c", script), Map.of("PATH", "/usr/bin:/bin"), folder);
  }

  private void fill() throws IOException {
    var block = new byte[4096];
    try (var file = Files.newOutputStream(disk.resolve("full"))) {
      while (true) {
        file.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  @Test
  void without_room_nothing_starts_and_a_sentence_says_why() throws Exception {
    var run = Files.createDirectory(disk.resolve("run"));
    fill();
    assertThatThrownBy(() -> keepers.start(run, shell("touch " + folder + "/started"), LIMITS))
        .isInstanceOf(IOException.class)
        .message()
        .containsIgnoringCase("no space");
    assertThat(folder.resolve("started")).doesNotExist();
  }

  @Test
  void what_runs_on_a_full_disk_can_be_stopped() throws Exception {
    var run = Files.createDirectory(disk.resolve("run"));
    var supervised = keepers.start(run, shell("sleep 600"), LIMITS);
    fill();

    supervised.stop("CANCEL", Duration.ofSeconds(20));
    supervised.stop("CANCEL", Duration.ofSeconds(10));

    var end = supervised.over().get(20, TimeUnit.SECONDS);
    assertThat(end.ending()).contains("CANCEL");
    assertThat(end.signals()).extracting(ExitRecord.Sent::why).containsOnly("CANCEL");
  }

  @Test
  void what_cannot_be_told_why_is_stopped_all_the_same() throws Exception {
    var run = Files.createDirectory(disk.resolve("run"));
    var supervised = keepers.start(run, shell("sleep 600"), LIMITS);
    if (tried.form() == Form.SHELL) {
      // A request cannot be written any more.
      Files.delete(run.resolve("keeper/stop.new"));
      Files.createDirectory(run.resolve("keeper/stop.new"));
    } else {
      // Nor can a signal with a value wait for the keeper.
      var keeper = KeeperFiles.in(run).keeper().orElseThrow()[0];
      Missing.unless(
          run("prlimit", "--pid", keeper, "--sigpending=0:0") == 0, "there is no prlimit here");
    }

    assertThatThrownBy(() -> supervised.stop("CANCEL", Duration.ofSeconds(20)))
        .isInstanceOf(IOException.class);

    assertThat(supervised.over().get(20, TimeUnit.SECONDS).ending()).contains("SHUTDOWN");
  }

  @Test
  void a_disk_that_fills_up_does_not_hide_the_end() throws Exception {
    var run = Files.createDirectory(disk.resolve("run"));
    var supervised =
        keepers.start(
            run,
            shell("for i in {1..2000}; do printf '%1000s\\n' $i; done; echo done >&2; exit 7"),
            LIMITS);

    var end = supervised.over().get(60, TimeUnit.SECONDS);

    assertThat(end.exit()).contains(new ExitStatus.Exited(7));
    try (var output = CapturedOutput.open(run)) {
      output.finish(end);
      var printed =
          new String(output.stdout().read(0, 1 << 20), StandardCharsets.UTF_8).stripTrailing();
      assertThat(printed.stripLeading()).startsWith("1\n");
      if (tried.form() == Form.NATIVE) {
        assertThat(output.stdout().droppedBytes()).isGreaterThan(1_000_000);
        assertThat(printed).endsWith("no space left on the host]");
      }
    }
  }
}
