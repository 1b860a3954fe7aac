package io.capataz.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Capataz from a terminal: nothing here calls the API but the command line. */
class TerminalStoryIT {

  private static final String DEFINITIONS =
      """
      kind: task
      name: build
      host: HOST_NAME
      tags: [team:story]
      task_arguments:
        - {type: input, label: version, pattern: "^[0-9.]+$"}
      script:
        filename: build.sh
        content: |
          #!/bin/sh
          echo "building $1"
          echo "no cache" >&2
      ---
      kind: task
      name: broken
      host: HOST_NAME
      tags: [team:story]
      script: {filename: broken.sh, content: "exit 7"}
      ---
      kind: task
      name: slow
      host: HOST_NAME
      tags: [team:story]
      multitasking: false
      timeout: 600
      script: {file: slow.sh}
      ---
      kind: workflow
      name: release
      tags: [team:story]
      graph:
        nodes:
          - {v: build, value: {task: build, arguments: {version: {value: "1.2"}}}}
          - {v: again, value: {task: build, arguments: {version: {value: "1.3"}}}}
        edges:
          - {v: build, w: again, value: success}
      ---
      kind: schedule
      task: build
      description: every night
      cron: "30 2 * * *"
      zone: Europe/Madrid
      task_arguments: ["2.0"]
      """;

  private static final String SLOW =
      """
      #!/bin/sh
      echo started
      exec tail -f /dev/null
      """;

  @TempDir Path folder;

  private Shell shell;

  @BeforeEach
  void sitDown() throws IOException {
    shell = new Shell(folder);
  }

