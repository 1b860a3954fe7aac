package io.capataz.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.agent.policy.WantedRun;
import io.capataz.agent.script.Script;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterpretersTest {

  private static final Path FILE = Path.of("/runs/x");

  @TempDir Path programs;

  @BeforeEach
  void somePrograms() throws IOException {
    for (var name : List.of("sh", "bash", "python3", "node", "perl", "ruby", "pwsh", "tool")) {
      Files.createFile(
          programs.resolve(name),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Files.createFile(programs.resolve("document"));
  }

  private static Script script(String name, Bytes content, @Nullable List<String> interpreter) {
    return Script.inOrder(new ScriptText(name, content.sha256(), interpreter, content), content);
  }

  private List<String> command(String name, String text, @Nullable List<String> interpreter)
      throws CannotStart {
    var content = Bytes.utf8(text);
    return Interpreters.commandFor(
        script(name, content, interpreter), FILE, "/no/such/folder::" + programs);
  }

  @Test
  void the_order_decides_first() throws CannotStart {
    assertThat(command("x.py", "#!/bin/sh", List.of("tool", "-u")))
        .containsExactly(programs + "/tool", "-u", "/runs/x");
    assertThat(command("x.py", "", List.of("/opt/my/python")))
        .containsExactly("/opt/my/python", "/runs/x");
  }

  @Test
  void then_the_first_line() throws CannotStart {
    assertThat(command("x.py", "#!/bin/sh\n", null)).containsExactly("/runs/x");
    assertThat(command("x.py", "#!/bin/sh\n", List.of())).containsExactly("/runs/x");
  }

  @Test
  void a_program_is_run_as_it_is() throws CannotStart {
    assertThat(command("x.sh", "\u007fELF and more", null)).containsExactly("/runs/x");
    var content = Bytes.utf8("\u007fELF and more");
    assertThat(Interpreters.programFor(script("x.sh", content, null), programs.toString()))
        .isEqualTo(WantedRun.NO_INTERPRETER);
  }

  @Test
  void then_the_ending() throws CannotStart {
    assertThat(command("x.sh", "", null)).containsExactly(programs + "/sh", "/runs/x");
    assertThat(command("x.bash", "", null)).containsExactly(programs + "/bash", "/runs/x");
    assertThat(command("a.b.py", "", null)).containsExactly(programs + "/python3", "/runs/x");
    assertThat(command("x.js", "", null)).containsExactly(programs + "/node", "/runs/x");
    assertThat(command("x.pl", "", null)).containsExactly(programs + "/perl", "/runs/x");
  }

  @ParameterizedTest
  @CsvSource({
    "x.SH, sh",
    "X.Py, python3",
    "x.mjs, node",
    "x.cjs, node",
    "x.ts, node",
    "x.rb, ruby",
    "x.ps1, pwsh",
    "x.PS1, pwsh"
  })
  void endings_in_any_case_and_of_all_usual_languages(String name, String program)
      throws CannotStart {
    assertThat(command(name, "text", null)).containsExactly(programs + "/" + program, "/runs/x");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          x.py  | BOM#!/usr/bin/python3  | begins with a byte order mark (BOM), which hides
          x.sh  | BOMecho hi             | begins with a byte order mark (BOM), which hides
          x.sh  | #!/bin/shCR            | has Windows line endings (CRLF), which `sh` takes
          x.sh  | echo hiCR              | has Windows line endings (CRLF), which `sh` takes
          x     | #!/usr/bin/env bashCR  | has Windows line endings (CRLF), which `bash` takes
          """)
  void text_that_its_program_would_misunderstand_is_refused_with_the_reason(
      String name, String text, String reason) {
    var script = text.replace("BOM", "\ufeff").replace("CR", "\r\n") + "\nmore\n";
    assertThatThrownBy(() -> command(name, script, null)).hasMessageContaining(reason);
  }

  @Test
  void a_shell_that_the_order_names_misunderstands_it_as_well() {
    assertThatThrownBy(() -> command("x", "echo hi\r\n", List.of("bash", "-e")))
        .hasMessageContaining("CRLF");
  }

  @Test
  void utf_16_is_for_powershell_alone() throws CannotStart {
    var utf16 = Bytes.of("\ufeffprint(1)".getBytes(StandardCharsets.UTF_16LE));
    assertThatThrownBy(
            () -> Interpreters.commandFor(script("x.py", utf16, null), FILE, programs.toString()))
        .hasMessageContaining("is UTF-16 text, which `python3` cannot read");
    assertThat(Interpreters.commandFor(script("x.ps1", utf16, null), FILE, programs.toString()))
        .containsExactly(programs + "/pwsh", "/runs/x");
  }

  @Test
  void windows_line_endings_are_understood_where_the_program_understands_them() throws CannotStart {
    assertThat(command("x", "#!/usr/bin/env python3\r\nprint(1)\r\n", null))
        .containsExactly("/usr/bin/env", "python3", "/runs/x");
    assertThat(command("x", "#! /usr/bin/perl -w -T\r\n", null))
        .containsExactly("/usr/bin/perl", "-w -T", "/runs/x");
    assertThat(command("x.py", "print(1)\r\n", null))
        .containsExactly(programs + "/python3", "/runs/x");
    assertThat(command("x.py", "\ufeffprint(1)\n", null))
        .containsExactly(programs + "/python3", "/runs/x");
    assertThatThrownBy(() -> command("x", "#!\r\n", null)).hasMessageContaining("no program");
  }

  @ParameterizedTest
  @CsvSource({
    "#!/bin/sh, /bin/sh",
    "#! /usr/bin/python3 -u, /usr/bin/python3",
    "#!/usr/bin/env python3, PROGRAMS/python3",
    "#!/usr/bin/env -S node --no-warnings, PROGRAMS/node",
    "#!/usr/bin/env -i python3, /usr/bin/env",
    "#!/usr/bin/env A=b python3, /usr/bin/env",
    "#!/usr/bin/env /opt/python3, /opt/python3",
    "#!/usr/bin/env, /usr/bin/env",
    "#!sh, sh",
    "#!/usr/bin/env nowhere, nowhere",
    "print(1), PROGRAMS/python3",
  })
  void the_program_is_named_for_whoever_decides_about_it(String firstLine, String program) {
    var content = Bytes.utf8(firstLine + "\nmore\n");
    assertThat(Interpreters.programFor(script("x.py", content, null), programs.toString()))
        .isEqualTo(program.replace("PROGRAMS", programs.toString()));
  }

  @Test
  void the_orders_program_is_named_also_where_the_first_line_says_another() {
    var content = Bytes.utf8("#!/bin/sh\n");
    assertThat(
            Interpreters.programFor(
                script("x", content, List.of("tool", "-x")), programs.toString()))
        .isEqualTo(programs + "/tool");
  }

  @Test
  void else_it_says_what_is_missing() {
    assertThatThrownBy(() -> command("x.exe", "MZ", null))
        .hasMessageContaining("Cannot determine the interpreter of `x.exe`");
    assertThatThrownBy(() -> command("x", "", List.of("zz-top")))
        .hasMessageContaining("`zz-top` not found on this host");
    assertThatThrownBy(() -> command("x", "", List.of("document")))
        .hasMessageContaining("`document` cannot be executed on this host: " + programs);
    assertThatThrownBy(() -> command("x", "", List.of("a\0b"))).hasMessageContaining("NUL");
  }
}
