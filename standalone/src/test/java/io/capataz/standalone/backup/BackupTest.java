package io.capataz.standalone.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.StartFailure;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {

  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");
  private static final int JOBS = 50;

  @TempDir Path folder;

  private Path data;
  private Path file;
  private Path restored;

  @BeforeEach
  void a_data_folder() throws IOException {
    data = folder.resolve("data");
    file = folder.resolve("capataz.backup");
    restored = folder.resolve("elsewhere/data");
    Files.createDirectories(data.resolve("broker"));
    Files.writeString(data.resolve("vault.key"), "the key");
    Files.writeString(data.resolve("admin.token"), "the token");
    Files.writeString(data.resolve("lock"), "4711");
    Files.writeString(data.resolve("login.link"), "http://…");
    Files.writeString(data.resolve("broker/log"), "announcements");
    try (OpenData opened = OpenData.in(data)) {
      opened.addJobs(0, JOBS);
    }
  }

  @Test
  void what_was_stopped_is_restored_elsewhere() throws Exception {
    Manifest written = Backup.write(data, file, NOW);
    Manifest read = Restore.read(file, restored);

    assertThat(read).isEqualTo(written);
    assertThat(read.made()).isEqualTo(NOW);
    assertThat(restored.resolve("vault.key")).hasContent("the key");
    assertThat(restored.resolve("admin.token")).hasContent("the token");
    try (OpenData opened = OpenData.in(restored)) {
      assertThat(opened.jobs()).isEqualTo(JOBS);
      opened.addJobs(JOBS, JOBS + 1);
      assertThat(opened.jobWithRevision(3)).isEqualTo("job-3");
    }
  }

  @Test
  void an_open_store_is_copied_as_it_is_at_that_moment() throws Exception {
    try (OpenData opened = OpenData.in(data)) {
      opened.addJobs(JOBS, JOBS + 10);
      Backup.write(data, file, NOW);
      opened.addJobs(JOBS + 10, JOBS + 20);
    }
    Restore.read(file, restored);

    try (OpenData opened = OpenData.in(restored)) {
      assertThat(opened.jobs()).isEqualTo(JOBS + 10);
    }
  }

  @Test
  void what_belongs_to_a_process_stays_and_nobody_else_reads_the_rest() throws Exception {
    Backup.write(data, file, NOW);
    Restore.read(file, restored);

    try (var all = Files.walk(restored)) {
      assertThat(all.filter(Files::isRegularFile).map(each -> restored.relativize(each).toString()))
          .containsExactlyInAnyOrder("vault.key", "admin.token", "store/store.db");
    }
    assertThat(mode(file)).isEqualTo("rw-------");
    assertThat(mode(restored)).isEqualTo("rwx------");
    assertThat(mode(restored.resolve("vault.key"))).isEqualTo("rw-------");
    assertThat(mode(restored.resolve("store"))).isEqualTo("rwx------");
    assertThat(mode(restored.resolve("store/store.db"))).isEqualTo("rw-------");
    assertThat(names(folder)).containsExactlyInAnyOrder("data", "capataz.backup", "elsewhere");
    assertThat(names(restored.resolveSibling("."))).containsExactly("data");
  }

  @Test
  void nothing_is_overwritten() throws Exception {
    Files.writeString(file, "mine");
    refuses(() -> Backup.write(data, file, NOW), file + " exists");
    assertThat(file).hasContent("mine");
    Files.delete(file);
    Backup.write(data, file, NOW);

    refuses(() -> Restore.read(file, data), data + " is not empty");
    assertThat(data.resolve("broker/log")).exists();
    refuses(() -> Restore.read(file, file), file + " is not empty");

    Files.createDirectories(restored);
    Restore.read(file, restored);
    assertThat(restored.resolve("vault.key")).hasContent("the key");
  }

  @Test
  void what_is_not_there_is_said() {
    refuses(() -> Backup.write(folder.resolve("no"), file, NOW), "There is no data folder");
    refuses(() -> Backup.write(folder, file, NOW), "There is no embedded store");
    refuses(() -> Restore.read(file, restored), "There is no backup " + file);
    assertThat(file).doesNotExist();
    assertThat(restored).doesNotExist();
  }

  @Test
  void a_backup_that_was_cut_off_is_refused_wherever_it_was() throws Exception {
    Backup.write(data, file, NOW);
    byte[] whole = Files.readAllBytes(file);
    for (int part = 0; part < 20; part++) {
      int length = whole.length * part / 20;
      Files.write(file, Arrays.copyOf(whole, length));
      refuses(() -> Restore.read(file, restored), "is not a whole backup");
    }
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    refuses(() -> Restore.read(file, restored), "is not a whole backup");
    assertThat(restored).doesNotExist();
  }

  /** Of the archive's own directory not every bit counts; of what is restored each one does. */
  @Test
  void a_changed_byte_is_found_or_changes_nothing() throws Exception {
    Backup.write(data, file, NOW);
    byte[] whole = Files.readAllBytes(file);
    for (int at = 30; at < whole.length; at += whole.length / 60) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      Files.write(file, changed);
      Path target = folder.resolve("changed-" + at);
      try {
        Restore.read(file, target);
        assertSameFiles(target);
      } catch (StartFailure found) {
        assertThat(found).hasMessageContaining("Nothing was restored");
        assertThat(target).doesNotExist();
      }
    }
  }

  @Test
  void an_archive_of_somebody_else_is_refused() throws Exception {
    archive("{\"format\":2,\"made\":\"2026-01-31T12:00:00Z\",\"parts\":[]}");
    refuses(() -> Restore.read(file, restored), "has format 2");
    archive("{\"format\":1,\"made\":\"2026-01-31T12:00:00Z\",\"parts\":[]}", "store/store.db");
    refuses(() -> Restore.read(file, restored), "its entries are not those");
    archive("{");
    refuses(() -> Restore.read(file, restored), "manifest.json cannot be read");
    for (String path : List.of("../outside", "/tmp/capataz-outside", "store/../../outside", "")) {
      archive(
          "{\"format\":1,\"made\":\"2026-01-31T12:00:00Z\",\"parts\":[{\"path\":\"%s\",\"bytes\":1,\"sha256\":\"\"}]}"
              .formatted(path),
          path);
      refuses(() -> Restore.read(file, restored), "leads out of the data folder");
    }
    assertThat(folder.resolve("elsewhere/outside")).doesNotExist();
    assertThat(Path.of("/tmp/capataz-outside")).doesNotExist();
  }

  @Test
  void one_process_works_on_a_target_at_a_time() throws Exception {
    try (WorkFolder _ = WorkFolder.beside(file)) {
      refuses(() -> Backup.write(data, file, NOW), "Another process works in");
    }
    Backup.write(data, file, NOW);
    assertThat(file).exists();
  }

  private void archive(String manifest, String... entries) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("manifest.json"));
      zip.write(manifest.getBytes(StandardCharsets.UTF_8));
      for (String entry : entries) {
        zip.putNextEntry(new ZipEntry(entry));
        zip.write('x');
      }
    }
    Files.write(file, bytes.toByteArray());
  }

  private void assertSameFiles(Path target) throws IOException {
    assertThat(target.resolve("vault.key")).hasContent("the key");
    assertThat(target.resolve("admin.token")).hasContent("the token");
    try (OpenData opened = OpenData.in(target)) {
      assertThat(opened.jobs()).isEqualTo(JOBS);
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static List<String> names(Path path) throws IOException {
    try (Stream<Path> all = Files.list(path)) {
      return all.map(each -> each.getFileName().toString()).toList();
    }
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void refuses(Attempt attempt, String why) {
    assertThatThrownBy(attempt::run).isInstanceOf(StartFailure.class).hasMessageContaining(why);
  }
}
