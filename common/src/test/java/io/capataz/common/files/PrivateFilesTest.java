package io.capataz.common.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.common.command.StartFailure;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {

  @TempDir private Path folder;

  @Test
  void a_secret_is_made_once_and_is_its_owners() throws IOException {
    Path file = folder.resolve("new/password");

    Secret made = PrivateFiles.secret(file);

    assertThat(PrivateFiles.secret(file)).isEqualTo(made);
    assertThat(made.reveal()).matches("[A-Za-z0-9_-]{43}");
    assertThat(modeOf(file)).isEqualTo("rw-------");
    assertThat(modeOf(folder.resolve("new"))).isEqualTo("rwx------");
    assertThat(PrivateFiles.secret(folder.resolve("other"))).isNotEqualTo(made);
  }

  @Test
  void a_secret_that_somebody_chose_is_taken_as_it_is() throws IOException {
    Path file = Files.writeString(folder.resolve("password"), "chosen by hand\n");

    assertThat(PrivateFiles.secret(file).reveal()).isEqualTo("chosen by hand");
  }

  @Test
  void an_empty_file_and_a_folder_are_no_secrets() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty"));

    assertThatThrownBy(() -> PrivateFiles.secret(empty))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining(empty + " is empty");
    assertThatThrownBy(() -> PrivateFiles.secret(folder))
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void a_folder_that_is_ours_is_closed_and_any_other_stays_as_it_is() throws IOException {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));

    var _ = PrivateFiles.folder(open);
    assertThat(modeOf(open)).isEqualTo("rwxr-xr-x");
    var _ = PrivateFiles.ownFolder(open);
    assertThat(modeOf(open)).isEqualTo("rwx------");
  }

  private static String modeOf(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
