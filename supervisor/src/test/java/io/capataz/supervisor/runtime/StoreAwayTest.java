package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.embedded.store.EmbeddedStore;
import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestSupervisor;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that goes away under a supervisor, and comes back. */
class StoreAwayTest {

  @TempDir Path folder;

  @Test
  void meanwhile_there_is_503_and_afterwards_everything_is_there() {
    var store = open(0);
    var uri = store.connectionString();
    var port = Integer.parseInt(uri.substring(uri.lastIndexOf(':') + 1));
    try (var supervisor = TestSupervisor.on(uri + "/capataz?serverSelectionTimeoutMS=500")) {
      var agent = TestAgent.enrolled(supervisor);
      var task =
          supervisor.post(
              "/acme/task",
              Map.of(
                  "name", "any",
                  "host_id", agent.host(),
                  "script", Map.of("filename", "x.sh", "content", "exit 0")));

      store.close();

      for (var path : new String[] {"/acme/task", "/acme/task/" + task.text("/id"), "/readyz"}) {
        var answer = supervisor.get(path);
        assertThat(answer.status()).describedAs(path).isEqualTo(503);
        assertThat(answer.text("/code")).isEqualTo("unavailable");
      }
      assertThat(supervisor.get("/acme/task").raw().headers().firstValue("Retry-After"))
          .contains("5");

      store = open(port);

      assertThat(supervisor.get("/acme/task/" + task.text("/id")).status()).isEqualTo(200);
      var job = supervisor.post("/acme/task/" + task.text("/id") + "/job", Map.of());
      assertThat(job.status()).isEqualTo(200);
      assertThat(agent.claimOne().job()).isEqualTo(job.text("/id"));
    } finally {
      store.close();
    }
  }

  @Test
  void a_store_of_the_same_process_that_is_closed_is_503_too() {
    var store =
        EmbeddedStore.open(folder, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
    try (var supervisor = TestSupervisor.inProcess(store)) {
      assertThat(supervisor.get("/readyz").status()).isEqualTo(200);

      store.close();

      // What was read a moment ago may be answered for a second.
      await().until(() -> supervisor.get("/readyz").status() == 503);
      await().until(() -> supervisor.get("/acme/task").status() == 503);
      assertThat(supervisor.post("/acme/task", Map.of("name", "any")).status()).isEqualTo(503);
    }
  }

  private EmbeddedStore open(int port) {
    return EmbeddedStore.open(
        folder, port, EmbeddedStore.Durability.PROCESS_KILL, Clock.systemUTC());
  }
}
