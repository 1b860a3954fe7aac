package io.capataz.agent.job;

import static io.capataz.agent.Orders.shell;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.FakeSupervisor;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.SupervisorClient;
import io.capataz.agent.process.Spawner;
import io.capataz.common.protocol.Claim;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The moments that a whole agent passes too quickly to be seen. */
class JobLoopTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration IMPATIENCE = Duration.ofMillis(50);

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** Waiting for a process holds a thread of the machine. */
  private final ExecutorService waiters = Executors.newCachedThreadPool();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final RunningJobs running = new RunningJobs();
  private FakeSupervisor supervisor;
  private JobLoop jobs;
  private Future<?> loop;

  @BeforeEach
  void aLoopWithOneSlot() throws IOException {
    supervisor = new FakeSupervisor();
    JobTools tools =
        new JobTools(
            new SupervisorClient(http, supervisor.url()).as(Secret.of("credential-1")),
            supervisor.url(),
            new Spawner(waiters),
            folder,
            Thread.ofVirtual().factory(),
            new Semaphore(1),
            new Backoff(Duration.ofMillis(10), Duration.ofMillis(100), new Random()));
    jobs = new JobLoop(1, tools, new JobSlots(1), running, new Random(), _ -> {});
    loop = threads.submit(jobs);
  }

  @AfterEach
  void end() throws InterruptedException {
    supervisor.holdClaims(false);
    jobs.shutDown();
    running.shutDown();
    assertThat(running.awaitNone(PATIENCE)).isTrue();
    threads.shutdownNow();
    waiters.shutdownNow();
    supervisor.close();
    http.close();
  }

  @Test
  void whatIsGrantedWhileGoingDownIsGivenBack() throws Exception {
    supervisor.offer(shell("j1", "true"));
    supervisor.holdClaims(true);
    jobs.heard(List.of("j1"), Claim.Heard.SYNC);
    await().atMost(PATIENCE).until(() -> !supervisor.claims().isEmpty());

    jobs.shutDown();
    running.shutDown();
    assertThat(running.awaitNone(IMPATIENCE)).as("nothing is to come").isFalse();
    supervisor.holdClaims(false);

    assertThat(running.awaitNone(PATIENCE)).isTrue();
    assertThat(supervisor.attemptCalls()).containsExactly("given-back j1");
    assertThat(supervisor.givenBack("j1"))
        .hasValueSatisfying(
            back -> {
              assertThat(back.claim()).isEqualTo(supervisor.claims().getFirst().claim());
              assertThat(back.reason()).contains("going down");
            });
  }

  @Test
  void aLostAnswerToGivingBackIsRepeated() throws Exception {
    supervisor.offer(shell("j1", "true"));
    supervisor.loseAnswerOf("/given-back");
    running.shutDown();

    jobs.heard(List.of("j1"), Claim.Heard.SYNC);

    await()
        .atMost(PATIENCE)
        .until(() -> supervisor.attemptCalls().equals(List.of("given-back j1", "given-back j1")));
  }

  @Test
  void goingDownItAsksForNothingMore() throws Exception {
    jobs.shutDown();

    jobs.heard(List.of("j1"), Claim.Heard.SYNC);

    loop.get(20, SECONDS);
    assertThat(supervisor.claims()).isEmpty();
  }
}
