package io.capataz.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.Enrolment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void name() {
    data = folder.resolve("deep/agent-data");
  }

  @Test
  void is_made_for_its_owner() throws IOException {
    try (var _ = DataFolder.open(data)) {
      assertThat(mode(data)).isEqualTo("rwx------");
      assertThat(mode(data.resolve("runs"))).isEqualTo("rwx------");
    }
  }

  @Test
  void holds_one_agent_at_a_time() throws IOException {
    try (var _ = DataFolder.open(data)) {
      assertThatThrownBy(() -> DataFolder.open(data))
          .hasMessageContaining("Another agent uses the data folder")
          .hasMessageContaining("--data");
    }
    DataFolder.open(data).close();
  }

  @Test
  void keeps_who_the_agent_is() throws IOException {
    var first = new Enrolment.Answer("a1", "h1", "acme", "secret-1");
    var second = new Enrolment.Answer("a2", "h1", "acme", "secret-2");
    try (var open = DataFolder.open(data)) {
      assertThat(open.credential()).isEmpty();
      open.storeCredential(first);
      open.storeCredential(second);
    }
    try (var again = DataFolder.open(data)) {
      assertThat(again.credential()).contains(second);
    }
    assertThat(mode(data.resolve("credential"))).isEqualTo("rw-------");
    assertThat(data.resolve("credential.new")).doesNotExist();
  }

  @Test
  void a_damaged_credential_is_told_but_not_shown() throws IOException {
    try (var open = DataFolder.open(data)) {
      Files.writeString(data.resolve("credential"), "{\"agent\":\"a1\",\"credential\":\"hush");
      assertThatThrownBy(open::credential)
          .hasMessageContaining("is corrupt")
          .hasMessageNotContaining("hush")
          .hasNoCause();
    }
  }

  @Test
  void what_is_no_folder_is_a_sentence() throws IOException {
    var file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> DataFolder.open(file))
        .hasMessageContaining("Cannot use the data folder")
        .hasMessageContaining("--data");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
