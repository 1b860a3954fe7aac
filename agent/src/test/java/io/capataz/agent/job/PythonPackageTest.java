package io.capataz.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PythonPackageTest {

  private static final Path SOURCES =
      Path.of("..", "sdk", "src", "main", "python", "capataz").toAbsolutePath();

  @TempDir Path commands;

  @Test
  void all_files_of_the_package_are_installed() throws IOException {
    PythonPackage.layOut(commands);
    // An agent that starts again finds those of the one before.
    PythonPackage.layOut(commands);

    try (var sources = Files.list(SOURCES);
        var installed = Files.list(commands.resolve("python/capataz"))) {
      assertThat(installed.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              sources
                  .map(file -> file.getFileName().toString())
                  .filter(name -> name.endsWith(".py"))
                  .toList());
    }
    assertThat(commands.resolve("python/capataz/task.py"))
        .hasSameBinaryContentAs(SOURCES.resolve("task.py"));
  }

  @Test
  void every_user_of_the_host_may_read_it() throws IOException {
    PythonPackage.layOut(commands);

    assertThat(permissions(commands.resolve("python"))).isEqualTo("rwxr-xr-x");
    assertThat(permissions(commands.resolve("python/capataz"))).isEqualTo("rwxr-xr-x");
    assertThat(permissions(commands.resolve("python/capataz/worker.py"))).isEqualTo("rw-r--r--");
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
