package io.capataz.supervisor.draft;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.testing.FakeModel;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Checks and trials by a real Python, as an agent starts them. */
class RailTest {

  private static final String START = "from function import main_function\n\n\n";

  @TempDir private Path folder;

  @BeforeAll
  static void python() {
    var path = List.of(System.getenv("PATH").split(":", -1));
    Missing.unlessOrFailInCi(
        path.stream().anyMatch(each -> Files.isExecutable(Path.of(each, "python3"))),
        "No python3 on the path: checks and trials of drafts are not tested. Install python3.");
  }

  private static DraftFiles files(String function, String tests, Grant... grants) {
    var proposal = FakeModel.proposal("any", List.of("n int"), List.of("pandas"), function, tests);
    return DraftFiles.of(
        "acme",
        "1",
        Proposal.of(MessageJson.mapper().readTree(proposal))
            .files(TaskType.INPUT, List.of(grants)));
  }

  private JsonNode run(Step step, DraftFiles files) {
    try {
      var script = folder.resolve("rail.py");
      var result = folder.resolve("result.json");
      Files.writeString(script, Rail.scriptOf(files));
      var python =
          new ProcessBuilder("python3", script.toString(), step.word())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("printed").toFile());
      python.environment().put("CAPATAZ_OUTPUT", result.toString());
      python.environment().put("SECRET", "hush");
      var process = python.start();
      assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(Files.readString(folder.resolve("printed"))).isZero();
      return MessageJson.mapper().readTree(Files.readString(result)).path("data");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private JsonNode checked(String function) {
    return run(Step.CHECK, files(function, TestDrafts.TESTS));
  }

  @Test
  void a_draft_that_only_computes_passes_both() {
    var files = files(TestDrafts.FUNCTION, TestDrafts.TESTS);
    for (var step : Step.values()) {
      var report = run(step, files);
      assertThat(report.path("passed").asBoolean()).as(report.toString()).isTrue();
      assertThat(report.path("digest").asString()).isEqualTo(files.digest());
      assertThat(report.path("step").asString()).isEqualTo(step.word());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          undeclared  | import numpy
          not_granted | import socket
          not_granted | from urllib.request import urlopen
          not_granted | import os.path
          not_granted | import subprocess
          import      | import ctypes
          import      | import importlib
          import      | from json import *
          refused     | A = 1 if __builtins__ else 2
          top_level   | print("at import")
          top_level   | A = sorted([1])
          main_function | def main_function(n): return 1
          syntax      | def (
          refused     | def f(): return eval("1")
          refused     | def f(): return getattr(f, "x")
          attribute   | def f(): return ().__class__
          attribute   | def f(): return (x for x in []).gi_frame
          attribute   | import statistics as s~~~~def f(): return s.sys
          not_granted | def f(): return open("/etc/passwd")
          not_granted | import pandas~~~~def f(): return pandas.read_csv("http://x")
          syntax      | async def f(): pass
          refused     | def _capataz_run(): pass
          """)
  void what_a_draft_must_not_have_is_found(String rule, String line) {
    var report = checked(line.replace("~~", "\n") + "\n\n\n" + TestDrafts.FUNCTION);
    assertThat(report.path("passed").asBoolean()).as(report.toString()).isFalse();
    assertThat(report.path("findings").findValuesAsString("rule")).contains(rule);
  }

  @Test
  void parameters_are_those_of_its_user_inputs() {
    var report = checked("def main_function(n, m, *rest):\n    return []\n");
    assertThat(report.at("/findings/0/rule").asString()).isEqualTo("parameters");
    assertThat(report.at("/findings/0/detail").asString())
        .isEqualTo("main_function must have the parameters (n), not (n, m, *rest).");
  }

  @Test
  void what_was_granted_may_be_imported() {
    var function = "import os\nimport socket\nimport subprocess\n\n\n" + TestDrafts.FUNCTION;
    var report =
        run(
            Step.CHECK,
            files(function, TestDrafts.TESTS, Grant.NETWORK, Grant.FILES, Grant.PROCESSES));
    assertThat(report.path("passed").asBoolean()).as(report.toString()).isTrue();
  }

  @Test
  void a_test_that_fails_says_where() {
    var tests = START + "def test_it():\n    assert main_function(2) == 5, 'not five'\n";
    var report = run(Step.TRIAL, files(TestDrafts.FUNCTION, tests));
    assertThat(report.path("passed").asBoolean()).isFalse();
    assertThat(report.at("/findings/0/file").asString()).isEqualTo("test_function.py");
    assertThat(report.at("/findings/0/line").asInt()).isEqualTo(5);
    assertThat(report.at("/findings/0/detail").asString())
        .isEqualTo("test_it: AssertionError: not five");
  }

  /** With all grants, so that the checks let it pass: only the kernel is in the way. */
  @Test
  void a_trial_reaches_neither_network_nor_processes_nor_files() throws IOException {
    var secret = Files.writeString(folder.resolve("secret"), "hush");
    var function =
        """
        import os
        import socket
        import subprocess


        def main_function(n):
            got = []

            def tried(what, call):
                try:
                    call()
                    got.append(what)
                except OSError:
                    pass

            tried("socket", lambda: socket.socket())
            tried("datagram", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            tried("unix", lambda: socket.socketpair())
            tried("name", lambda: socket.getaddrinfo("localhost", 80))
            tried("fork", os.fork)
            tried("run", lambda: subprocess.run(["true"]))
            tried("spawn", lambda: os.posix_spawn("/bin/true", ["true"], {}))
            tried("exec", lambda: os.execv("/bin/true", ["true"]))
            tried("kill", lambda: os.kill(os.getppid(), 0))
            tried("read", lambda: open("SECRET").read())
            tried("passwd", lambda: open("/etc/passwd").read())
            tried("proc", lambda: open("/proc/%d/environ" % os.getppid()).read())
            tried("list", lambda: os.listdir("FOLDER"))
            tried("write", lambda: open("FOLDER/result.json", "w"))
            tried("create", lambda: open("FOLDER/new", "w"))
            tried("remove", lambda: os.remove("SECRET"))
            tried("link", lambda: os.link("SECRET", "linked"))
            tried("through a link", lambda: (os.symlink("SECRET", "x"), open("x")))
            tried("user", lambda: os.setuid(12345))
            got.extend(name for name in os.environ if name in ("SECRET", "CAPATAZ_OUTPUT"))
            return got
        """
            .replace("SECRET\")", secret + "\")")
            .replace("\"SECRET\", \"", "\"" + secret + "\", \"")
            .replace("FOLDER", folder.toString());
    var tests =
        START
            + """
            def test_nothing_is_reached():
                got = main_function(1)
                assert got == [], got


            def test_its_own_folder_is():
                with open("mine", "w") as file:
                    file.write("x")
                assert open("mine").read() == "x"


            def test_threads_are_possible():
                from threading import Thread

                done = []
                thread = Thread(target=lambda: done.append(1))
                thread.start()
                thread.join()
                assert done == [1]
            """;
    var report =
        run(Step.TRIAL, files(function, tests, Grant.NETWORK, Grant.FILES, Grant.PROCESSES));
    Missing.unlessOrFailInCi(
        !report.path("findings").findValuesAsString("rule").contains("not_contained"),
        "The kernel has no Landlock or seccomp: trials of drafts are not tested. Use Linux 5.13.");
    assertThat(report.path("findings").toString()).isEqualTo("[]");
    assertThat(report.path("containment").propertyNames())
        .containsExactlyInAnyOrder("network", "processes", "files");
    assertThat(secret).hasContent("hush");
  }

  @Test
  void what_does_not_pass_the_checks_is_not_run() {
    var witness = folder.resolve("witness");
    var function = "open('%s', 'w')\n\n\n%s".formatted(witness, TestDrafts.FUNCTION);
    var report = run(Step.TRIAL, files(function, TestDrafts.TESTS));
    assertThat(report.path("passed").asBoolean()).isFalse();
    assertThat(report.path("containment").isEmpty()).isTrue();
    assertThat(witness).doesNotExist();
  }

  @Test
  void a_process_that_ends_itself_has_not_passed() {
    var function = "import os\n\n\ndef main_function(n):\n    os._exit(0)\n";
    var report = run(Step.TRIAL, files(function, TestDrafts.TESTS, Grant.PROCESSES));
    assertThat(report.at("/findings/0/rule").asString()).isEqualTo("ended");
  }
}
