package io.capataz.standalone.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backup and restore are killed at any moment, while the store takes writes. */
class BackupKillTest {

  private static final int KILLS = Repetitions.of("backup.kills");

  /** Some megabytes, so that most kills hit the middle. */
  private static final int JOBS = 4_000;

  private static final int LONGEST_LIFE_MILLIS = 1_500;

  private final Random random = new Random();

  @TempDir Path folder;

  @Test
  void no_half_backup_is_taken_for_a_whole_one_and_nothing_acknowledged_is_missing()
      throws Exception {
    Path data = dataFolder();
    Path file = folder.resolve("file");
    AtomicInteger acknowledged = new AtomicInteger(JOBS);
    AtomicBoolean done = new AtomicBoolean();
    try (OpenData opened = OpenData.in(data)) {
      Thread writer = Thread.ofPlatform().start(() -> write(opened, acknowledged, done));
      try {
        for (int kill = 0; kill < KILLS; kill++) {
          int before = acknowledged.get();
          killInTheMiddle(file, "backup", file.toString(), "--data", data.toString());
          if (Files.exists(file)) {
            assertWhole(file, before);
          }
        }
        int before = acknowledged.get();
        assertThat(start("backup", file.toString(), "--data", data.toString()).waitFor()).isZero();
        assertWhole(file, before);
      } finally {
        done.set(true);
        writer.join();
      }
    }
    assertThat(folder.resolve("file.part")).doesNotExist();
  }

  @Test
  void no_half_restore_gets_the_name_of_the_data_folder() throws Exception {
    Path file = folder.resolve("file");
    var _ = Backup.write(dataFolder(), file, Instant.EPOCH);
    Path target = folder.resolve("restored");
    for (int kill = 0; kill < KILLS; kill++) {
      killInTheMiddle(target, "restore", file.toString(), "--data", target.toString());
      if (Files.exists(target)) {
        assertRestored(target, JOBS);
        Files.move(target, folder.resolve("whole-" + kill));
      }
    }

    assertThat(start("restore", file.toString(), "--data", target.toString()).waitFor()).isZero();
    assertRestored(target, JOBS);
    assertThat(folder.resolve("restored.part")).doesNotExist();
  }

  private Path dataFolder() throws IOException {
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.writeString(data.resolve("vault.key"), "the key");
    try (OpenData opened = OpenData.in(data)) {
      opened.addJobs(0, JOBS);
    }
    return data;
  }

  private static void write(OpenData opened, AtomicInteger acknowledged, AtomicBoolean done) {
    while (!done.get()) {
      int next = acknowledged.get();
      opened.addJobs(next, next + 1);
      acknowledged.set(next + 1);
    }
  }

  private void assertWhole(Path file, int jobs) throws IOException {
    Path target = folder.resolve("check-" + random.nextInt(Integer.MAX_VALUE));
    var _ = Restore.read(file, target);
    assertRestored(target, jobs);
    Files.delete(file);
  }

  private static void assertRestored(Path data, int jobs) {
    assertThat(data.resolve("vault.key")).hasContent("the key");
    try (OpenData opened = OpenData.in(data)) {
      assertThat(opened.jobs()).isGreaterThanOrEqualTo(jobs);
    }
  }

  /** Kills it a random moment after it began to work, or lets it end if it is faster. */
  private void killInTheMiddle(Path target, String... arguments) throws Exception {
    Path work = target.resolveSibling(target.getFileName() + ".part");
    Process process = start(arguments);
    try {
      await()
          .atMost(60, TimeUnit.SECONDS)
          .pollInterval(5, TimeUnit.MILLISECONDS)
          .until(() -> Files.exists(work) || !process.isAlive());
      var _ = process.waitFor(random.nextInt(LONGEST_LIFE_MILLIS), TimeUnit.MILLISECONDS);
    } finally {
      process.destroyForcibly().onExit().join();
    }
  }

  private static Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(
        List.of(
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            BackupCommand.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).inheritIO().start();
  }
}
