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
  void isMadeForItsOwner() throws IOException {
    try (DataFolder _ = DataFolder.open(data)) {
      assertThat(mode(data)).isEqualTo("rwx------");
      assertThat(mode(data.resolve("runs"))).isEqualTo("rwx------");
    }
  }

  @Test
  void holdsOneAgentAtATime() throws IOException {
    try (DataFolder _ = DataFolder.open(data)) {
      assertThatThrownBy(() -> DataFolder.open(data))
          .hasMessageContaining("Another agent uses the data folder")
          .hasMessageContaining("--data");
    }
    DataFolder.open(data).close();
  }

  @Test
  void keepsWhoTheAgentIs() throws IOException {
    Enrolment.Answer first = new Enrolment.Answer("a1", "h1", "acme", "secret-1");
    Enrolment.Answer second = new Enrolment.Answer("a2", "h1", "acme", "secret-2");
    try (DataFolder open = DataFolder.open(data)) {
      assertThat(open.credential()).isEmpty();
      open.storeCredential(first);
      open.storeCredential(second);
    }
    try (DataFolder again = DataFolder.open(data)) {
      assertThat(again.credential()).contains(second);
    }
    assertThat(mode(data.resolve("credential"))).isEqualTo("rw-------");
    assertThat(data.resolve("credential.new")).doesNotExist();
  }

  @Test
  void aDamagedCredentialIsToldButNotShown() throws IOException {
    try (DataFolder open = DataFolder.open(data)) {
      Files.writeString(data.resolve("credential"), "{\"agent\":\"a1\",\"credential\":\"hush");
      assertThatThrownBy(open::credential)
          .hasMessageContaining("is corrupt")
          .hasMessageNotContaining("hush")
          .hasNoCause();
    }
  }

  @Test
  void whatIsNoFolderIsASentence() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> DataFolder.open(file))
        .hasMessageContaining("Cannot use the data folder")
        .hasMessageContaining("--data");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
