package io.capataz.agent.script;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScriptCacheTest {

  private static final int KILOBYTE = 1024;

  @TempDir Path folder;

  private final AtomicInteger seconds = new AtomicInteger();
  private final AtomicInteger fetches = new AtomicInteger();

  private ScriptCache cache(long kilobytes) throws IOException {
    return ScriptCache.open(
        folder.resolve("scripts"),
        kilobytes * KILOBYTE,
        () -> Instant.ofEpochSecond(1_000 + seconds.incrementAndGet()));
  }

  /** A script of some kilobytes of one letter. */
  private static Bytes script(String letter, int kilobytes) {
    return Bytes.utf8(letter.repeat(kilobytes * KILOBYTE));
  }

  private static ScriptText announced(Bytes content) {
    return new ScriptText("run.sh", content.sha256(), List.of("sh"), null);
  }

  private void fill(ScriptCache cache, Bytes content) throws IOException, InterruptedException {
    cache.<RuntimeException>fill(
        content.sha256(),
        () -> {
          fetches.incrementAndGet();
          return content;
        });
  }

  private Path entry(Bytes content) {
    return folder.resolve("scripts").resolve(content.sha256().substring("sha256:".length()));
  }

  private boolean has(ScriptCache cache, Bytes content) throws IOException {
    var taken = cache.take(announced(content));
    taken.ifPresent(Script::close);
    return taken.isPresent();
  }

  private String[] files() {
    return folder.resolve("scripts").toFile().list();
  }

  @Test
  void what_is_filled_once_is_taken_as_a_copy_that_its_owner_may_run() throws Exception {
    var content = Bytes.utf8("#!/bin/sh\n" + "echo hi\n".repeat(10_000));
    var cache = cache(1_000);
    assertThat(cache.take(announced(content))).isEmpty();
    fill(cache, content);
    fill(cache, content);

    var place = folder.resolve("run.sh");
    try (var script = cache.take(announced(content)).orElseThrow()) {
      assertThat(script.filename()).isEqualTo("run.sh");
      assertThat(script.interpreter()).containsExactly("sh");
      assertThat(script.beginning().asUtf8()).startsWith("#!/bin/sh\necho hi\n").hasSize(4096);
      script.moveTo(place);
    }

    assertThat(place).hasBinaryContent(content.toArray());
    assertThat(Files.getPosixFilePermissions(place))
        .isEqualTo(PosixFilePermissions.fromString("r-x------"));
    assertThat(fetches).hasValue(1);
    assertThat(files()).hasSize(1);
  }

  @Test
  void a_copy_that_is_not_used_is_removed() throws Exception {
    var cache = cache(1_000);
    fill(cache, script("a", 40));

    var taken = cache.take(announced(script("a", 40))).orElseThrow();
    assertThat(files()).hasSize(2);
    taken.close();

    assertThat(files()).hasSize(1);
  }

  @Test
  void what_is_damaged_cut_off_or_gone_is_as_if_it_had_never_been_there() throws Exception {
    var cache = cache(1_000);
    var damaged = script("a", 40);
    var cutOff = script("b", 40);
    var gone = script("c", 40);
    for (var content : List.of(damaged, cutOff, gone)) {
      fill(cache, content);
    }
    Files.write(entry(damaged), script("x", 40).toArray());
    Files.write(entry(cutOff), new byte[0]);
    Files.delete(entry(gone));

    for (var content : List.of(damaged, cutOff, gone)) {
      assertThat(cache.take(announced(content))).isEmpty();
    }
    assertThat(files()).isEmpty();
    fill(cache, damaged);
    assertThat(has(cache, damaged)).isTrue();
    assertThat(fetches).hasValue(4);
  }

  @Test
  void beyond_its_room_what_was_not_used_for_longest_goes() throws Exception {
    var cache = cache(100);
    fill(cache, script("a", 40));
    fill(cache, script("b", 40));
    assertThat(has(cache, script("a", 40))).isTrue();

    fill(cache, script("c", 40));

    assertThat(has(cache, script("b", 40))).isFalse();
    assertThat(has(cache, script("a", 40))).isTrue();
    assertThat(has(cache, script("c", 40))).isTrue();
    assertThat(files()).hasSize(2);
  }

  @Test
  void one_that_is_larger_than_the_room_is_kept_alone() throws Exception {
    var cache = cache(100);
    fill(cache, script("a", 40));

    fill(cache, script("b", 200));

    assertThat(has(cache, script("b", 200))).isTrue();
    assertThat(files()).hasSize(1);
  }

  @Test
  void the_next_life_knows_what_was_used_last_and_removes_what_is_half_done() throws Exception {
    var before = cache(200);
    for (var letter : List.of("a", "b", "c")) {
      fill(before, script(letter, 40));
      assertThat(has(before, script(letter, 40))).isTrue();
    }
    assertThat(has(before, script("a", 40))).isTrue();
    Files.writeString(Path.of(entry(script("d", 40)) + ".new"), "half");
    Files.writeString(Path.of(entry(script("a", 40)) + ".7"), "a copy");

    var after = cache(90);

    assertThat(files()).hasSize(2);
    assertThat(has(after, script("b", 40))).isFalse();
    assertThat(has(after, script("a", 40))).isTrue();
    assertThat(has(after, script("c", 40))).isTrue();
  }

  @Test
  void a_path_is_no_digest() throws Exception {
    assertThat(ScriptCache.isDigest("sha256:../../etc/passwd")).isFalse();
    assertThat(ScriptCache.isDigest(script("a", 1).sha256() + "\n")).isFalse();
    assertThatThrownBy(
            () -> cache(1).take(new ScriptText("x", "sha256:../../etc/passwd", null, null)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void a_full_disk_is_said_and_leaves_nothing_half_done() throws Exception {
    var disk = Files.createDirectory(folder.resolve("scripts"));
    Missing.unless(
        mount("mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", disk.toString()) == 0,
        "no file system can be mounted here, which needs root");
    try {
      var cache = cache(1_000);
      fill(cache, script("a", 60));

      assertThatThrownBy(() -> fill(cache, script("b", 60)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left");
      assertThat(files()).hasSize(1);
      assertThatThrownBy(() -> cache.take(announced(script("a", 60))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left");

      // There was no space for the copy, so the entry was dropped to free some.
      assertThat(files()).isEmpty();
      fill(cache, script("b", 40));
      assertThat(has(cache, script("b", 40))).isTrue();
    } finally {
      var _ = mount("umount", "-l", disk.toString());
    }
  }

  private static int mount(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
  }
}
