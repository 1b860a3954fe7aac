package io.capataz.agent.session;

import static io.capataz.agent.Orders.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.FakeSupervisor;
import io.capataz.agent.host.ThisHost;
import io.capataz.agent.job.JobLoop;
import io.capataz.agent.job.JobSlots;
import io.capataz.agent.job.JobTools;
import io.capataz.agent.job.RunningJobs;
import io.capataz.agent.job.ScriptUsers;
import io.capataz.agent.journal.RunJournal;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.SupervisorClient;
import io.capataz.agent.policy.HostPolicy;
import io.capataz.agent.process.Keepers;
import io.capataz.agent.script.ScriptCache;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent whose heartbeat is held open by a supervisor with nothing to say. */
class HeartbeatLoopTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** Waiting for a process takes a platform thread. */
  private final ExecutorService waiters = Executors.newCachedThreadPool();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Backoff backoff =
      new Backoff(Duration.ofMillis(10), Duration.ofMillis(100), new Random());
  private final RunningJobs running = new RunningJobs();
  private FakeSupervisor supervisor;
  private SupervisorClient client;
  private HeartbeatLoop heartbeats;

  @BeforeEach
  void aHeartbeatThatIsHeld() throws IOException {
    supervisor = new FakeSupervisor();
    supervisor.holdHeartbeats(true);
    client = new SupervisorClient(http, supervisor.url()).as(Secret.of("credential-1"));
    Session session =
        new Session(
            new Enrolment.Answer("agent-1", "host-1", "acme", "credential-1"),
            client,
            new SessionOpening.Answer(
                1, Duration.ofMinutes(1), Duration.ofMinutes(1), null, List.of(), List.of()));
    heartbeats = new HeartbeatLoop(session, client, running, backoff, _ -> {});
    threads.execute(heartbeats);
    threads.execute(heartbeats::runExtra);
    await().atMost(PATIENCE).until(() -> supervisor.heartbeats() == 1);
  }

  @AfterEach
  void end() throws InterruptedException {
    supervisor.holdHeartbeats(false);
    running.shutDown();
    assertThat(running.awaitEmpty(PATIENCE)).isTrue();
    threads.shutdownNow();
    waiters.shutdownNow();
    supervisor.close();
    http.close();
  }

  @Test
  void an_extra_one_brings_the_stop_that_the_open_one_does_not() throws IOException {
    Keepers keepers =
        Keepers.in(
            folder.resolve("programs"), Optional.empty(), "test-" + folder.getFileName(), waiters);
    var tools =
        new JobTools(
            client,
            supervisor.url(),
            keepers,
            RunJournal.open(folder.resolve("journal")),
            new HostPolicy(folder.resolve("no policy"), false, ThisHost.userNumber()),
            ScriptUsers.of("agent", ThisHost.userNumber()),
            ScriptCache.open(folder.resolve("scripts"), 1 << 20, InstantSource.system()),
            Files.createDirectory(folder.resolve("runs")),
            folder.resolve("commands"),
            Thread.ofVirtual().factory(),
            new Semaphore(1),
            backoff);
    var jobs = new JobLoop(1, tools, new JobSlots(1), running, new Random(), _ -> {});
    threads.execute(jobs);
    supervisor.offer(shell("j1", "exec sleep 600"));
    jobs.heard(List.of("j1"), Claim.Heard.SYNC);
    await().atMost(PATIENCE).until(() -> supervisor.start("j1").isPresent());

    supervisor.stop("j1");
    heartbeats.beatNow();

    await().atMost(PATIENCE).until(() -> supervisor.end("j1").isPresent());
    assertThat(supervisor.outcome("j1")).isEqualTo(Optional.of(new Outcome.Canceled()));
    assertThat(supervisor.heartbeats()).isEqualTo(2);
    assertThat(supervisor.extraHeartbeats()).isEqualTo(1);
  }

  @Test
  void many_wishes_are_few_calls() {
    for (int i = 0; i < 1000; i++) {
      heartbeats.beatNow();
    }
    await().atMost(PATIENCE).until(() -> supervisor.extraHeartbeats() >= 1);
    int before = supervisor.extraHeartbeats();

    heartbeats.beatNow();

    await().atMost(PATIENCE).until(() -> supervisor.extraHeartbeats() > before);
    assertThat(supervisor.extraHeartbeats()).isBetween(2, 3);
  }
}
