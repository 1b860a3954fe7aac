package io.capataz.cli.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.cli.Main;
import io.capataz.cli.terminal.Terminal;
import io.capataz.testing.Missing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is printed for shells is understood by them. */
class CompletionTest {

  @TempDir Path folder;

  private static String script(String shell) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Main.program()
            .run(
                List.of("completion", shell),
                new Terminal(
                    InputStream.nullInputStream(),
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(err, true, StandardCharsets.UTF_8),
                    Map.of(),
                    ""));
    return code + ":" + out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void bash_completes_commands_and_options() throws IOException, InterruptedException {
    String script = script("bash");
    assertThat(script).startsWith("0:");
    Path file = Files.writeString(folder.resolve("completion"), script.substring(2));

    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                "source "
                    + file
                    + "; COMP_WORDS=(capataz job l); COMP_CWORD=2; _complete_capataz; echo"
                    + " ${COMPREPLY[@]}; COMP_WORDS=(capataz task run --no); COMP_CWORD=3;"
                    + " _complete_capataz; echo ${COMPREPLY[@]}")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String replies = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(bash.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(replies).isEqualTo("list logs\n--not-before\n");
  }

  @Test
  void fish_has_a_line_for_each_command_and_option() throws IOException, InterruptedException {
    String script = script("fish");
    assertThat(script)
        .startsWith("0:complete -c capataz -f\n")
        .contains(
            "-n '__fish_seen_subcommand_from job; and __fish_seen_subcommand_from logs' -l follow"
                + " -s f -d 'go on until the job has ended'");
    Missing.unless(Files.isExecutable(Path.of("/usr/bin/fish")), "fish is not installed");
    Path file = Files.writeString(folder.resolve("capataz.fish"), script.substring(2));
    Process fish = new ProcessBuilder("fish", "--no-execute", file.toString()).start();
    assertThat(fish.waitFor()).isZero();
  }

  @Test
  void another_shell_is_refused() {
    assertThat(script("tcsh")).isEqualTo("2:Unknown shell 'tcsh': bash, zsh or fish.\n");
  }
}
