package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.testing.Missing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A store whose disk is full under a supervisor, and has room again. */
class FullStoreTest {

  private static final int ROUNDS = 3;

  @TempDir Path folder;

  @Test
  void meanwhile_writes_get_503_and_reads_go_on_and_afterwards_nothing_is_lost() throws Exception {
    var disk = Files.createDirectory(folder.resolve("disk"));
    Missing.unless(
        run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk.toString()),
        "a supervisor whose store's disk is full: needs root and the right to mount a tmpfs");
    var logged = new ListAppender<ILoggingEvent>();
    var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    try (var store =
            EmbeddedStore.open(
                disk.resolve("store"),
                0,
                EmbeddedStore.Durability.PROCESS_KILL,
                Clock.systemUTC());
        var supervisor = TestSupervisor.on(store.connectionString() + "/capataz")) {
      logged.start();
      root.addAppender(logged);
      var agent = TestAgent.enrolled(supervisor);
      var task =
          supervisor.post(
              "/acme/task",
              Map.of(
                  "name", "any",
                  "host_id", agent.host(),
                  "script", Map.of("filename", "x.sh", "content", "exit 0")));
      var acknowledged = new ArrayList<String>();
      var run = "/acme/task/" + task.text("/id") + "/job";

      for (var round = 0; round < ROUNDS; round++) {
        // Its use would be noted.
        var unused =
            supervisor
                .post("/acme/integration-token", Map.of("name", "unused " + round))
                .text("/token");
        fill(disk.resolve("ballast"));
        await("a refusal")
            .atMost(Duration.ofSeconds(30))
            .until(
                () -> {
                  var answer = supervisor.post(run, Map.of());
                  if (answer.status() == 200) {
                    acknowledged.add(answer.text("/id"));
                    return false;
                  }
                  assertThat(answer.status()).as(answer.raw().body()).isEqualTo(503);
                  assertThat(answer.raw().headers().firstValue("Retry-After")).contains("5");
                  return true;
                });
        await("not ready").until(() -> supervisor.get("/readyz").status() == 503);
        assertThat(supervisor.get("/readyz").raw().headers().firstValue("Retry-After"))
            .contains("5");
        assertThat(supervisor.get("/livez").status()).isEqualTo(200);
        assertThat(supervisor.get("/acme/task/" + task.text("/id")).status()).isEqualTo(200);
        assertThat(supervisor.getAs(unused, "/acme/task").status()).isEqualTo(200);

        Files.delete(disk.resolve("ballast"));
        await("ready").until(() -> supervisor.get("/readyz").status() == 200);
        var job = supervisor.post(run, Map.of());
        assertThat(job.status()).isEqualTo(200);
        acknowledged.add(job.text("/id"));
      }

      for (var job : acknowledged) {
        assertThat(supervisor.get("/acme/job/" + job).status()).isEqualTo(200);
      }
      assertThat(withStackTrace(logged)).isEmpty();
    } finally {
      root.detachAppender(logged);
      var _ = run("umount", "-l", disk.toString());
    }
  }

  private static List<String> withStackTrace(ListAppender<ILoggingEvent> logged) {
    return List.copyOf(logged.list).stream()
        .filter(event -> event.getThrowableProxy() != null)
        .map(event -> event.getFormattedMessage() + ": " + event.getThrowableProxy().getMessage())
        .toList();
  }

  private static void fill(Path ballast) {
    var block = new byte[1 << 16];
    try (var out = Files.newOutputStream(ballast)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      assertThat(full).hasMessageContaining("No space left");
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }
}
