package io.capataz.agent.host;

import static java.nio.file.attribute.PosixFilePermission.OTHERS_EXECUTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.protocol.Enrolment;
import io.capataz.testing.Missing;
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

  @Test
  void what_other_users_must_reach_is_elsewhere_if_they_cannot_reach_the_folder()
      throws IOException {
    var hidden = Files.createDirectory(folder.resolve("hidden")).resolve("data");
    Files.setPosixFilePermissions(hidden.getParent(), PosixFilePermissions.fromString("rwx------"));
    var elsewhere = folder.resolve("elsewhere");
    try (var data = DataFolder.openForOthers(hidden, elsewhere)) {
      assertThat(data.runs()).isEqualTo(elsewhere.resolve(data.shortName()).resolve("runs"));
      assertThat(data.commands()).isEqualTo(data.runs().resolveSibling("commands"));
      assertThat(data.journal()).isEqualTo(hidden.toRealPath().resolve("journal"));
      assertThat(mode(elsewhere)).isEqualTo("rwx--x--x");
      assertThat(mode(data.runs())).isEqualTo("rwx--x--x");
      assertThat(mode(hidden)).isEqualTo("rwx------");
    }
    assertThat(elsewhere).as("when the agent has ended").isEmptyDirectory();
    Path going;
    try (var data = DataFolder.openForOthers(hidden, elsewhere)) {
      going = Files.createDirectory(data.runs().resolve("a-run-that-goes-on"));
    }
    try (var data = DataFolder.openForOthers(hidden, elsewhere)) {
      assertThat(data.runs()).isEqualTo(going.getParent()).isNotEmptyDirectory();
    }
  }

  @Test
  void a_place_that_others_may_write_to_is_not_used() throws IOException {
    var hidden = Files.createDirectory(folder.resolve("hidden")).resolve("data");
    Files.setPosixFilePermissions(hidden.getParent(), PosixFilePermissions.fromString("rwx------"));
    var elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> DataFolder.openForOthers(hidden, elsewhere))
        .hasMessageContaining("is writable by others")
        .hasMessageContaining("--run-as agent");
    DataFolder.open(hidden).close();
  }

  @Test
  void a_folder_that_other_users_can_reach_becomes_passable_but_shows_nothing() throws IOException {
    Missing.unless(
        Files.getPosixFilePermissions(folder.getParent()).contains(OTHERS_EXECUTE),
        "the folder for temporary files is not for everyone");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    var reachable = folder.resolve("data");
    try (var data = DataFolder.openForOthers(reachable, folder.resolve("elsewhere"))) {
      assertThat(data.runs()).isEqualTo(reachable.toRealPath().resolve("runs"));
      assertThat(mode(reachable)).isEqualTo("rwx--x--x");
      assertThat(mode(data.runs())).isEqualTo("rwx--x--x");
    }
    assertThat(folder.resolve("elsewhere")).doesNotExist();
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
