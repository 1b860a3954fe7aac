package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.testing.SmallDisk;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** A store whose disk is full under a supervisor, and has room again. */
class FullStoreTest {

  private static final int ROUNDS = 3;

  @TempDir Path folder;

  @ParameterizedTest(name = "in the same process: {0}")
  @ValueSource(booleans = {false, true})
  void meanwhile_writes_get_503_and_reads_go_on_and_afterwards_nothing_is_lost(boolean inProcess)
      throws Exception {
    var logged = new ListAppender<ILoggingEvent>();
    var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    try (var disk = SmallDisk.mountedIn(folder, 64, "a supervisor whose store's disk is full");
        var store =
            EmbeddedStore.open(
                disk.folder().resolve("store"),
                0,
                EmbeddedStore.Durability.PROCESS_KILL,
                Clock.systemUTC());
        var supervisor =
            inProcess
                ? TestSupervisor.inProcess(store)
                : TestSupervisor.on(store.connectionString() + "/capataz")) {
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
        disk.fill();
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

        disk.free();
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
    }
  }

  private static List<String> withStackTrace(ListAppender<ILoggingEvent> logged) {
    return List.copyOf(logged.list).stream()
        .filter(event -> event.getThrowableProxy() != null)
        .map(event -> event.getFormattedMessage() + ": " + event.getThrowableProxy().getMessage())
        .toList();
  }
}
