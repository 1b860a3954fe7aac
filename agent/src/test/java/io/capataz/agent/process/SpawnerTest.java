package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real child processes. */
class SpawnerTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir Path folder;

  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private final Spawner spawner = new Spawner(waiters);

  @AfterEach
  void letGo() {
    waiters.shutdownNow();
  }

  private Command command(Map<String, String> environment, String... argv) {
    return new Command(
        List.of(argv), environment, folder, folder.resolve("out"), folder.resolve("err"));
  }

  private Command shell(String script, String... arguments) {
    String[] argv = {"/bin/bash", "-c", script, "bash"};
    String[] all = Arrays.copyOf(argv, argv.length + arguments.length);
    System.arraycopy(arguments, 0, all, argv.length, arguments.length);
    return command(Map.of("PATH", "/usr/bin:/bin"), all);
  }

  private ExitStatus run(Command command) throws Exception {
    try (RunningProcess process = spawner.start(command)) {
      ExitStatus exit = process.exit().get(10, TimeUnit.SECONDS);
      process.finishOutput(PATIENCE);
      return exit;
    }
  }

  private String out() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  private void awaitOut(String text) {
    await().atMost(PATIENCE).until(() -> out().contains(text));
  }

  @Test
  void tellsTheExitCode() throws Exception {
    assertThat(run(shell("exit 0"))).isEqualTo(new ExitStatus.Exited(0));
    clean();
    assertThat(run(shell("exit 7"))).isEqualTo(new ExitStatus.Exited(7));
    clean();
    assertThat(run(shell("exit 255"))).isEqualTo(new ExitStatus.Exited(255));
  }

  private void clean() throws IOException {
    Files.delete(folder.resolve("out"));
    Files.delete(folder.resolve("err"));
  }

  @Test
  void tellsTheSignal() throws Exception {
    assertThat(run(shell("kill -SEGV $$"))).isEqualTo(new ExitStatus.Signaled("SIGSEGV"));
    clean();
    assertThat(run(shell("kill -KILL $$"))).isEqualTo(new ExitStatus.Signaled("SIGKILL"));
  }

  @Test
  void argumentsAndEnvironmentArriveByteForByte() throws Exception {
    List<String> words = List.of("", " ", "a b", "'\"$(id)`\\", "línea\nnueva", "日本語 🚀", "*");
    Command command =
        command(
            Map.of("LC_ALL", "C", "GREETING", "¡olá 🚀\n!", "EMPTY", ""),
            "/usr/bin/printf",
            "%s|",
            words.get(0),
            words.get(1),
            words.get(2),
            words.get(3),
            words.get(4),
            words.get(5),
            words.get(6));
    run(command);
    assertThat(out()).isEqualTo(String.join("|", words) + "|");
    clean();

    run(command(command.environment(), "/usr/bin/env", "-0"));
    assertThat(out().split("\0", -1))
        .containsExactlyInAnyOrder("LC_ALL=C", "GREETING=¡olá 🚀\n!", "EMPTY=", "");
  }

  @Test
  void startsInASessionAndGroupOfItsOwn() throws Exception {
    run(
        shell(
            "cat /proc/self/stat; ps -o pid=,pgid=,sid= -p $$ 2>/dev/null; exec cat /proc/$$/stat"));
    String[] fields = out().lines().reduce((_, last) -> last).orElseThrow().split(" ", -1);
    assertThat(fields[4]).as("process group").isEqualTo(fields[0]);
    assertThat(fields[5]).as("session").isEqualTo(fields[0]);
  }

  @Test
  void startsInTheFolderWithNothingToRead() throws Exception {
    run(shell("pwd -P; wc -c"));
    assertThat(out()).isEqualTo(folder.toRealPath() + "\n0\n");
  }

  @Test
  void inheritsNoDescriptor() throws Exception {
    try (var _ = Files.newByteChannel(Files.createFile(folder.resolve("held")))) {
      run(command(Map.of(), "/bin/ls", "-1", "/proc/self/fd"));
    }
    assertThat(out()).as("0, 1, 2, and the one ls opens").isEqualTo("0\n1\n2\n3\n");
  }

  @Test
  void startsWithNothingIgnoredAndNothingBlocked() throws Exception {
    run(command(Map.of(), "/bin/grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"));
    // 32 and 33 are glibc's own; it never lets a spawned process have them.
    assertThat(out()).isEqualTo("SigBlk:\t0000000000000000\nSigIgn:\t0000000180000000\n");
  }

  @Test
  void theTwoStreamsAreKeptApartInFilesOfTheOwner() throws Exception {
    run(shell("echo out; echo err >&2"));
    assertThat(out()).isEqualTo("out\n");
    assertThat(Files.readString(folder.resolve("err"))).isEqualTo("err\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("out"))))
        .isEqualTo("rw-------");
  }

  @Test
  void aProgramThatIsNotThereIsASentence() {
    assertThatThrownBy(() -> spawner.start(command(Map.of(), "/no/such/program")))
        .isInstanceOf(SpawnFailed.class)
        .hasMessageContaining("`/no/such/program` could not be started")
        .hasMessageContaining("ENOENT");
  }

  @Test
  void aFileThatMayNotBeExecutedIsASentence() throws IOException {
    Path file = Files.writeString(folder.resolve("plain"), "#!/bin/sh\n");
    assertThatThrownBy(() -> spawner.start(command(Map.of(), file.toString())))
        .hasMessageContaining("EACCES");
  }

  @Test
  void aFileThatIsNoProgramIsASentence() throws IOException {
    Path file = Files.writeString(folder.resolve("plain"), "echo hi\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    assertThatThrownBy(() -> spawner.start(command(Map.of(), file.toString())))
        .hasMessageContaining("ENOEXEC");
  }

  @Test
  void tooManyArgumentsAreASentence() {
    assertThatThrownBy(() -> spawner.start(command(Map.of(), "/bin/echo", "x".repeat(1 << 20))))
        .hasMessageContaining("E2BIG");
  }

  @Test
  void sigtermReachesTheWholeGroup() throws Exception {
    try (RunningProcess process = spawner.start(shell("sleep 600 & echo ready; wait"))) {
      awaitOut("ready");
      assertThat(process.alive()).hasSize(2);

      process.signal(Signal.SIGTERM);

      assertThat(process.exit().get(10, TimeUnit.SECONDS))
          .isEqualTo(new ExitStatus.Signaled("SIGTERM"));
      await().atMost(PATIENCE).until(() -> process.alive().isEmpty());
    }
  }

  @Test
  void sigkillReachesOtherGroupsOfTheSessionAndOrphans() throws Exception {
    String script =
        "trap '' TERM; set -m; (trap '' TERM; sleep 601) & (sleep 602 & exec sleep 603) &"
            + " echo ready; exec sleep 604";
    try (RunningProcess process = spawner.start(shell(script))) {
      awaitOut("ready");
      await().atMost(PATIENCE).until(() -> commands(process).size() >= 4);
      assertThat(commands(process)).contains("sleep 602", "sleep 603", "sleep 604");

      process.signal(Signal.SIGKILL);

      await().atMost(PATIENCE).until(() -> process.alive().isEmpty());
      assertThat(process.exit().get(10, TimeUnit.SECONDS))
          .isEqualTo(new ExitStatus.Signaled("SIGKILL"));
    }
  }

  private static List<String> commands(RunningProcess process) {
    return process.alive().stream().map(LiveProcess::command).toList();
  }

  @Test
  void aZombieDoesNotLiveButKeepsItsId() throws Exception {
    RunningProcess process = spawner.start(shell("true"));
    process.exit().get(10, TimeUnit.SECONDS);
    Path entry = Path.of("/proc/" + process.pid());

    assertThat(process.alive()).isEmpty();
    assertThat(entry).exists();
    process.close();
    assertThat(entry).doesNotExist();
  }

  @Test
  void closingKillsWhatLives() throws Exception {
    RunningProcess process = spawner.start(shell("sleep 600"));
    process.close();
    process.close();
    assertThat(process.exit().get(10, TimeUnit.SECONDS))
        .isEqualTo(new ExitStatus.Signaled("SIGKILL"));
    await().atMost(PATIENCE).until(() -> !Files.exists(Path.of("/proc/" + process.pid())));
  }

  @Test
  void outputOfWhoeverLeftTheSessionIsNotWaitedForForever() throws Exception {
    try (RunningProcess process = spawner.start(shell("setsid sleep 3 & echo said"))) {
      process.exit().get(10, TimeUnit.SECONDS);
      process.finishOutput(Duration.ofMillis(300));
      assertThat(out()).isEqualTo("said\n");
    }
  }

  @Test
  void aNameOrTextThatNoProcessCanBeGivenIsRefused() {
    assertThatThrownBy(() -> command(Map.of(), "/bin/echo", "a\0b")).hasMessageContaining("NUL");
    assertThatThrownBy(() -> command(Map.of("A", "\0"), "/bin/echo")).hasMessageContaining("NUL");
    assertThatThrownBy(() -> command(Map.of("A=", "b"), "/bin/echo")).hasMessageContaining("`A=`");
    assertThatThrownBy(() -> command(Map.of())).hasMessageContaining("argv is empty");
  }

  @Test
  void signalsHaveTheirNames() {
    assertThat(ExitStatus.Signaled.by(1).signal()).isEqualTo("SIGHUP");
    assertThat(ExitStatus.Signaled.by(13).signal()).isEqualTo("SIGPIPE");
    assertThat(ExitStatus.Signaled.by(31).signal()).isEqualTo("SIGSYS");
    assertThat(ExitStatus.Signaled.by(40).signal()).isEqualTo("SIG40");
  }
}
