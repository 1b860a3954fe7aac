package io.capataz.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a real process. */
class MainTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path folder;

  private FakeSupervisor supervisor;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void aSupervisor() throws IOException {
    supervisor = new FakeSupervisor();
  }

  @AfterEach
  void nothingIsLeft() {
    started.forEach(Process::destroyForcibly);
    supervisor.close();
  }

  private Map<String, String> environment = Map.of();

  private Process start(String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.capataz.agent.Main"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectError(folder.resolve("log").toFile())
            .redirectOutput(folder.resolve("out").toFile());
    builder.environment().put("CAPATAZ_JOIN_TOKEN", FakeSupervisor.JOIN_TOKEN);
    builder.environment().put("AGENTS_OWN", "not for scripts");
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private Process startWithParent() throws IOException {
    Process agent =
        start(
            "--supervisor",
            supervisor.url().toString(),
            "--data",
            folder.resolve("data").toString(),
            "--host",
            "web-1",
            "--slots",
            "2",
            "--run-as",
            "agent",
            "--stop-with-parent");
    await()
        .atMost(PATIENCE)
        .until(() -> log().contains("agent ready: host=web-1 slots=2 session=1"));
    return agent;
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  @Test
  void ends_with_its_parent_and_ends_what_runs() throws Exception {
    supervisor.offer(Orders.shell("j1", "env; exec sleep 600"));
    Process agent = startWithParent();
    await().atMost(PATIENCE).until(() -> supervisor.stdout("j1").contains("CAPATAZ_JOB_ID=j1"));

    agent.getOutputStream().close();

    assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(agent.exitValue()).isZero();
    assertThat(supervisor.outcome("j1")).isPresent();
    assertThat(supervisor.stdout("j1")).doesNotContain("AGENTS_OWN", "JOIN_TOKEN");
    assertThat(log())
        .contains("agent ended: its parent is gone")
        .doesNotContain(FakeSupervisor.JOIN_TOKEN, "credential-1");
  }

  @Test
  void ends_by_a_signal() throws Exception {
    supervisor.offer(Orders.shell("j1", "exec sleep 600"));
    Process agent = startWithParent();
    await().atMost(PATIENCE).until(() -> supervisor.start("j1").isPresent());

    // Process.destroy would also close its standard input.
    agent.toHandle().destroy();

    assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(supervisor.outcome("j1")).isPresent();
    assertThat(log()).contains("agent ended: signal");
    // Groups of other processes come and go while reading.
    await("no control group of an agent that has ended")
        .atMost(PATIENCE)
        .ignoreException(UncheckedIOException.class)
        .until(() -> controlGroups().isEmpty());
  }

  private List<Path> controlGroups() throws IOException {
    String name =
        "capataz-" + Integer.toHexString(folder.resolve("data").toRealPath().toString().hashCode());
    try (Stream<Path> all =
        Files.find(
            Path.of("/sys/fs/cgroup"),
            6,
            (path, _) -> path.getFileName().toString().equals(name))) {
      return all.toList();
    } catch (NoSuchFileException e) {
      return List.of(); // A host without control groups.
    }
  }

  @Test
  void notifies_systemd_of_its_state() throws Exception {
    Path socket = folder.resolve("notify");
    Path told = folder.resolve("told");
    String listen =
        """
        import socket, sys
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(sys.argv[1])
        print("listening", flush=True)
        while True:
            print(s.recv(4096).decode(), flush=True)
        """;
    started.add(
        new ProcessBuilder("python3", "-c", listen, socket.toString())
            .redirectOutput(told.toFile())
            .start());
    await().atMost(PATIENCE).until(() -> Files.readString(told).contains("listening"));
    environment = Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "500000");

    Process agent = startWithParent();

    await()
        .atMost(PATIENCE)
        .until(() -> Files.readString(told).matches("(?s).*READY=1.*WATCHDOG=1.*WATCHDOG=1.*"));
    agent.toHandle().destroy();
    await().atMost(PATIENCE).until(() -> Files.readString(told).contains("STOPPING=1"));
  }

  @Test
  void a_second_agent_on_the_same_folder_is_refused_in_one_sentence() throws Exception {
    var _ = startWithParent();

    Process second =
        start(
            "--supervisor",
            supervisor.url().toString(),
            "--data",
            folder.resolve("data").toString());

    assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).isEqualTo(1);
    assertThat(log()).contains("Another agent uses the data folder").doesNotContain("\tat ");
  }

  @Test
  void says_what_is_wrong_and_helps() throws Exception {
    Process wrong = start("--slots", "0");
    assertThat(wrong.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(wrong.exitValue()).isEqualTo(2);
    assertThat(log())
        .contains(
            "Invalid --slots '0': must be a number from 1 to 256.", "See './capataz agent --help'.")
        .doesNotContain("\tat ");

    Process help = start("--help");
    assertThat(help.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(help.exitValue()).isZero();
    assertThat(folder.resolve("out")).content().contains("--join-token-file=FILE");
  }
}
