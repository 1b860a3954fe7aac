package io.capataz.standalone.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the commands of {@code docs/backup.md} in their printed form. The launcher is one of the
 * test's own, because there may be no jar yet; {@code LauncherIT} shows that the real one starts
 * the same class.
 */
class BackupPageTest {

  private static final Pattern BLOCK =
      Pattern.compile("<!-- run by BackupPageTest -->\n```sh\n(.*?)```", Pattern.DOTALL);

  @TempDir Path folder;

  @Test
  void the_commands_of_the_page_do_what_it_says() throws Exception {
    String commands =
        BLOCK
            .matcher(Files.readString(Path.of("../docs/backup.md")))
            .results()
            .map(block -> block.group(1))
            .collect(Collectors.joining());
    assertThat(commands.lines()).hasSize(2);
    launcher();
    Path data = Files.createDirectories(folder.resolve("data"));
    Files.writeString(data.resolve("vault.key"), "the key");
    try (OpenData running = OpenData.in(data)) {
      running.addJobs(0, 10);

      assertThat(run(commands)).contains("the vault key is in it").contains("./restored is as it");
    }

    assertThat(folder.resolve("restored/vault.key")).hasContent("the key");
    try (OpenData restored = OpenData.in(folder.resolve("restored"))) {
      assertThat(restored.jobs()).isEqualTo(10);
    }
    assertThat(run("./capataz backup || echo code $?"))
        .contains("Name the file")
        .contains("code 2");
    assertThat(run("./capataz restore capataz.backup --data ./data || echo code $?"))
        .contains("is not empty")
        .contains("code 1");
  }

  private void launcher() throws IOException {
    Path launcher = folder.resolve("capataz");
    Files.writeString(
        launcher,
        "#!/bin/sh\nexec '%s' -Xmx128m -cp '%s' %s \"$@\"\n"
            .formatted(
                ProcessHandle.current().info().command().orElse("java"),
                System.getProperty("java.class.path"),
                BackupCommand.class.getName()));
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
  }

  private String run(String commands) throws IOException {
    Process shell =
        new ProcessBuilder("sh", "-e", "-c", commands)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
