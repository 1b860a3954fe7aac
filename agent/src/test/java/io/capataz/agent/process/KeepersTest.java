package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.cgroup.Confinement;
import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.process.Keepers.Form;
import io.capataz.agent.process.Keepers.Found;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Both keepers with real processes: they must behave the same. */
@ParameterizedClass
@MethodSource("io.capataz.agent.process.TriedKeepers#all")
class KeepersTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Without control groups, the keepers must do everything themselves. */
  private static final ControlGroups NO_GROUPS = ControlGroups.find(Path.of("/no/proc"), "none");

  private static final RunLimits USUAL = limits(Duration.ofMinutes(5), Duration.ofSeconds(5));

  @Parameter TriedKeepers tried = TriedKeepers.FORKED;

  @TempDir Path folder;

  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private Keepers keepers;
  private int runs;
  private Path run;

  @BeforeEach
  void layOut() throws IOException {
    tried.mustBeThere();
    keepers = tried.in(folder.resolve("bin"), NO_GROUPS, waiters);
    run = folder;
  }

  @AfterEach
  void letGo() {
    keepers.close();
    waiters.shutdownNow();
  }

  private static RunLimits limits(Duration timeout, Duration grace) {
    return new RunLimits(timeout, grace, Signal.SIGTERM, false, 1 << 20);
  }

  private static RunLimits keeping(long bytes) {
    return new RunLimits(
        Duration.ofMinutes(5), Duration.ofSeconds(5), Signal.SIGTERM, false, bytes);
  }

  private Command command(Map<String, String> environment, String... argv) {
    return new Command(List.of(argv), environment, folder);
  }

  private Command shell(String script) {
    return command(Map.of("PATH", "/usr/bin:/bin"), "/bin/bash", "-c", script);
  }

  private SupervisedRun start(Command command, RunLimits limits) throws IOException {
    run = Files.createDirectory(folder.resolve("run-" + runs++ + "-" + System.nanoTime()));
    return keepers.start(run, command, limits);
  }

  private ExitRecord run(Command command) throws Exception {
    return end(start(command, USUAL));
  }

  private static ExitRecord end(SupervisedRun supervised) throws Exception {
    return supervised.over().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private String out() throws IOException {
    return Printed.out(run);
  }

  private void awaitOut(String text) {
    await().atMost(PATIENCE).until(() -> out().contains(text));
  }

  private static boolean lives(long pid) {
    return ProcessTable.start(pid).isPresent();
  }

  private ExitStatus signaled(String name, int number) {
    // A shell only sees 128 plus the signal number.
    return tried.form() == Form.NATIVE
        ? new ExitStatus.Signaled(name)
        : new ExitStatus.Exited(128 + number);
  }

  @Test
  void reports_the_exit_code() throws Exception {
    for (int code : List.of(0, 7, 127, 255)) {
      var end = run(shell("exit " + code));
      assertThat(end.exit()).contains(new ExitStatus.Exited(code));
      assertThat(end.ending()).isEmpty();
      assertThat(end.signals()).isEmpty();
      assertThat(end.survivors()).isEmpty();
    }
  }

  @Test
  void reports_the_signal() throws Exception {
    assertThat(run(shell("kill -SEGV $$")).exit()).contains(signaled("SIGSEGV", 11));
    assertThat(run(shell("kill -KILL $$")).exit()).contains(signaled("SIGKILL", 9));
  }

  @Test
  void arguments_and_environment_arrive_byte_for_byte() throws Exception {
    var words =
        List.of("", " ", "a b", "'\"$(id)`\\", "línea\nnueva", "日本語 🚀", "*", "-n", "\1\u007f");
    var argv = new ArrayList<String>(List.of("/usr/bin/printf", "%s|"));
    argv.addAll(words);
    var environment =
        Map.of("LC_ALL", "C", "GREETING", "¡olá 🚀\n!'", "EMPTY", "", "IFS", "x", "OPTIND", "'7'");
    run(new Command(argv, environment, folder));
    assertThat(out()).isEqualTo(String.join("|", words) + "|");

    run(command(environment, "/usr/bin/env", "-0"));
    var variables = out().split("\0", -1);
    assertThat(variables)
        .contains("LC_ALL=C", "GREETING=¡olá 🚀\n!'", "EMPTY=", "IFS=x", "OPTIND='7'")
        .contains("CAPATAZ_RUN=" + run.getFileName());
    if (tried.form() == Form.NATIVE) {
      assertThat(variables).as("these, and nothing after the last NUL").hasSize(7);
    }
  }

  @Test
  void starts_in_a_session_and_group_of_its_own() throws Exception {
    var supervised = start(shell("exec cat /proc/$$/stat"), USUAL);
    end(supervised);
    var fields = out().split(" ", -1);
    assertThat(fields[0]).isEqualTo(Long.toString(supervised.pid()));
    assertThat(fields[4]).as("process group").isEqualTo(fields[0]);
    assertThat(fields[5]).as("session").isEqualTo(fields[0]);
  }

  @Test
  void starts_in_the_folder_with_nothing_to_read() throws Exception {
    run(shell("pwd -P; wc -c"));
    assertThat(out()).isEqualTo(folder.toRealPath() + "\n0\n");
  }

  @Test
  void inherits_no_descriptor() throws Exception {
    try (var _ = Files.newByteChannel(Files.createFile(folder.resolve("held")))) {
      run(command(Map.of(), "/bin/ls", "-1", "/proc/self/fd"));
    }
    assertThat(out()).as("0, 1, 2, and the one ls opens").isEqualTo("0\n1\n2\n3\n");
  }

  @Test
  void starts_with_nothing_ignored_and_nothing_blocked() throws Exception {
    run(command(Map.of(), "/bin/grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"));
    // glibc reserves 32 and 33, and never sets them for a spawned process.
    assertThat(out().replace("180000000", "000000000"))
        .isEqualTo("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
  }

  @Test
  void the_two_streams_are_kept_apart_in_files_of_the_owner() throws Exception {
    run(shell("echo out; echo err >&2; echo more > /dev/stderr; echo out again > /dev/stdout"));
    assertThat(out()).isEqualTo("out\nout again\n");
    assertThat(Printed.err(run)).isEqualTo("err\nmore\n");
    var file = run.resolve(tried.form() == Form.NATIVE ? "record" : "stdout");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void a_program_that_is_not_there_is_a_sentence() {
    assertThatThrownBy(() -> start(command(Map.of(), "/no/such/program"), USUAL))
        .isInstanceOf(SpawnFailed.class)
        .hasMessageContaining("Cannot start `/no/such/program`")
        .hasMessageContaining("ENOENT");
  }

  @Test
  void what_cannot_be_executed_is_a_sentence() throws Exception {
    assumeThat(tried.form()).as("a shell learns of that too late").isEqualTo(Form.NATIVE);
    var file = Files.writeString(folder.resolve("plain"), "echo hi\n");
    assertThatThrownBy(() -> start(command(Map.of(), file.toString()), USUAL))
        .hasMessageContaining("EACCES");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    assertThatThrownBy(() -> start(command(Map.of(), file.toString()), USUAL))
        .hasMessageContaining("ENOEXEC");
    assertThatThrownBy(() -> start(command(Map.of(), "/bin/echo", "x".repeat(1 << 20)), USUAL))
        .hasMessageContaining("E2BIG");
    assertThat(keepers.find(run)).isInstanceOf(Found.Failed.class);
  }

  @Test
  void when_its_time_is_up_all_of_it_gets_sigterm() throws Exception {
    var supervised =
        start(
            shell("sleep 600 & trap 'echo bye; exit 3' TERM; echo ready; wait"),
            limits(Duration.ofSeconds(1), Duration.ofSeconds(10)));
    var end = end(supervised);
    assertThat(out()).isEqualTo("ready\nbye\n");
    assertThat(end.exit()).contains(new ExitStatus.Exited(3));
    assertThat(end.ending()).contains("TIMEOUT");
    assertThat(end.signals()).extracting(ExitRecord.Sent::signal).containsExactly("SIGTERM");
    assertThat(end.signals().getFirst().after())
        .isBetween(Duration.ofMillis(950), Duration.ofSeconds(4));
    assertThat(end.survivors()).isEmpty();
  }

  @Test
  void what_does_not_listen_gets_sigkill_after_the_grace() throws Exception {
    var script =
        "trap '' TERM; set -m; (trap '' TERM; sleep 601) & (sleep 602 & exec sleep 603) &"
            + " echo ready; while :; do sleep 1; done";
    var supervised = start(shell(script), USUAL);
    awaitOut("ready");

    supervised.stop("CANCEL", Duration.ofMillis(500));

    var end = end(supervised);
    assertThat(end.exit()).contains(signaled("SIGKILL", 9));
    assertThat(end.ending()).contains("CANCEL");
    assertThat(end.signals())
        .extracting(ExitRecord.Sent::signal, ExitRecord.Sent::why)
        .containsExactly(tuple("SIGTERM", "CANCEL"), tuple("SIGKILL", "CANCEL"));
    assertThat(end.signals().get(1).after().minus(end.signals().get(0).after()))
        .isBetween(Duration.ofMillis(450), Duration.ofSeconds(4));
    assertThat(end.survivors()).isEmpty();
    assertThat(lives(supervised.pid())).isFalse();
  }

  @Test
  void the_first_signal_is_the_one_that_is_asked_for() throws Exception {
    var script =
        "trap 'echo int; exit 5' INT; trap 'echo term' TERM; echo ready;"
            + " while :; do sleep 0.1; done";
    var supervised =
        start(
            shell(script),
            new RunLimits(
                Duration.ofMinutes(5), Duration.ofSeconds(10), Signal.SIGINT, true, 1 << 20));
    awaitOut("ready");
    supervised.stop("CANCEL", Duration.ofSeconds(10));
    assertThat(end(supervised).exit()).contains(new ExitStatus.Exited(5));
    assertThat(out()).isEqualTo("ready\nint\n");
  }

  @Test
  void whoever_is_in_the_scripts_group_is_told_once() throws Exception {
    var script =
        "(trap 'echo told' TERM; until [ -e deaf ]; do sleep 0.01; done; echo ready;"
            + " for i in 1 2 3 4 5; do sleep 0.2; done) & trap '' TERM; : > deaf; wait";
    var supervised = start(shell(script), USUAL);
    awaitOut("ready");
    supervised.stop("CANCEL", Duration.ofSeconds(10));
    assertThat(end(supervised).signals()).hasSize(1);
    assertThat(out()).isEqualTo("ready\ntold\n");
  }

  @Test
  void with_the_main_process_first_it_may_end_its_own() throws Exception {
    var script =
        "(trap 'echo child was told' TERM; while :; do sleep 0.05; done) & child=$!\n"
            + "trap 'echo main was told; kill -KILL $child; wait; exit 0' TERM; echo ready; wait";
    var supervised =
        start(
            shell(script),
            new RunLimits(
                Duration.ofMinutes(5), Duration.ofSeconds(10), Signal.SIGTERM, true, 1 << 20));
    awaitOut("ready");
    supervised.stop("CANCEL", Duration.ofSeconds(10));
    assertThat(end(supervised).signals()).hasSize(1);
    assertThat(out()).contains("main was told").doesNotContain("child was told");
  }

  @Test
  void what_is_left_behind_is_ended() throws Exception {
    var end = run(shell("(trap '' TERM; sleep 600; sleep 600) & echo gone; exit 4"));
    assertThat(end.exit()).contains(new ExitStatus.Exited(4));
    assertThat(end.ending()).isEmpty();
    assertThat(end.signals()).extracting(ExitRecord.Sent::why).containsOnly("LEFT_BEHIND");
    assertThat(end.survivors()).isEmpty();
  }

  @Test
  void what_ends_a_moment_after_the_script_is_no_fault() throws Exception {
    var end = run(shell("(sleep 0.05; echo last words) & exit 0"));
    assertThat(end.signals()).isEmpty();
    assertThat(out()).isEqualTo("last words\n");
  }

  @Test
  void of_a_long_output_the_beginning_and_the_end_are_kept() throws Exception {
    var script = "seq -w 1 200000; echo '{\"last\":1}'; seq 5 >&2";
    var end = end(start(shell(script), keeping(100_000)));
    try (var output = CapturedOutput.open(run)) {
      output.finish(end);
      long printed = 200_000 * 7 + 11;
      var whole = text(output.stdout(), 0, 1 << 20);
      assertThat(whole).hasSize((int) output.stdout().size());
      assertThat(output.stdout().droppedBytes()).isEqualTo(printed - 100_000);
      assertThat(whole)
          .startsWith("000001\n000002\n")
          .contains("\n[capataz: " + (printed - 100_000) + " bytes omitted")
          .endsWith("199999\n200000\n{\"last\":1}\n");
      for (int from : List.of(0, 49_990, 50_003, 50_060, 99_999)) {
        assertThat(text(output.stdout(), from, 777))
            .isEqualTo(whole.substring(from, Math.min(whole.length(), from + 777)));
      }
      assertThat(text(output.stderr(), 0, 100)).isEqualTo("1\n2\n3\n4\n5\n");
      assertThat(output.stderr().droppedBytes()).isZero();
    }
  }

  private static String text(CapturedStream stream, long from, int most) throws IOException {
    return new String(stream.read(from, most), StandardCharsets.UTF_8);
  }

  @Test
  void a_flood_that_comes_in_drops_is_kept_by_its_ends() throws Exception {
    var script = "for ((i = 0; i < 20000; i++)); do echo $i; echo $i >&2; done; echo last";
    var supervised = start(shell(script), keeping(10_000));
    var end = end(supervised);
    assertThat(end.exit()).contains(new ExitStatus.Exited(0));
    assertThat(end.stdout().total()).isEqualTo(end.stderr().total() + 5);
    try (var output = CapturedOutput.open(run)) {
      output.finish(end);
      assertThat(text(output.stdout(), 0, 1 << 20)).startsWith("0\n1\n").endsWith("19999\nlast\n");
      assertThat(text(output.stderr(), 0, 1 << 20)).startsWith("0\n1\n").endsWith("19999\n");
    }
  }

  @Test
  void an_output_that_just_fits_is_whole() throws Exception {
    var script = "printf %01000d 0; printf %0999d 0 >&2";
    var end = end(start(shell(script), keeping(1_000)));
    try (var output = CapturedOutput.open(run)) {
      output.finish(end);
      assertThat(output.droppedBytes()).isZero();
      assertThat(text(output.stdout(), 0, 2_000)).isEqualTo("0".repeat(1_000));
      assertThat(text(output.stderr(), 0, 2_000)).isEqualTo("0".repeat(999));
    }
  }

  @Test
  void the_index_tells_the_order() throws Exception {
    assumeThat(tried.form()).as("a shell cannot tell").isEqualTo(Form.NATIVE);
    run(shell("for i in 1 2 3; do echo out$i; sleep 0.1; echo err$i >&2; sleep 0.1; done"));
    try (var output = CapturedOutput.open(run)) {
      var entries = output.entries(0, 100);
      assertThat(entries)
          .extracting(CapturedOutput.Entry::onStderr, CapturedOutput.Entry::end)
          .containsExactly(
              tuple(false, 5L),
              tuple(true, 5L),
              tuple(false, 10L),
              tuple(true, 10L),
              tuple(false, 15L),
              tuple(true, 15L));
      assertThat(entries.get(5).after()).isGreaterThan(Duration.ofMillis(490));
      assertThat(output.entries(5, 100)).hasSize(1);
      assertThat(output.entries(6, 100)).isEmpty();
    }
  }

  @Test
  void output_that_outgrows_the_record_goes_on_in_files_in_the_same_order() throws Exception {
    var script =
        "for i in {1..9}; do printf \"out$i %05000d\\n\" $i; sleep 0.03;"
            + " printf \"err$i %02000d\\n\" $i >&2; sleep 0.03; done; while [ ! -e go ]; do sleep"
            + " 0.05; done; echo last";
    var supervised = start(shell(script), USUAL);
    awaitOut("out9");
    await().atMost(PATIENCE).until(() -> Printed.err(run).contains("err9"));
    try (var output = CapturedOutput.open(run)) {
      long live = output.stdout().size();
      assertThat(live).isEqualTo(9 * 5006);
      Files.createFile(folder.resolve("go"));
      var end = end(supervised);
      output.finish(end);

      var out = text(output.stdout(), 0, 1 << 20);
      assertThat(out.lines().map(line -> line.substring(0, 4)))
          .containsExactly(
              "out1", "out2", "out3", "out4", "out5", "out6", "out7", "out8", "out9", "last");
      for (int from : List.of(0, 4_999, 5_000, 15_000, 15_017, 20_000, 45_050)) {
        assertThat(text(output.stdout(), from, 777))
            .isEqualTo(out.substring(from, Math.min(out.length(), from + 777)));
      }
      assertThat(text(output.stderr(), 0, 1 << 20).lines()).hasSize(9);
      assertThat(output.droppedBytes()).isZero();
      if (tried.form() == Form.NATIVE) {
        var order = new StringBuilder();
        for (var entry : output.entries(0, 100)) {
          var stream = entry.onStderr() ? "e" : "o";
          if (!order.toString().endsWith(stream)) {
            order.append(stream);
          }
        }
        assertThat(order).hasToString("oe".repeat(9) + "o");
        for (int from = 0; from < 10; from++) {
          assertThat(output.entries(from, 3))
              .isEqualTo(output.entries(0, 100).subList(from, from + 3));
        }
        assertThat(output.entries(0, 100))
            .isSortedAccordingTo(Comparator.comparing(CapturedOutput.Entry::after));
      }
    }
  }

  @Test
  void a_run_that_prints_little_has_one_file() throws Exception {
    assumeThat(tried.form()).as("the shell keeper has more").isEqualTo(Form.NATIVE);
    run(shell("echo out; echo err >&2; exit 3"));
    try (var files = Files.list(run)) {
      assertThat(files).containsExactly(run.resolve("record"));
    }
  }

  @Test
  void a_run_is_found_again() throws Exception {
    var script = "echo ready; while [ ! -e go ]; do sleep 0.05; done; echo went; exit 6";
    var supervised = start(shell(script), USUAL);
    awaitOut("ready");

    var again = ((Found.Started) keepers.find(run)).run();
    assertThat(again.pid()).isEqualTo(supervised.pid());
    Files.createFile(folder.resolve("go"));

    var end = end(again);
    assertThat(end.exit()).contains(new ExitStatus.Exited(6));
    assertThat(out()).isEqualTo("ready\nwent\n");
    end(supervised);
    assertThat(end(((Found.Started) keepers.find(run)).run())).isEqualTo(end);
  }

  @Test
  void a_run_that_is_found_again_can_be_stopped() throws Exception {
    var supervised = start(shell("echo ready; sleep 600"), USUAL);
    awaitOut("ready");
    var again = ((Found.Started) keepers.find(run)).run();
    again.stop("CANCEL", Duration.ofSeconds(5));
    assertThat(end(again).ending()).contains("CANCEL");
    end(supervised);
    again.stop("CANCEL", Duration.ZERO);
  }

  @Test
  void what_was_not_begun_never_will_be() throws Exception {
    var early = Files.createDirectory(folder.resolve("early"));
    var own = early.resolve(KeeperFiles.SHELL_FOLDER);
    if (tried.form() == Form.SHELL) {
      Files.createDirectory(own);
    }
    assertThat(keepers.find(early)).isEqualTo(new Found.NotStarted());
    assertThat(keepers.find(early)).isEqualTo(new Found.NotStarted());

    // Its keeper starts only now.
    var once = shell("echo once");
    var order = folder.resolve("order");
    Files.write(order, KeeperOrder.forProgram("early", once, USUAL, Confinement.NONE));
    if (tried.form() == Form.SHELL) {
      Files.write(
          own.resolve("order"), KeeperOrder.forShell("early", once, USUAL, Confinement.NONE));
      Files.write(own.resolve("command"), KeeperOrder.commandForShell("early", once));
    }
    List<String> late =
        new ArrayList<>(tried.form() == Form.SHELL ? List.of("/bin/sh") : List.of());
    try (var programs = Files.list(folder.resolve("bin"))) {
      late.add(programs.findFirst().orElseThrow().toString());
    }
    late.add(early.toString());
    var process =
        new ProcessBuilder(late).redirectErrorStream(true).redirectInput(order.toFile()).start();
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .startsWith("failed begin 17");
    assertThat(early.resolve("stdout")).doesNotExist();
  }

  @Test
  void what_a_killed_keeper_leaves_can_be_ended() throws Exception {
    var supervised = start(shell("setsid sleep 605 & echo ready; wait"), USUAL);
    awaitOut("ready");
    LibC.kill(Integer.parseInt(KeeperFiles.in(run).keeper().orElseThrow()[0]), 9);

    assertThatThrownBy(() -> end(supervised))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(SupervisedRun.KeeperGone.class);
    assertThat(keepers.find(run)).isEqualTo(new Found.Lost());
    assertThat(keepers.killLeftovers(run)).isEmpty();
    assertThat(ProcessTable.ofRun(-1, "CAPATAZ_RUN=" + run.getFileName())).isEmpty();
    await().atMost(PATIENCE).until(() -> !lives(supervised.pid()));
  }

  @Test
  void a_run_of_another_boot_is_gone() throws Exception {
    var supervised = start(shell("echo ready; sleep 600"), USUAL);
    awaitOut("ready");
    var keeper = KeeperFiles.in(run).keeper().orElseThrow();
    beginWith(keeper[0], keeper[1], "b".repeat(keeper[2].length()));
    assertThat(keepers.find(run)).isEqualTo(new Found.Lost());
    beginWith(keeper[0], "1".repeat(keeper[1].length()), keeper[2]);
    assertThat(keepers.find(run)).as("the number is another's").isEqualTo(new Found.Lost());
    supervised.stop("CANCEL", Duration.ZERO);
    end(supervised);
  }

  @Test
  void a_record_that_was_cut_off_with_its_host_is_none() throws Exception {
    run(shell("echo ready"));
    var keeper = KeeperFiles.in(run).keeper().orElseThrow();
    beginWith(keeper[0], keeper[1], "b".repeat(keeper[2].length()));
    boolean isOne = tried.form() == Form.NATIVE;
    var record = run.resolve(isOne ? "record" : "keeper/exit");
    var whole = Files.readString(record);
    assertThat(keepers.find(run)).isInstanceOf(Found.Started.class);
    var torn = new ArrayList<String>(List.of("", "\0".repeat(whole.length())));
    if (isOne) {
      for (int i = whole.indexOf('\n') + 1; i < whole.length(); i++) {
        torn.add(whole.substring(0, i));
        torn.add(whole.substring(0, i) + "\0" + whole.substring(i + 1));
      }
    } else {
      torn.add(whole.substring(0, 20));
    }
    for (var text : torn) {
      Files.writeString(record, text);
      assertThat(isLost(run)).as(text).isTrue();
    }
  }

  private boolean isLost(Path folder) {
    try {
      return keepers.find(folder) instanceof Found.Lost;
    } catch (IOException e) {
      return true; // As RecoveredRuns takes it.
    }
  }

  /** Replaces the first line of what the keeper has written by one of the same length. */
  private void beginWith(String... words) throws IOException {
    try (var file = Files.newByteChannel(KeeperFiles.in(run).begin(), StandardOpenOption.WRITE)) {
      var _ = file.write(StandardCharsets.US_ASCII.encode(String.join(" ", words)));
    }
  }

  @Test
  void output_of_whoever_holds_it_for_ever_is_not_waited_for() throws Exception {
    var fifo = folder.resolve("holder");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    // A process outside of the run opens the pipe and keeps it open.
    var supervised = start(shell("echo $$ > " + fifo + "; echo said; read -r _ < " + fifo), USUAL);
    var hold =
        "read -r pid < %1$s; exec 3> /proc/$pid/fd/1; echo > %1$s; exec sleep 600".formatted(fifo);
    var holder = new ProcessBuilder("bash", "-c", hold).start();
    try {
      end(supervised);
      assertThat(out()).isEqualTo("said\n");
    } finally {
      holder.destroyForcibly();
    }
  }

  @Test
  void a_name_or_text_that_no_process_can_be_given_is_refused() {
    assertThatThrownBy(() -> command(Map.of(), "/bin/echo", "a\0b")).hasMessageContaining("NUL");
    assertThatThrownBy(() -> command(Map.of("A", "\0"), "/bin/echo")).hasMessageContaining("NUL");
    for (var name :
        List.of("A=", "", "1A", "A B", "A;id", "A$(id)", "A\nB", "BASH_FUNC_x%%", "ñ")) {
      assertThatThrownBy(() -> command(Map.of(name, "b"), "/bin/echo"))
          .hasMessageContaining("Invalid name of an environment variable");
    }
    assertThatThrownBy(() -> command(Map.of())).hasMessageContaining("argv is empty");
  }

  @Test
  void signals_have_their_names() {
    assertThat(ExitStatus.Signaled.by(1).signal()).isEqualTo("SIGHUP");
    assertThat(ExitStatus.Signaled.by(13).signal()).isEqualTo("SIGPIPE");
    assertThat(ExitStatus.Signaled.by(31).signal()).isEqualTo("SIGSYS");
    assertThat(ExitStatus.Signaled.by(40).signal()).isEqualTo("SIG40");
  }
}
