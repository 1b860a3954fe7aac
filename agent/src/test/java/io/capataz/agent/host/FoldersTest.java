package io.capataz.agent.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {

  @TempDir Path folder;

  @Test
  void what_takes_too_long_to_remove_is_removed_by_another_thread() throws Exception {
    var run = Files.createDirectory(folder.resolve("run"));
    Files.createDirectories(run.resolve("a/b/c"));
    var others = new ArrayList<Thread>();

    Folders.removeOrWarn(
        run,
        Duration.ZERO,
        work -> {
          var thread = Thread.ofPlatform().unstarted(work);
          others.add(thread);
          return thread;
        });

    assertThat(others).hasSize(1);
    others.getFirst().join();
    assertThat(run).doesNotExist();
  }

  @Test
  void what_does_not_take_long_needs_no_other_thread() throws IOException {
    var run = Files.createDirectory(folder.resolve("run"));
    Files.createDirectories(run.resolve("a/b/c"));

    Folders.removeOrWarn(
        run,
        Duration.ofMinutes(1),
        _ -> {
          throw new AssertionError("another thread");
        });

    assertThat(run).doesNotExist();
  }
}
