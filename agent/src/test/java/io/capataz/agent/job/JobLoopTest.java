package io.capataz.agent.job;

import static io.capataz.agent.Orders.shell;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.FakeSupervisor;
import io.capataz.agent.host.ThisHost;
import io.capataz.agent.journal.RunJournal;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.link.SupervisorClient;
import io.capataz.agent.policy.HostPolicy;
import io.capataz.agent.process.Keepers;
import io.capataz.agent.script.ScriptCache;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.LinkOrders;
import io.capataz.common.protocol.StandingClaim;
import io.capataz.common.secret.Secret;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** States that a whole agent passes too quickly to be observed. */
class JobLoopTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration IMPATIENCE = Duration.ofMillis(50);

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** Waiting for a process takes a platform thread. */
  private final ExecutorService waiters = Executors.newCachedThreadPool();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final RunningJobs running = new RunningJobs();
  private FakeSupervisor supervisor;
  private Keepers keepers;
  private JobTools tools;
  private JobLoop jobs;
  private Future<?> loop;
  private Path gate;

  @BeforeEach
  void aLoopWithOneSlot() throws IOException {
    gate = folder.resolve("gate");
    supervisor = new FakeSupervisor();
    keepers =
        Keepers.in(
            folder.resolve("programs"), Optional.empty(), "test-" + folder.getFileName(), waiters);
    tools =
        new JobTools(
            new SupervisorClient(http, supervisor.url()).as(Secret.of("credential-1")),
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
            new Backoff(Duration.ofMillis(10), Duration.ofMillis(100), new Random()));
    jobs = new JobLoop(1, tools, new JobSlots(1), running, new Random(), _ -> {});
    loop = threads.submit(jobs);
  }

  @AfterEach
  void end() throws InterruptedException {
    supervisor.holdClaims(false);
    jobs.shutDown();
    running.shutDown();
    assertThat(running.awaitEmpty(PATIENCE)).isTrue();
    threads.shutdownNow();
    keepers.close();
    waiters.shutdownNow();
    supervisor.close();
    http.close();
  }

  private void offerWhatWaitsForTheGate(String job) {
    supervisor.offer(shell(job, "while [ ! -e '" + gate + "' ]; do sleep 0.02; done"));
  }

  private <T> Future<T> meanwhile(Callable<T> call) {
    return threads.submit(call);
  }

  private Future<Boolean> freeSlot() {
    return meanwhile(
        () -> {
          jobs.awaitFreeSlot();
          return true;
        });
  }

  @Test
  void a_job_is_decided_once_the_claim_that_names_it_is_answered_and_not_when_its_script_is_over()
      throws Exception {
    offerWhatWaitsForTheGate("j1");

    assertThat(jobs.take("j1", PATIENCE)).isTrue();

    assertThat(supervisor.end("j1")).isEmpty();
    assertThat(supervisor.claims())
        .singleElement()
        .satisfies(claim -> assertThat(claim.jobs()).containsExactly("j1"))
        .satisfies(claim -> assertThat(claim.heard()).isEqualTo(Claim.Heard.ANNOUNCEMENT));
  }

  @Test
  void an_order_of_the_link_has_its_slot_from_when_it_is_received() throws Exception {
    var standing = new StandingClaims(1, jobs, tools, running, new Random(), () -> {});
    var begun = threads.submit(standing);
    standing.opened();
    var said = new ArrayList<StandingClaim>();
    await()
        .until(
            () -> {
              said.add(standing.standing());
              return !said.getLast().offered().isEmpty();
            });
    assertThat(said.getLast().free()).isOne();
    begun.cancel(true); // So that nothing is started yet.
    await().until(begun::isDone);

    var order = shell("j1", "exit 0");
    standing.received(new LinkOrders(1, said.getLast().offered().getFirst(), List.of(order)));

    var now = standing.standing();
    assertThat(now.received()).isOne();
    assertThat(now.free()).isZero();
    var again = threads.submit(standing);
    await().atMost(PATIENCE).until(() -> supervisor.end("j1").isPresent());
    await().until(() -> standing.standing().free() == 1);
    again.cancel(true);
  }

  @Test
  void a_job_that_somebody_else_has_is_decided_too() throws Exception {
    assertThat(jobs.take("of-another", PATIENCE)).isTrue();
  }

  @Test
  void a_job_for_which_there_is_no_slot_is_left_to_others_at_once() throws Exception {
    offerWhatWaitsForTheGate("j1");
    assertThat(jobs.take("j1", PATIENCE)).isTrue();

    assertThat(jobs.take("j2", Duration.ofDays(1))).isFalse();
  }

  @Test
  void a_job_heard_of_while_the_last_slot_is_given_away_is_left_to_others() throws Exception {
    offerWhatWaitsForTheGate("j1");
    supervisor.holdClaims(true);
    var first = meanwhile(() -> jobs.take("j1", PATIENCE));
    await().atMost(PATIENCE).until(() -> !supervisor.claims().isEmpty());
    var second = meanwhile(() -> jobs.take("j2", Duration.ofDays(1)));

    supervisor.holdClaims(false);

    assertThat(first.get(20, SECONDS)).isTrue();
    assertThat(second.get(20, SECONDS)).isFalse();
  }

  @Test
  void a_supervisor_that_does_not_answer_decides_nothing() throws Exception {
    supervisor.beDown(true);

    assertThat(jobs.take("j1", IMPATIENCE)).isFalse();

    supervisor.beDown(false);
  }

  @Test
  void a_slot_is_free_when_nothing_is_about_to_fill_it() throws Exception {
    offerWhatWaitsForTheGate("j1");
    supervisor.offer(shell("j2", "true"));
    assertThat(jobs.take("j1", PATIENCE)).isTrue();
    var free = freeSlot();

    // The answer said that j2 waits, so the slot of j1 is for j2.
    supervisor.holdClaims(true);
    Files.createFile(gate);
    await().atMost(PATIENCE).until(() -> supervisor.claims().size() == 2);
    assertThat(free).isNotDone();

    supervisor.holdClaims(false);
    assertThat(free.get(20, SECONDS)).isTrue();
    assertThat(supervisor.end("j2")).isPresent();
  }

  @Test
  void what_is_heard_of_while_more_is_known_to_wait_does_not_come_first_nor_hide_it()
      throws Exception {
    var two = new JobLoop(1, tools, new JobSlots(2), running, new Random(), _ -> {});
    threads.execute(two);
    offerWhatWaitsForTheGate("j1");
    supervisor.offer(shell("j2", "true"));
    supervisor.offer(shell("j3", "true"));
    supervisor.holdClaims(true);
    two.heard(List.of("j1"), Claim.Heard.SYNC);
    await().atMost(PATIENCE).until(() -> !supervisor.claims().isEmpty());
    two.heard(List.of("j3"), Claim.Heard.ANNOUNCEMENT);

    // The answer says that more jobs wait, and leaves a slot free.
    supervisor.holdClaims(false);

    await().atMost(PATIENCE).until(() -> supervisor.end("j2").isPresent());
    await().atMost(PATIENCE).until(() -> supervisor.end("j3").isPresent());
    assertThat(supervisor.claims().stream().skip(1).flatMap(claim -> claim.jobs().stream()))
        .isEmpty();
    Files.createFile(gate);
    two.shutDown();
  }

  @Test
  void what_is_granted_while_going_down_is_given_back() throws Exception {
    supervisor.offer(shell("j1", "true"));
    supervisor.holdClaims(true);
    jobs.heard(List.of("j1"), Claim.Heard.SYNC);
    await().atMost(PATIENCE).until(() -> !supervisor.claims().isEmpty());

    jobs.shutDown();
    running.shutDown();
    assertThat(running.awaitEmpty(IMPATIENCE)).as("nothing is to come").isFalse();
    supervisor.holdClaims(false);

    assertThat(running.awaitEmpty(PATIENCE)).isTrue();
    assertThat(supervisor.attemptCalls()).containsExactly("given-back j1");
    assertThat(supervisor.givenBack("j1"))
        .hasValueSatisfying(
            back -> {
              assertThat(back.claim()).isEqualTo(supervisor.claims().getFirst().claim());
              assertThat(back.reason()).contains("agent was stopped");
            });
  }

  @Test
  void a_lost_answer_to_giving_back_is_repeated() throws Exception {
    supervisor.offer(shell("j1", "true"));
    supervisor.loseAnswerOf("/given-back");
    running.shutDown();

    jobs.heard(List.of("j1"), Claim.Heard.SYNC);

    await()
        .atMost(PATIENCE)
        .until(() -> supervisor.attemptCalls().equals(List.of("given-back j1", "given-back j1")));
  }

  @Test
  void going_down_it_asks_for_nothing_more() throws Exception {
    jobs.shutDown();

    jobs.heard(List.of("j1"), Claim.Heard.SYNC);

    loop.get(20, SECONDS);
    assertThat(supervisor.claims()).isEmpty();
  }
}
