package io.capataz.agent.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.capataz.agent.FakeSupervisor;
import io.capataz.agent.host.DataFolder;
import io.capataz.agent.journal.HeldRuns;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.SupervisorClient;
import io.capataz.common.secret.Secret;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of two agents on copies of one data folder, one is refused. */
class SessionOpenerTest {

  @TempDir private Path folder;

  @Test
  void gives_up_while_another_agent_with_its_credential_lives() throws Exception {
    try (var supervisor = new FakeSupervisor();
        var data = DataFolder.open(folder.resolve("data"));
        var http = HttpClient.newHttpClient()) {
      supervisor.refuseSessions(Integer.MAX_VALUE);
      var opener = opener(supervisor, data, http, Duration.ofMillis(500));

      assertThatThrownBy(() -> opener.open(HeldRuns.NONE))
          .isInstanceOf(SessionRefused.class)
          .hasMessageContaining("as host `web-1` (HTTP 409): Another agent");
      assertThat(supervisor.openings()).hasSizeGreaterThan(1);
    }
  }

  @Test
  void a_folder_is_told_from_its_copy_and_not_from_itself() throws Exception {
    String first;
    try (var data = DataFolder.open(folder.resolve("data"))) {
      first = data.place();
    }
    try (var data = DataFolder.open(folder.resolve("data"));
        var copy = DataFolder.open(folder.resolve("copy"))) {
      assertThat(data.place()).isEqualTo(first).isNotEqualTo(copy.place());
    }
  }

  private static SessionOpener opener(
      FakeSupervisor supervisor, DataFolder data, HttpClient http, Duration patience) {
    return new SessionOpener(
        new SupervisorClient(http, supervisor.url()),
        data,
        new Backoff(Duration.ofMillis(1), Duration.ofMillis(5), RandomGenerator.getDefault()),
        "web-1",
        1,
        Map.of(),
        Optional.of(Secret.of(FakeSupervisor.JOIN_TOKEN)),
        patience);
  }
}
