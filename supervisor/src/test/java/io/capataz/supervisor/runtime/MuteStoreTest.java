package io.capataz.supervisor.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.supervisor.TestAgent;
import io.capataz.supervisor.TestStore;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.TestWork;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A store whose machine is gone without a word: no connection breaks, and no answer comes. */
class MuteStoreTest {

  @Test
  void requests_get_503_within_the_limits_and_all_goes_on_when_it_is_back() {
    var store = TestStore.shared();
    var port = Integer.parseInt(store.substring(store.lastIndexOf(':') + 1));
    try (var proxy = MuteProxy.to(port);
        var supervisor =
            TestSupervisor.on(
                "mongodb://127.0.0.1:%d/test-%s?socketTimeoutMS=1000&serverSelectionTimeoutMS=1000&connectTimeoutMS=1000"
                    .formatted(proxy.port(), UUID.randomUUID()))) {
      var work = new TestWork(supervisor);
      var agent = TestAgent.enrolled(supervisor);
      var task = work.taskOn(agent, Map.of());
      var later = work.post(task, Map.of("not_before", Instant.now().plusSeconds(1).toString()));

      proxy.mute();

      var begun = System.nanoTime();
      var run = supervisor.post("/acme/task/" + task + "/job", Map.of());
      assertThat(run.status()).describedAs(run.raw().body()).isEqualTo(503);
      assertThat(run.raw().headers().firstValue("Retry-After")).contains("5");
      assertThat(run.raw().headers().firstValue("Content-Type"))
          .contains("application/problem+json");
      assertThat(supervisor.get("/acme/job/" + later).status()).isEqualTo(503);
      assertThat(supervisor.get("/readyz").status()).isEqualTo(503);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(30));

      proxy.speak();

      await().until(() -> supervisor.get("/readyz").status() == 200);
      await("the sweeps go on").until(() -> work.status(later).equals("ready"));
      assertThat(work.post(task)).isNotEmpty();
    }
  }
}
