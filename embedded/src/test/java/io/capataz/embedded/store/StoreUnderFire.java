package io.capataz.embedded.store;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** A store in a process of its own that can be killed at any moment. */
final class StoreUnderFire implements AutoCloseable {

  private static final String LISTENING = "listening on ";

  private final Process process;
  private final String connectionString;

  private StoreUnderFire(Process process, String connectionString) {
    this.process = process;
    this.connectionString = connectionString;
  }

  static StoreUnderFire start(Path folder, EmbeddedStore.Durability durability) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-XX:+UseSerialGC",
                    "-Xshare:auto",
                    "-Xmx256m",
                    "--enable-native-access=ALL-UNNAMED",
                    // A killed process leaves the unpacked native library behind; here it goes with
                    // the test's folder.
                    "-Dorg.sqlite.tmpdir=" + folder,
                    "-cp",
                    System.getProperty("java.class.path"),
                    StoreUnderFire.class.getName(),
                    folder.toString(),
                    durability.name()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(LISTENING)) {
        return new StoreUnderFire(process, line.substring(LISTENING.length()));
      }
    }
    throw new IllegalStateException(
        "the store's process ended before it listened; its words are above");
  }

  String connectionString() {
    return connectionString;
  }

  /** SIGKILL: the process gets no chance to do anything more. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new IllegalStateException("process %d does not die".formatted(process.pid()));
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  static void quiet() {
    if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root) {
      root.setLevel(Level.ERROR);
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    quiet();
    EmbeddedStore store =
        EmbeddedStore.open(
            Path.of(arguments[0]),
            0,
            EmbeddedStore.Durability.valueOf(arguments[1]),
            Clock.systemUTC());
    System.out.println(LISTENING + store.connectionString());
    new CountDownLatch(1).await();
  }
}
