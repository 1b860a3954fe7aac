package io.capataz.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.agent.Orders;
import io.capataz.agent.script.Script;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.common.protocol.WorkOrder.SecretFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkspaceTest {

  @TempDir Path runs;

  private static final WorkOrder ORDER =
      Orders.order(
          "../job", Orders.script("../../etc/cron.d/nightly.sh", "echo hi"), Duration.ofSeconds(1));

  private static final Script SCRIPT = Script.inOrder(ORDER.script(), Bytes.utf8("echo hi"));

  @Test
  void holds_the_script_and_is_only_for_its_owner() throws IOException {
    try (Workspace workspace = Workspace.make(runs, ORDER, SCRIPT, Optional.empty())) {
      assertThat(workspace.script()).hasContent("echo hi").hasFileName("nightly.sh");
      assertThat(workspace.script().normalize()).startsWith(runs);
      assertThat(mode(workspace.script())).isEqualTo("rwx------");
      assertThat(mode(workspace.directory())).isEqualTo("rwx------");
      assertThat(mode(workspace.temporary())).isEqualTo("rwx------");
      assertThat(mode(workspace.directory().resolveSibling(""))).isEqualTo("rwx------");
      assertThat(workspace.directory()).isEmptyDirectory();
      assertThat(workspace.result()).doesNotExist();
    }
    assertThat(runs).isEmptyDirectory();
  }

  @Test
  void secrets_are_files_that_only_their_owner_reads_and_a_variable_names_each()
      throws IOException {
    var order =
        Orders.withSecretFiles(
            ORDER,
            List.of(
                new SecretFile("KEY", "../id_rsa", Bytes.utf8("key")),
                new SecretFile("CERTIFICATE", "id_rsa", Bytes.utf8("certificate"))));
    try (Workspace workspace = Workspace.make(runs, order, SCRIPT, Optional.empty())) {
      var key = Path.of(workspace.secretFiles().get("KEY"));
      assertThat(key).hasContent("key").hasFileName("id_rsa");
      assertThat(key.normalize()).startsWith(runs);
      assertThat(mode(key)).isEqualTo("rw-------");
      assertThat(Path.of(workspace.secretFiles().get("CERTIFICATE"))).hasContent("certificate");
    }
    assertThat(runs).isEmptyDirectory();
  }

  @Test
  void two_of_the_same_attempt_do_not_meet() throws IOException {
    try (Workspace one = Workspace.make(runs, ORDER, SCRIPT, Optional.empty());
        Workspace other = Workspace.make(runs, ORDER, SCRIPT, Optional.empty())) {
      assertThat(one.script()).isNotEqualTo(other.script());
    }
  }

  @Test
  void is_removed_with_all_that_a_script_put_there_and_nothing_behind_links() throws IOException {
    var outside = Files.createDirectory(runs.resolve("outside"));
    var kept = Files.createFile(outside.resolve("kept"));
    Workspace workspace = Workspace.make(runs, ORDER, SCRIPT, Optional.empty());
    Files.createSymbolicLink(workspace.directory().resolve("link"), outside);
    var closed = Files.createDirectories(workspace.temporary().resolve("a/b"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));

    workspace.close();

    assertThat(kept).exists();
    assertThat(runs).isDirectoryNotContaining("glob:**/job*");
  }

  @ParameterizedTest
  @CsvSource({
    "backup.sh, backup.sh",
    "'/etc/passwd', passwd",
    "'..\\..\\evil.ps1', evil.ps1",
    "'.bashrc', bashrc",
    "'-rf.sh', rf.sh",
    "'a b;c$(d).py', a_b_c__d_.py",
    "'señal.sh', se_al.sh",
    "'..', script",
    "'', script",
    "'dir/', script"
  })
  void a_name_for_people_becomes_a_name_for_a_file(String name, String plain) {
    assertThat(Workspace.plain(name)).isEqualTo(plain);
  }

  @Test
  void a_long_name_keeps_its_ending() {
    assertThat(Workspace.plain("x".repeat(300) + ".py")).hasSize(100).endsWith("x.py");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
