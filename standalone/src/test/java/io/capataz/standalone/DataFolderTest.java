package io.capataz.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.StartFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {

  @TempDir Path temporary;

  @Test
  void belongs_to_one_process_at_a_time_and_names_it() throws Exception {
    Path path = temporary.resolve("new/data");
    try (DataFolder first = DataFolder.lock(path)) {
      assertThat(first.path()).isDirectory();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .as("nobody else may read what is kept there")
          .isEqualTo("rwx------");
      assertThatThrownBy(() -> DataFolder.lock(path))
          .isInstanceOf(StartFailure.class)
          .hasMessageContaining(path.toString())
          .hasMessageContaining("process " + ProcessHandle.current().pid())
          .hasMessageContaining("--data");
    }
    DataFolder.lock(path).close();
  }

  @Test
  void says_what_stands_in_the_way() throws Exception {
    Path file = Files.createFile(temporary.resolve("file"));

    assertThatThrownBy(() -> DataFolder.lock(file))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining("The data folder " + file + " cannot be used");
  }
}
