package io.capataz.agent.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.agent.policy.WantedRun;
import io.capataz.agent.script.Script;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import java.io.IOException;
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
    for (var name : List.of("sh", "bash", "python3", "node", "perl", "tool")) {
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
    assertThatThrownBy(() -> command("x", "", List.of("pwsh")))
        .hasMessageContaining("`pwsh` not found on this host");
    assertThatThrownBy(() -> command("x", "", List.of("document")))
        .hasMessageContaining("`document` not found on this host");
    assertThatThrownBy(() -> command("x", "", List.of("a\0b"))).hasMessageContaining("NUL");
  }
}
