package io.capataz.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a real socket, opened by a Python process as a service manager does. */
@Timeout(60)
class SystemdTest {

  private static final String LISTENER =
      """
      import json, signal, socket, sys
      address = sys.argv[1]
      listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      listener.bind("\\0" + address[1:] if address[0] == "@" else address)
      print("listening", flush=True)
      if sys.argv[2] == "deaf":
          signal.pause()
      while True:
          print(json.dumps(listener.recv(65536).decode()), flush=True)
      """;

  @TempDir Path folder;

  /** Receives the datagrams sent to an address. */
  private record Listener(Process process, BufferedReader said) implements AutoCloseable {

    static Listener at(String address, String how) throws IOException {
      var process = python("-c", LISTENER, address, how);
      var listener = new Listener(process, process.inputReader(StandardCharsets.UTF_8));
      assertThat(listener.hears()).isEqualTo("listening");
      return listener;
    }

    String hears() throws IOException {
      return said.readLine();
    }

    @Override
    public void close() throws IOException {
      process.destroyForcibly();
      said.close();
    }
  }

  private static Process python(String... arguments) throws IOException {
    try {
      return new ProcessBuilder(Stream.concat(Stream.of("python3"), Stream.of(arguments)).toList())
          .redirectError(ProcessBuilder.Redirect.INHERIT)
          .start();
    } catch (IOException e) {
      assumeTrue(false, "There is no python3 to listen.");
      throw e;
    }
  }

  private String path() {
    return folder.resolve("notífy").toString();
  }

  private static String name() {
    return "@capataz/test " + UUID.randomUUID();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void notifies_of_the_agents_state(boolean inFileSystem) throws IOException {
    var address = inFileSystem ? path() : name();
    try (var listener = Listener.at(address, "hearing")) {
      var systemd = Systemd.of(Map.of("NOTIFY_SOCKET", address)).orElseThrow();

      systemd.ready();
      assertThat(listener.hears()).isEqualTo("\"READY=1\"");
      systemd.alive();
      assertThat(listener.hears()).isEqualTo("\"WATCHDOG=1\"");
      systemd.stopping();
      assertThat(listener.hears()).isEqualTo("\"STOPPING=1\"");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {107, 108})
  void an_address_may_be_as_long_as_the_system_allows(int bytes) throws IOException {
    var address = name();
    address += "x".repeat(bytes - address.length());
    try (var listener = Listener.at(address, "hearing")) {
      Systemd.of(Map.of("NOTIFY_SOCKET", address)).orElseThrow().ready();
      assertThat(listener.hears()).isEqualTo("\"READY=1\"");
    }
  }

  @Test
  void one_that_does_not_read_holds_up_nobody() throws IOException {
    var address = name();
    try (var _ = Listener.at(address, "deaf")) {
      assertThatThrownBy(
              () -> {
                // More than any system queues.
                for (int i = 0; i < 100_000; i++) {
                  UnixDatagram.send(address, "WATCHDOG=1", Duration.ofMillis(20));
                }
              })
          .hasMessage("error 11");
    }
  }

  static Stream<String> nobody() {
    return Stream.of("/nowhere/notify", "@nobody", "/" + "x".repeat(107), "@" + "x".repeat(108));
  }

  @ParameterizedTest
  @MethodSource("nobody")
  void whom_nobody_hears_it_passes_over(String address) {
    var systemd = Systemd.of(Map.of("NOTIFY_SOCKET", address)).orElseThrow();
    assertThatCode(systemd::ready).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "@", "notify", "vsock:2:1234"})
  void what_is_no_such_address_is_nobody(String address) {
    assertThat(Systemd.of(Map.of("NOTIFY_SOCKET", address))).isEmpty();
    assertThat(Systemd.of(Map.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "30000000, PT15S",
    "1500, PT0.00075S",
    "0,",
    "-5,",
    "soon,",
    "9223372036854775807,",
    "99999999999999999999,"
  })
  void says_alive_twice_in_the_time_of_the_watchdog(String microseconds, Duration every) {
    var environment = Map.of("NOTIFY_SOCKET", "/run/notify", "WATCHDOG_USEC", microseconds);
    assertThat(Systemd.of(environment).orElseThrow().watchdog().orElse(null)).isEqualTo(every);
  }

  @Test
  void the_watchdog_may_wait_for_another_process() {
    long me = ProcessHandle.current().pid();
    assertThat(watchdogOf(me)).contains(Duration.ofSeconds(1));
    assertThat(watchdogOf(me + 1)).isEmpty();
  }

  private static Optional<Duration> watchdogOf(long pid) {
    return Systemd.of(
            Map.of(
                "NOTIFY_SOCKET",
                "/run/notify",
                "WATCHDOG_USEC",
                "2000000",
                "WATCHDOG_PID",
                Long.toString(pid)))
        .orElseThrow()
        .watchdog();
  }
}
