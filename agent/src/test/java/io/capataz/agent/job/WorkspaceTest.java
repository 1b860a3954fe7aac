package io.capataz.agent.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.agent.Orders;
import io.capataz.agent.host.ThisHost;
import io.capataz.agent.process.Account;
import io.capataz.agent.script.Script;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.common.protocol.WorkOrder.SecretFile;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
    var workspace = Workspace.make(runs, ORDER, SCRIPT, Optional.empty());
    assertThat(workspace.script()).hasContent("echo hi").hasFileName("nightly.sh");
    assertThat(workspace.script().normalize()).startsWith(runs);
    assertThat(mode(workspace.script())).isEqualTo("r-x------");
    assertThat(mode(workspace.directory())).isEqualTo("rwx------");
    assertThat(mode(workspace.temporary())).isEqualTo("rwx------");
    assertThat(mode(workspace.directory().resolveSibling(""))).isEqualTo("rwx------");
    assertThat(workspace.directory()).isEmptyDirectory();
    assertThat(workspace.result()).doesNotExist();
    workspace.remove(Thread::new);
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
    var workspace = Workspace.make(runs, order, SCRIPT, Optional.empty());
    var key = Path.of(workspace.secretFiles().get("KEY"));
    assertThat(key).hasContent("key").hasFileName("id_rsa");
    assertThat(key.normalize()).startsWith(runs);
    assertThat(mode(key)).isEqualTo("r--------");
    assertThat(Path.of(workspace.secretFiles().get("CERTIFICATE"))).hasContent("certificate");
    workspace.remove(Thread::new);
    assertThat(runs).isEmptyDirectory();
  }

  @Test
  void the_place_of_secrets_does_not_follow_from_that_of_the_script() throws IOException {
    var order =
        Orders.withSecretFiles(ORDER, List.of(new SecretFile("KEY", "key", Bytes.utf8("key"))));
    var workspace = Workspace.make(runs, order, SCRIPT, Optional.empty());
    assertThat(workspace.folder().relativize(Path.of(workspace.secretFiles().get("KEY"))))
        .asString()
        .matches("secrets-[0-9]{10,}/0/key");
    workspace.remove(Thread::new);
  }

  /** What a process of the user can do, as words; root only. */
  private static String doneBy(int user, String script, String... arguments) throws Exception {
    var words = new ArrayList<String>(List.of("setpriv", "--reuid=" + user));
    words.addAll(List.of("--regid=" + user, "--clear-groups", "sh", "-c", script, "sh"));
    words.addAll(List.of(arguments));
    var process = new ProcessBuilder(words).redirectErrorStream(true).start();
    var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isBetween(0, 126);
    return said;
  }

  @Test
  void its_user_reads_what_was_checked_and_cannot_change_it_and_others_cannot_even_read()
      throws Exception {
    Missing.unless(ThisHost.userNumber() == 0, "only root runs scripts as somebody else");
    Files.setPosixFilePermissions(runs, PosixFilePermissions.fromString("rwx--x--x"));
    var order =
        Orders.withSecretFiles(
            Orders.withFiles(
                Orders.with(ORDER, List.of("file"), Map.of()),
                List.of(new WorkOrder.FileArgument(0, "list", Bytes.utf8("list\n")))),
            List.of(new SecretFile("KEY", "key", Bytes.utf8("key\n"))));
    Account user = new Account("x", 60_001, 60_000, List.of(60_000), "/");
    var workspace = Workspace.make(runs.resolve("."), order, SCRIPT, Optional.of(user));
    var files =
        new String[] {
          workspace.script().toString(),
          workspace.arguments().getFirst(),
          workspace.secretFiles().get("KEY")
        };

    assertThat(doneBy(60_001, "cat \"$@\"", files)).isEqualTo("echo hi" + "list\n" + "key\n");
    assertThat(doneBy(60_001, "test -x \"$1\" && echo executable", files))
        .isEqualTo("executable\n");
    var attack =
        """
        for file; do
          { echo evil > "$file" && echo "wrote $file"; } 2>/dev/null
          mv "$file" "$file.old" 2>/dev/null && echo "moved $file"
          rm -f "$file" 2>/dev/null && echo "removed $file"
          chmod 777 "$file" 2>/dev/null && echo "changed $file"
          ln -s /etc "${file%/*}/link" 2>/dev/null && echo "linked in $file"
        done
        """;
    assertThat(doneBy(60_001, attack, files)).isEmpty();
    assertThat(doneBy(60_002, attack + "cat \"$@\" 2>/dev/null", files)).isEmpty();
    assertThat(doneBy(60_001, "cd \"${1%/*}/../work\" && touch made && echo made", files))
        .isEqualTo("made\n");
    assertThat(workspace.script()).hasContent("echo hi");
    workspace.remove(Thread::new);
    assertThat(runs).isEmptyDirectory();
  }

  @Test
  void two_of_the_same_attempt_do_not_meet() throws IOException {
    var one = Workspace.make(runs, ORDER, SCRIPT, Optional.empty());
    var other = Workspace.make(runs, ORDER, SCRIPT, Optional.empty());
    assertThat(one.script()).isNotEqualTo(other.script());
  }

  @Test
  void is_removed_with_all_that_a_script_put_there_and_nothing_behind_links() throws IOException {
    var outside = Files.createDirectory(runs.resolve("outside"));
    var kept = Files.createFile(outside.resolve("kept"));
    Workspace workspace = Workspace.make(runs, ORDER, SCRIPT, Optional.empty());
    Files.createSymbolicLink(workspace.directory().resolve("link"), outside);
    var closed = Files.createDirectories(workspace.temporary().resolve("a/b"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));

    workspace.remove(Thread::new);

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