  private Shell.Ended capataz(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("capataz"));
    command.addAll(Arrays.asList(words));
    return shell.run(command.toArray(String[]::new));
  }

  /** What a command prints that must succeed. */
  private String printed(String... words) throws Exception {
    Shell.Ended ended = capataz(words);
    assertThat(ended.code()).as("%s: %s", String.join(" ", words), ended.err()).isZero();
    return ended.out();
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(120, TimeUnit.SECONDS).until(condition);
  }

  @Test
  void definitions_are_applied_run_followed_canceled_and_exported() throws Exception {
    Path data = folder.resolve("data");
    try (Standalone standalone = Standalone.start(data)) {
      logsIn(standalone, data);
      await(() -> printed("host", "list").contains("online"));
      String host = printed("host", "list", "-o", "name").strip();
      Path definitions = Files.createDirectories(folder.resolve("definitions"));
      Files.writeString(definitions.resolve("slow.sh"), SLOW);
      Path file =
          Files.writeString(
              definitions.resolve("all.yaml"), DEFINITIONS.replace("HOST_NAME", host));
      appliesThem();
      runsThem();
      seesWhyOneWaitsAndCancels();
      runsTheWorkflowAndPausesTheSchedule();
      exportsThemAndAppliesThatWithoutChange();
      changesAndPrunes(file);
    }
  }

  private void logsIn(Standalone standalone, Path data) throws Exception {
    Shell.Ended before = capataz("job", "list");
    assertThat(before.err()).startsWith("No supervisor is known. Log in: capataz login");
    assertThat(before.code()).isEqualTo(3);

    Shell.Ended ended =
        capataz(
            "login",
            "--url",
            standalone.address(),
            "--token-file",
            data.resolve("admin.token").toString());

    assertThat(ended.err()).contains("Logged in to " + standalone.address(), "role owner");
    assertThat(Files.getPosixFilePermissions(folder.resolve("config/capataz/contexts.json")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  private void appliesThem() throws Exception {
    assertThat(printed("apply", "-f", "definitions", "--dry-run"))
        .isEqualTo(
            """
            task/build would be created
            task/broken would be created
            task/slow would be created
            workflow/release would be created
            schedule/task/build/every night would be created
            """);
    assertThat(printed("task", "list", "-o", "name")).isEmpty();
    assertThat(printed("apply", "-f", "definitions").lines())
        .hasSize(5)
        .allMatch(line -> line.endsWith(" created"));
    assertThat(printed("apply", "-f", "definitions").lines())
        .hasSize(5)
        .allMatch(line -> line.endsWith(" unchanged"));
  }

  private void runsThem() throws Exception {
    Shell.Ended built = capataz("task", "run", "build", "--arg", "version=1.2", "--follow");
    assertThat(built.out()).isEqualTo("building 1.2\n");
    assertThat(built.err()).isEqualTo("no cache\n");
    assertThat(built.code()).isZero();

    Shell.Ended refused = capataz("task", "run", "build", "--arg", "version=latest");
    assertThat(refused.err()).contains("task_arguments").doesNotContain("latest");
    assertThat(refused.code()).isEqualTo(2);

    Shell.Ended broken = capataz("task", "run", "broken", "--wait", "-o", "json");
    assertThat(broken.code()).isEqualTo(7);
    assertThat(broken.out()).contains("\"exit_code\" : 7");
    assertThat(broken.err()).contains("failed with exit code 7");
  }

  private void seesWhyOneWaitsAndCancels() throws Exception {
    String first = printed("task", "run", "slow", "-o", "name").strip();
    Shell.Going followed = shell.start("capataz", "job", "logs", "-f", first);
    await(() -> followed.printed().equals("started\n"));
    String second = printed("task", "run", "slow", "-o", "name").strip();

    assertThat(printed("job", "why", second)).contains("max_parallel");
    assertThat(printed("job", "cancel", second)).contains("canceled");
    assertThat(capataz("job", "wait", second).code()).isEqualTo(125);
    assertThat(printed("job", "cancel", first)).contains("stopping");
    Shell.Ended waited = capataz("job", "wait", first);
    assertThat(waited.err()).contains("was canceled");
    assertThat(waited.code()).isEqualTo(143);
    assertThat(followed.end()).isEqualTo(new Shell.Ended(0, "started\n", ""));
  }

  private void runsTheWorkflowAndPausesTheSchedule() throws Exception {
    Shell.Ended released = capataz("workflow", "run", "release", "--wait");
    assertThat(released.out()).contains("success");
    assertThat(released.code()).isZero();

    String schedule = printed("schedule", "list", "-o", "name").strip();
    assertThat(printed("schedule", "pause", schedule, "--note", "freeze")).contains("paused");
    assertThat(printed("schedule", "resume", schedule)).doesNotContain("paused");
  }

  private void exportsThemAndAppliesThatWithoutChange() throws Exception {
    Files.writeString(folder.resolve("export.yaml"), printed("export"));

    assertThat(printed("apply", "-f", "export.yaml").lines())
        .hasSize(5)
        .allMatch(line -> line.endsWith(" unchanged"));
  }

  private void changesAndPrunes(Path file) throws Exception {
    String text = Files.readString(file).replace("timeout: 600", "timeout: 900");
    Files.writeString(file, text.substring(0, text.indexOf("---\nkind: workflow")));

    assertThat(printed("apply", "-f", "definitions", "--dry-run"))
        .contains("task/slow would be changed\n  timeout: 600 -> 900\n");
    assertThat(printed("apply", "-f", "definitions", "--prune", "--tag", "team:story", "--yes"))
        .isEqualTo(
            """
            task/build unchanged
            task/broken unchanged
            task/slow changed
              timeout: 600 -> 900
            schedule/task/build/every night removed
            workflow/release removed
            """);
    assertThat(printed("workflow", "list", "-o", "name")).isEmpty();
    assertThat(printed("schedule", "list", "-o", "name")).isEmpty();
    assertThat(printed("apply", "-f", "definitions").lines())
        .allMatch(line -> line.endsWith(" unchanged"));
  }

  @Test
  void the_commands_of_the_pages_are_true() throws Exception {
    Path data = folder.resolve("data");
    try (Standalone standalone = Standalone.start(data)) {
      var _ = standalone.host();
      boolean curls = shell.run("sh", "-c", "command -v curl && command -v jq").code() == 0;
      thePageAboutTheCommandLine(standalone);
      if (curls) {
        aFirstJobOverHttp(standalone);
      }
      theTutorial(standalone);
      Missing.unless(curls, "curl and jq, which run the commands of docs/api/README.md");
    }
  }

  private void thePageAboutTheCommandLine(Standalone standalone) throws Exception {
    String out = typed(PrintedCommands.of("command-line.md", standalone.address()).first());

    assertThat(out)
        .contains("task/count would be created", "workflow/count-twice unchanged", "counting to 5")
        .doesNotContain("changed\n  ");
    assertThat(Files.readString(folder.resolve("ci.token")).strip()).startsWith("cpz_");
  }

  private void aFirstJobOverHttp(Standalone standalone) throws Exception {
    assertThat(typed(PrintedCommands.of("api/README.md", standalone.address()).first()))
        .contains("Hello, world", "succeeded", "/openapi.json: get");
  }

  private void theTutorial(Standalone standalone) throws Exception {
    Files.createSymbolicLink(folder.resolve("capataz"), Launched.LAUNCHER);
    PrintedCommands page = PrintedCommands.of("tutorial.md", standalone.address());
    typed(page.first());
    Shell.Going agent = shell.start("sh", "-eux", script(page.elsewhere()));
    try {
      await(() -> isOnline(standalone, "web-1"));

      assertThat(typed(page.rest()))
          .contains(
              "task/disk-space would be created",
              "% full, the limit is 100 %",
              "% full, the limit is 0 %");
    } finally {
      agent.kill();
    }
  }

  private static boolean isOnline(Standalone standalone, String host) {
    return standalone
        .get("/default/host")
        .valueStream()
        .anyMatch(it -> it.path("name").asString().equals(host) && it.path("online").asBoolean());
  }

  /** What these commands print, none of which may fail. */
  private String typed(String commands) throws Exception {
    Shell.Ended ended = shell.run("sh", "-eux", script(commands));
    assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
    return ended.out();
  }

  private String script(String commands) throws IOException {
    return Files.writeString(Files.createTempFile(folder, "page", ".sh"), commands).toString();
  }
}
