package io.capataz.agent.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.cgroup.ControlGroups;
import io.capataz.agent.process.Keepers.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Smoke test of the shell keeper; with {@code -Psoak} every test of the native one tries it too.
 */
class ShellKeeperTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final ControlGroups NO_GROUPS = ControlGroups.find(Path.of("/no/proc"), "none");

  private static final RunLimits LIMITS =
      new RunLimits(Duration.ofMinutes(5), Duration.ofMillis(300), Signal.SIGTERM, false, 1 << 20);

  @TempDir Path folder;

  private final ExecutorService waiters = Executors.newCachedThreadPool();
  private Keepers keepers;
  private Path run;

  @BeforeEach
  void layOut() throws IOException {
    keepers = Keepers.in(folder.resolve("bin"), Optional.of(Form.SHELL), NO_GROUPS, waiters);
    run = Files.createDirectory(folder.resolve("run"));
  }

  @AfterEach
  void letGo() {
    waiters.shutdownNow();
  }

  @Test
  void keeps_what_is_printed_and_the_exit_code_and_ends_what_is_left_behind() throws Exception {
    var end = end(start("echo out; echo err >&2; setsid sleep 600 & echo $!; exit 7"));

    assertThat(end.exit()).contains(new ExitStatus.Exited(7));
    assertThat(end.ending()).isEmpty();
    assertThat(end.survivors()).isEmpty();
    var printed = Files.readAllLines(run.resolve("stdout"));
    assertThat(printed).hasSize(2).startsWith("out");
    assertThat(Files.readString(run.resolve("stderr"))).isEqualTo("err\n");
    assertThat(ProcessTable.start(Long.parseLong(printed.getLast()))).isEmpty();
  }

  @Test
  void stops_what_does_not_listen() throws Exception {
    var supervised = start("trap '' TERM; echo ready; while :; do sleep 0.05; done");
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                Files.exists(run.resolve("stdout"))
                    && Files.readString(run.resolve("stdout")).contains("ready"));

    supervised.stop("CANCEL", Duration.ofMillis(300));
    var end = end(supervised);

    assertThat(end.ending()).contains("CANCEL");
    assertThat(end.signals())
        .extracting(ExitRecord.Sent::signal)
        .startsWith("SIGTERM")
        .contains("SIGKILL");
    assertThat(end.survivors()).isEmpty();
  }

  @Test
  void nothing_of_an_order_is_interpreted() throws Exception {
    var trap = folder.resolve("trap");
    var evil =
        List.of(
            "'; touch " + trap + "; '",
            "$(touch " + trap + ")",
            "`touch " + trap + "`",
            "\n touch " + trap + "\n",
            "\nargument 0\n/bin/true\n",
            "a\\\nb\\",
            "\n\n");
    var argv = new ArrayList<String>(List.of("/usr/bin/printf", "%s|"));
    argv.addAll(evil);
    var environment = new HashMap<String, String>();
    for (int i = 0; i < evil.size(); i++) {
      environment.put("V" + i, evil.get(i));
    }
    // The keeper's own variables, which those of the script must not replace.
    List.of("key", "value", "line", "lines", "newline", "env", "starter", "OPTIND", "n", "_x")
        .forEach(name -> environment.put(name, "0; touch " + trap));

    end(keepers.start(run, new Command(argv, environment, folder), LIMITS));
    assertThat(Files.readString(run.resolve("stdout"))).isEqualTo(String.join("|", evil) + "|");

    var again = Files.createDirectory(folder.resolve("again"));
    var print = new Command(List.of("/usr/bin/env", "-0"), environment, folder);
    end(keepers.start(again, print, LIMITS));
    assertThat(Files.readString(again.resolve("stdout")).split("\0", -1))
        .contains(
            environment.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .toArray(String[]::new));
    assertThat(trap).doesNotExist();
    assertThat(run.resolve("keeper/command")).as("what may hold secrets").doesNotExist();
  }

  @Test
  void a_variable_that_loads_code_is_not_the_keepers() throws Exception {
    var witness = folder.resolve("witness");
    var startup = Files.writeString(folder.resolve("startup"), "echo $$ >> " + witness + "\n");
    var environment = Map.of("ENV", startup.toString(), "BASH_ENV", startup.toString());
    Command command = new Command(List.of("/bin/bash", "-c", "echo $$"), environment, folder);

    end(keepers.start(run, command, LIMITS));

    assertThat(witness).hasContent(Files.readString(run.resolve("stdout")));
  }

  private SupervisedRun start(String script) throws IOException {
    Command command =
        new Command(List.of("/bin/bash", "-c", script), Map.of("PATH", "/usr/bin:/bin"), folder);
    return keepers.start(run, command, LIMITS);
  }

  private static ExitRecord end(SupervisedRun supervised) throws Exception {
    return supervised.over().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }
}
