package io.capataz.supervisor.script;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A script that no host can run is refused when it is uploaded, with the reason. */
class ScriptTextTest {

  private static final String BOM = "\ufeff";

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @Test
  void a_byte_order_mark_before_what_the_system_reads_is_a_mistake() {
    assertThat(code("x.sh", null, BOM + "#!/bin/bash -e\nfalse\n")).isEqualTo("byte_order_mark");
    assertThat(code("x", null, BOM + "#!/usr/bin/env python3\n")).isEqualTo("byte_order_mark");
    assertThat(code("x.sh", null, BOM + "echo\n")).isEqualTo("byte_order_mark");
    assertThat(code("X.SH", null, BOM + "echo\n")).isEqualTo("byte_order_mark");
    // These interpreters skip it.
    assertThat(code("x.py", null, BOM + "print(1)\n")).isEmpty();
    assertThat(code("x.py", List.of("python3"), BOM + "#!/usr/bin/python3\n")).isEmpty();
  }

  @Test
  void line_ends_of_windows_are_a_mistake_where_the_name_of_a_program_would_end_with_one() {
    assertThat(code("x.sh", null, "#!/bin/sh\r\necho one\r\n")).isEqualTo("windows_line_ends");
    assertThat(code("x.py", null, "#!/usr/bin/env python3\r\n")).isEqualTo("windows_line_ends");
    assertThat(code("x.sh", null, "echo one\r\n")).isEqualTo("windows_line_ends");
    assertThat(code("x", List.of("/bin/bash", "-e"), "echo\r\n")).isEqualTo("windows_line_ends");
    assertThat(code("x.py", null, "print(1)\r\n")).isEmpty();
    assertThat(code("x.js", List.of("node"), "#!/usr/bin/env node\r\n")).isEmpty();
    assertThat(code("x.sh", null, "#!/bin/sh\nprintf 'a\r\n'\n")).isEmpty();
  }

  @Test
  void utf_16_is_a_mistake_for_anything_but_windows() {
    for (var charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      var content = Bytes.of((BOM + "#!/bin/sh\n").getBytes(charset));
      assertThat(ScriptText.mistake("x.sh", null, content).orElseThrow().code())
          .isEqualTo("utf_16");
      assertThat(ScriptText.mistake("x.ps1", null, content)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'\ufeff#!/bin/bash -e\nfalse\n', byte_order_mark",
    "'#!/bin/sh\r\necho one\r\n',     windows_line_ends"
  })
  void it_is_refused_as_a_file_in_a_task_and_in_a_recipe(String content, String code) {
    var host = TestAgent.enrolled(supervisor).host();
    var data = Base64.getEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));
    var text = Map.of("filename", "x.sh", "content", content);
    var bytes = Map.of("filename", "x.sh", "data", data);
    var file = supervisor.post("/acme/file", Map.of("filename", "x.sh", "content", "exit 0"));
    var answers =
        List.of(
            supervisor.post("/acme/file", text),
            supervisor.post("/acme/file", bytes),
            supervisor.put("/acme/file/" + file.text("/id") + "/upload", Map.of("data", data)),
            supervisor.post("/acme/task", Map.of("name", "x", "host_id", host, "script", text)),
            supervisor.post("/acme/task", Map.of("name", "x", "host_id", host, "script", bytes)),
            supervisor.post(
                "/acme/task/import?host_id=" + host,
                Map.of("task", Map.of("name", "x", "type", "script"), "file", bytes)));

    for (var answer : answers) {
      assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(400);
      assertThat(answer.text("/errors/0/code")).isEqualTo(code);
    }
    assertThat(answers.getLast().text("/errors/0/pointer")).isEqualTo("/file/data");
  }

  @Test
  void an_interpreter_may_be_one_word() {
    var host = TestAgent.enrolled(supervisor).host();
    var script = Map.of("filename", "x", "content", "exit 0");

    var task =
        supervisor.post(
            "/acme/task",
            Map.of("name", "x", "host_id", host, "interpreter", "bash", "script", script));
    var file =
        supervisor.post(
            "/acme/file", Map.of("filename", "x", "content", "exit 0", "interpreter", "ruby"));
    var options =
        supervisor.post(
            "/acme/task",
            Map.of("name", "x", "host_id", host, "interpreter", "bash -e", "script", script));

    assertThat(task.body().get("interpreter").toString()).isEqualTo("[\"bash\"]");
    assertThat(file.body().get("interpreter").toString()).isEqualTo("[\"ruby\"]");
    assertThat(options.status()).isEqualTo(400);
    assertThat(options.text("/errors/0/pointer")).isEqualTo("/interpreter");
  }

  private static String code(String filename, @Nullable List<String> interpreter, String text) {
    return ScriptText.mistake(filename, interpreter, Bytes.utf8(text))
        .map(ScriptText.Mistake::code)
        .orElse("");
  }
}
