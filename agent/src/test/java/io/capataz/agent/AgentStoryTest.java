package io.capataz.agent;

import static io.capataz.agent.Orders.order;
import static io.capataz.agent.Orders.script;
import static io.capataz.agent.Orders.shell;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.capataz.agent.host.DataFolder;
import io.capataz.agent.host.ThisHost;
import io.capataz.agent.journal.RunJournal;
import io.capataz.agent.link.Backoff;
import io.capataz.agent.process.Accounts;
import io.capataz.common.broker.BrokerProperties;
import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptEnd.SignalSent.Why;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.ProgressReport.Entry;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.common.protocol.SessionOpening.AnnouncementSource;
import io.capataz.common.protocol.SessionOpening.PoolSource;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.common.protocol.WorkOrder.ScriptText;
import io.capataz.common.secret.Secret;
import io.capataz.testing.Missing;
import io.capataz.testing.Repetitions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole agents with real scripts against a fake supervisor. */
class AgentStoryTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int ATTACKED_SCRIPTS = Repetitions.of("agent.attacked.scripts");
  private static final Duration DRAIN = Duration.ofMillis(200);
  private static final Duration ALL_DAY = Duration.ofDays(1);

  @TempDir Path folder;

  private FakeSupervisor supervisor;
  private Optional<Path> policy = Optional.empty();
  private boolean endsScripts = true;
  private Duration drain = DRAIN;

  /** Most scripts here meet the test in files of the agent's user. */
  private String runAs = "agent";

  private final List<RunningAgent> agents = new ArrayList<>();

  private record RunningAgent(Agent agent, CompletableFuture<Agent.Ending> ending) {
    Agent.Ending end() {
      agent.stop("the test is over");
      return ending.join();
    }
  }

  @BeforeEach
  void aSupervisor() throws IOException {
    supervisor = new FakeSupervisor();
  }

  @AfterEach
  void allEnds() {
    supervisor.beDown(false);
    agents.forEach(RunningAgent::end);
    supervisor.close();
  }

  private RunningAgent anAgent() {
    return anAgent(4, Optional.of(Secret.of(FakeSupervisor.JOIN_TOKEN)));
  }

  private RunningAgent anAgent(int slots, Optional<Secret> joinToken) {
    var data = folder.resolve("data");
    AgentConfig config =
        new AgentConfig(
            supervisor.url(),
            data,
            "web-1",
            slots,
            Map.of(),
            policy,
            runAs,
            joinToken,
            Optional.empty(),
            64L << 20,
            new AgentConfig.Connection(true, Optional.empty(), Optional.of(BrokerProperties.NONE)),
            new AgentConfig.Stop(endsScripts, drain, false));
    var made = new CompletableFuture<Agent>();
    var ending = new CompletableFuture<Agent.Ending>();
    var _ =
        Thread.ofPlatform()
            .start(
                () -> {
                  Agent.Ending ended;
                  var threads = Main.threads();
                  try (var open = config.openData();
                      var tools =
                          HostTools.open(config, open, threads.waiters(), InstantSource.system());
                      var http = Main.http(Optional.empty())) {
                    Agent agent =
                        new Agent(
                            config,
                            open,
                            tools,
                            Optional.empty(),
                            http,
                            threads,
                            new Backoff(
                                Duration.ofMillis(10),
                                Duration.ofMillis(100),
                                RandomGenerator.getDefault()),
                            Duration.ofSeconds(3));
                    made.complete(agent);
                    ended = agent.work();
                  } catch (IOException | InterruptedException e) {
                    made.completeExceptionally(e);
                    ending.completeExceptionally(e);
                    return;
                  }
                  ending.complete(ended);
                });
    var running = new RunningAgent(made.join(), ending);
    agents.add(running);
    return running;
  }

  private AttemptEnd endOf(String job) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(10))
        .until(() -> supervisor.end(job).isPresent());
    return supervisor.end(job).orElseThrow();
  }

  private void awaitStart(String job) {
    await().atMost(PATIENCE).until(() -> supervisor.start(job).isPresent());
  }

  /** Zombies do not count as alive, unlike in {@link ProcessHandle}. */
  private static boolean isAlive(long pid) {
    try {
      return !Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
    } catch (IOException e) {
      return false;
    }
  }

  private void enrolAndEnd() {
    var agent = anAgent();
    await().atMost(PATIENCE).until(() -> !supervisor.openings().isEmpty());
    agent.end();
  }

  @Test
  void a_script_runs_and_everything_is_reported() {
    supervisor.offer(
        Orders.with(
            shell(
                "j1",
                """
                echo "hello $1"
                echo "oh no" >&2
                echo "$CAPATAZ_JOB_ID $CAPATAZ_ATTEMPT $GREETING $THEEYE_JOB"
                sleep 0.1
                echo '{"state":"success","data":["a",1]}'
                """),
            List.of("wörld"),
            Map.of("GREETING", "hi there")));

    anAgent();

    var end = endOf("j1");
    assertThat(end.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(end.exitCode()).isZero();
    assertThat(end.signals()).isEmpty();
    assertThat(end.survivors()).isEmpty();
    assertThat(end.result()).hasToString("{\"state\":\"success\",\"data\":[\"a\",1]}");
    assertThat(supervisor.stdout("j1"))
        .startsWith("hello wörld\nj1 1 hi there {\"id\":\"j1\",\"task_id\":\"task-1\"}\n");
    assertThat(supervisor.stderr("j1")).isEqualTo("oh no\n");
    assertThat(end.stdout()).isEqualTo(Bytes.utf8(supervisor.stdout("j1")).length());
    assertThat(end.stderr()).isEqualTo(6);
    assertThat(supervisor.attemptCalls())
        .startsWith("started j1")
        .endsWith("end j1")
        .contains("output j1");
  }

  @Test
  void that_a_script_runs_is_not_reported_if_it_is_over_in_a_moment() {
    // The first one takes longer than the others, until everything is loaded.
    IntStream.range(0, 10).mapToObj(i -> shell("j" + i, "true")).forEach(supervisor::offer);

    anAgent(1, Optional.of(Secret.of(FakeSupervisor.JOIN_TOKEN)));

    await().atMost(PATIENCE).until(() -> supervisor.endCount() == 10);
    assertThat(supervisor.attemptCalls()).contains("end j9").hasSizeLessThan(20);
  }

  @Test
  void it_enrols_once_and_is_known_afterwards() {
    enrolAndEnd();

    RunningAgent again = anAgent(4, Optional.empty());
    await().atMost(PATIENCE).until(() -> supervisor.openings().size() == 2);
    again.end();

    assertThat(supervisor.enrolments()).hasSize(1);
    assertThat(supervisor.enrolments().getFirst().host()).isEqualTo("web-1");
  }

  @Test
  void without_credential_and_token_it_ends_and_says_what_to_do() {
    RunningAgent agent = anAgent(4, Optional.empty());

    assertThat(agent.ending().join())
        .asString()
        .contains("not enrolled")
        .contains("--join-token-file");
  }

  @Test
  void a_refused_credential_is_replaced_by_enrolling_again() {
    enrolAndEnd();
    supervisor.replaceCredential();

    anAgent();

    await().atMost(PATIENCE).until(() -> supervisor.heartbeats() > 0);
    assertThat(supervisor.enrolments()).hasSize(2);
  }

  @Test
  void a_refused_credential_ends_an_agent_at_work() {
    var agent = anAgent();
    await().atMost(PATIENCE).until(() -> supervisor.heartbeats() > 0);

    supervisor.replaceCredential();

    assertThat(agent.ending().join()).asString().contains("rejected the credential of this agent");
  }

  @Test
  void another_session_of_the_same_agent_ends_this_one() {
    var agent = anAgent();
    await().atMost(PATIENCE).until(() -> supervisor.heartbeats() > 0);

    supervisor.replaceSession();

    assertThat(agent.ending().join())
        .isInstanceOf(Agent.Ending.Fault.class)
        .asString()
        .contains("another agent runs with the same identity")
        .contains("Session 1 is over.");
  }

  @Test
  void output_arrives_while_the_script_still_runs() throws IOException {
    var gate = folder.resolve("gate");
    supervisor.offer(
        shell("j1", "echo first; while [ ! -e '" + gate + "' ]; do sleep 0.02; done; echo second"));
    anAgent();

    await().atMost(PATIENCE).until(() -> supervisor.stdout("j1").equals("first\n"));
    assertThat(supervisor.end("j1")).isEmpty();
    assertThat(supervisor.start("j1").map(start -> isAlive(start.pid()))).contains(true);

    Files.createFile(gate);
    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.stdout("j1")).isEqualTo("first\nsecond\n");
  }

  @Test
  void more_output_than_one_call_carries_arrives_whole() {
    supervisor.offer(shell("j1", "head -c 1500000 /dev/zero | tr '\\0' x; echo; seq 1 20000 >&2"));

    anAgent();

    var end = endOf("j1");
    assertThat(end.stdout()).isEqualTo(1_500_001);
    assertThat(supervisor.stdout("j1")).hasSize(1_500_001).matches("x*\n");
    assertThat(supervisor.stderr("j1").lines()).hasSize(20_000).last().isEqualTo("20000");
  }

  @Test
  void lost_answers_are_asked_for_again_with_the_same_claim() {
    supervisor.offer(shell("j1", "echo once"));
    supervisor.loseAnswerOf("/claims");

    anAgent();

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    var claims = supervisor.claims();
    assertThat(supervisor.lost()).isEqualTo(1);
    assertThat(claims).hasSizeGreaterThanOrEqualTo(2);
    assertThat(claims.get(0).mayBeRepeated()).isFalse();
    assertThat(claims.get(1)).isEqualTo(claims.get(0).repeated());
    assertThat(claims.getFirst().claim()).hasSizeGreaterThanOrEqualTo(16);
  }

  @Test
  void a_lost_answer_to_output_doubles_nothing() {
    supervisor.offer(shell("j1", "echo once"));
    supervisor.loseAnswerOf("/output");

    anAgent();

    endOf("j1");
    assertThat(supervisor.lost()).isEqualTo(1);
    assertThat(supervisor.stdout("j1")).isEqualTo("once\n");
  }

  @Test
  void a_lost_answer_to_the_end_is_repeated() {
    supervisor.offer(shell("j1", "echo once"));
    supervisor.loseAnswerOf("/end");

    anAgent();

    await()
        .atMost(PATIENCE)
        .until(() -> supervisor.attemptCalls().stream().filter("end j1"::equals).count() == 2);
  }

  @Test
  void a_fenced_attempt_is_stopped_and_never_reported() {
    supervisor.fenceAttempts(409);
    supervisor.offer(shell("j1", "echo $$; exec sleep 600"));
    anAgent();

    await().atMost(PATIENCE).until(() -> supervisor.attemptCalls().contains("started j1"));
    await().atMost(PATIENCE).until(() -> supervisor.running().isEmpty());
    supervisor.fenceAttempts(0);

    supervisor.offer(shell("j2", "true"));
    endOf("j2");
    assertThat(supervisor.attemptCalls().stream().filter(call -> call.endsWith("j1")))
        .containsExactly("started j1");
  }

  @Test
  void what_the_supervisor_forgets_is_stopped_and_never_reported() {
    supervisor.offer(shell("j1", "exec sleep 600"));
    anAgent();
    awaitStart("j1");
    long pid = supervisor.start("j1").orElseThrow().pid();

    supervisor.forget("j1");

    await().atMost(PATIENCE).until(() -> !isAlive(pid));
    await().atMost(PATIENCE).until(() -> supervisor.running().isEmpty());
    assertThat(supervisor.end("j1")).isEmpty();
  }

  @Test
  void a_stop_from_the_heartbeat_cancels() {
    supervisor.offer(shell("j1", "echo begun; exec sleep 600"));
    anAgent();
    awaitStart("j1");

    supervisor.stop("j1");

    var end = endOf("j1");
    assertThat(end.outcome()).isEqualTo(new Outcome.Canceled());
    assertThat(end.exitCode()).isNull();
    assertThat(end.signals()).hasSize(1);
    assertThat(end.signals().getFirst().signal()).isEqualTo("SIGTERM");
    assertThat(end.signals().getFirst().why()).isEqualTo(Why.CANCEL);
    assertThat(supervisor.stdout("j1")).isEqualTo("begun\n");
  }

  @Test
  void a_timeout_ends_what_ignores_sigterm() {
    supervisor.offer(
        order(
            "j1",
            script("deaf.sh", "trap '' TERM; echo deaf; while :; do sleep 1; done"),
            Duration.ofMillis(500)));

    anAgent();

    var end = endOf("j1");
    assertThat(end.outcome()).isEqualTo(new Outcome.TimedOut());
    assertThat(end.signals())
        .extracting(AttemptEnd.SignalSent::signal)
        .containsExactly("SIGTERM", "SIGKILL");
    assertThat(end.signals()).extracting(AttemptEnd.SignalSent::why).containsOnly(Why.TIMEOUT);
    assertThat(end.signals().getFirst().after())
        .isBetween(Duration.ofMillis(500), Duration.ofSeconds(5));
    assertThat(end.signals().getLast().after().minus(end.signals().getFirst().after()))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
    assertThat(end.survivors()).isEmpty();
  }

  @Test
  void what_a_script_leaves_behind_is_ended() {
    supervisor.offer(shell("j1", "sleep 600 & echo $!"));

    anAgent();

    var end = endOf("j1");
    assertThat(end.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(end.signals()).hasSize(1);
    assertThat(end.signals().getFirst().why()).isEqualTo(Why.LEFT_BEHIND);
    assertThat(isAlive(Long.parseLong(supervisor.stdout("j1").strip()))).isFalse();
  }

  @Test
  void while_the_supervisor_is_down_the_script_goes_on_and_is_reported_later() throws IOException {
    var gate = folder.resolve("gate");
    var mark = folder.resolve("mark");
    supervisor.offer(
        shell(
            "j1",
            "while [ ! -e '" + gate + "' ]; do sleep 0.02; done; echo done; touch '" + mark + "'"));
    anAgent();
    awaitStart("j1");

    supervisor.beDown(true);
    Files.createFile(gate);
    await().atMost(PATIENCE).until(() -> Files.exists(mark));
    assertThat(supervisor.end("j1")).isEmpty();

    supervisor.beDown(false);
    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.stdout("j1")).isEqualTo("done\n");
  }

  @Test
  void an_agent_that_starts_before_its_supervisor_waits_for_it() {
    supervisor.beDown(true);
    supervisor.offer(shell("j1", "true"));
    var agent = anAgent();
    assertThat(agent.ending()).isNotDone();

    supervisor.beDown(false);

    endOf("j1");
  }

  @Test
  void slots_are_never_exceeded_and_all_jobs_run() {
    var counters = folder.resolve("counters");
    IntStream.range(0, 40)
        .mapToObj(
            i ->
                shell(
                    "j" + i,
                    "mkdir -p '%1$s'; touch '%1$s'/$$; ls '%1$s' | wc -l; sleep 0.03; rm '%1$s'/$$"
                        .formatted(counters)))
        .forEach(supervisor::offer);

    anAgent(3, Optional.of(Secret.of(FakeSupervisor.JOIN_TOKEN)));

    await().atMost(PATIENCE).until(() -> supervisor.endCount() == 40);
    assertThat(
            IntStream.range(0, 40).map(i -> Integer.parseInt(supervisor.stdout("j" + i).strip())))
        .allMatch(atOnce -> atOnce >= 1 && atOnce <= 3);
    assertThat(supervisor.mostRunning()).isLessThanOrEqualTo(3);
    assertThat(supervisor.claims()).allMatch(claim -> claim.free() >= 1 && claim.free() <= 3);
    assertThat(supervisor.claims())
        .extracting(Claim::heard)
        .contains(Claim.Heard.SYNC, Claim.Heard.FREE_SLOT);
  }

  @Test
  void what_is_urgent_now_goes_before_what_was_heard_of_before() throws IOException {
    var gate = folder.resolve("gate");
    supervisor.offer(shell("j0", "while [ ! -e '" + gate + "' ]; do sleep 0.02; done"));
    anAgent(1, Optional.of(Secret.of(FakeSupervisor.JOIN_TOKEN)));
    awaitStart("j0");
    IntStream.range(1, 20).mapToObj(i -> shell("j" + i, "true")).forEach(supervisor::offer);
    awaitTwoSyncs();

    supervisor.offerFirst(shell("urgent", "true"));
    Files.createFile(gate);

    await().atMost(PATIENCE).until(() -> supervisor.endCount() == 21);
    assertThat(supervisor.attemptCalls().stream().filter(call -> call.startsWith("end")))
        .startsWith("end j0", "end urgent", "end j1", "end j2");
    assertThat(supervisor.claims()).allMatch(claim -> claim.jobs().size() <= claim.free());
  }

  @Test
  void what_is_not_granted_is_not_asked_for_without_end() {
    supervisor.beStingy(true);
    IntStream.range(0, 20).mapToObj(i -> shell("j" + i, "true")).forEach(supervisor::offer);
    anAgent();
    awaitTwoSyncs();
    awaitTwoSyncs();

    assertThat(supervisor.claims()).hasSizeBetween(1, supervisor.syncs() + 1);
    supervisor.beStingy(false);
    await().atMost(PATIENCE).until(() -> supervisor.endCount() == 20);
  }

  /** Waits until a sync that begins from now on is answered: the second call shows it. */
  private void awaitTwoSyncs() {
    int before = supervisor.syncs();
    await().atMost(PATIENCE).until(() -> supervisor.syncs() >= before + 2);
  }

  @Test
  void an_agent_that_goes_down_ends_its_runs_and_says_so() {
    supervisor.offer(shell("j1", "exec sleep 600"));
    var agent = anAgent();
    awaitStart("j1");
    long pid = supervisor.start("j1").orElseThrow().pid();

    var ending = agent.end();

    assertThat(ending).isInstanceOf(Agent.Ending.Wanted.class);
    assertThat(isAlive(pid)).isFalse();
    var end = supervisor.end("j1").orElseThrow();
    assertThat(end.outcome()).isEqualTo(new Outcome.Interrupted());
    assertThat(end.signals()).extracting(AttemptEnd.SignalSent::why).containsOnly(Why.SHUTDOWN);
  }

  @Test
  void an_agent_that_ends_says_so_when_all_is_reported() {
    supervisor.offer(shell("j1", "exec sleep 600"));
    var agent = anAgent();
    awaitStart("j1");

    agent.end();

    assertThat(supervisor.goodbyes()).containsExactly("1 after 1");
  }

  @Test
  void an_agent_does_not_wait_for_a_supervisor_that_takes_no_leave() {
    var agent = anAgent();
    await().atMost(PATIENCE).until(() -> supervisor.heartbeats() > 0);
    supervisor.holdGoodbyes(true);
    try {
      assertThat(agent.end()).isInstanceOf(Agent.Ending.Wanted.class);
      assertThat(supervisor.goodbyes()).containsExactly("1 after 0");
    } finally {
      supervisor.holdGoodbyes(false);
    }
  }

  @Test
  void an_agent_that_is_asked_to_stop_again_does_not_wait_for_its_scripts() {
    endsScripts = false;
    drain = ALL_DAY;
    supervisor.offer(shell("j1", "exec sleep 600"));
    var first = anAgent();
    awaitStart("j1");
    long pid = supervisor.start("j1").orElseThrow().pid();

    first.agent().stop("first");
    assertThat(first.end()).isEqualTo(new Agent.Ending.Wanted("first"));

    assertThat(isAlive(pid)).isTrue();
    assertThat(supervisor.goodbyes()).containsExactly("1 after 0");
    endsScripts = true;
    anAgent(4, Optional.empty());
    await().atMost(PATIENCE).until(() -> supervisor.openings().size() == 2);
    assertThat(supervisor.openings().get(1).running())
        .extracting(RunningAttempt::job)
        .containsExactly("j1");
  }

  @Test
  void a_session_that_is_refused_because_another_one_lives_is_opened_when_it_has_ended() {
    supervisor.refuseSessions(2);
    supervisor.offer(shell("j1", "exit 0"));

    anAgent();

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.openings()).hasSize(3);
    assertThat(supervisor.openings()).extracting(SessionOpening::host).containsOnly("web-1");
    assertThat(supervisor.openings()).extracting(SessionOpening::folder).doesNotContainNull();
  }

  @Test
  void an_agent_that_goes_down_while_the_supervisor_is_away_still_ends_its_runs() {
    supervisor.offer(shell("j1", "exec sleep 600"));
    var agent = anAgent();
    awaitStart("j1");
    long pid = supervisor.start("j1").orElseThrow().pid();

    supervisor.beDown(true);
    agent.end();

    assertThat(isAlive(pid)).isFalse();
    assertThat(supervisor.end("j1")).isEmpty();
  }

  @Test
  void an_agent_that_leaves_its_scripts_takes_them_up_in_its_next_life() throws IOException {
    endsScripts = false;
    var gate = folder.resolve("gate");
    supervisor.offer(
        shell(
            "j1",
            "echo one; echo oops >&2; while [ ! -e %s ]; do sleep 0.02; done; echo two; exit 3"
                .formatted(gate)));
    var first = anAgent();
    await().atMost(PATIENCE).until(() -> supervisor.stdout("j1").equals("one\n"));
    long pid = supervisor.start("j1").orElseThrow().pid();

    first.end();
    assertThat(isAlive(pid)).isTrue();
    assertThat(supervisor.end("j1")).isEmpty();

    anAgent(4, Optional.empty());
    await().atMost(PATIENCE).until(() -> supervisor.openings().size() == 2);
    assertThat(supervisor.openings().get(1).running())
        .extracting(RunningAttempt::job, RunningAttempt::started)
        .containsExactly(tuple("j1", true));
    Files.createFile(gate);

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.ExitedWith(3));
    assertThat(supervisor.stdout("j1")).isEqualTo("one\ntwo\n");
    assertThat(supervisor.stderr("j1")).isEqualTo("oops\n");
    assertThat(supervisor.start("j1").orElseThrow().pid()).isEqualTo(pid);
    awaitNoRuns();
  }

  @Test
  void what_ended_between_two_lives_is_reported_in_the_second() throws IOException {
    endsScripts = false;
    var gate = folder.resolve("gate");
    supervisor.offer(
        shell("j1", "while [ ! -e %s ]; do sleep 0.02; done; echo '{\"a\":1}'".formatted(gate)));
    var first = anAgent();
    awaitStart("j1");
    long pid = supervisor.start("j1").orElseThrow().pid();
    first.end();
    Files.createFile(gate);
    await().atMost(PATIENCE).until(() -> !isAlive(pid));

    anAgent(4, Optional.empty());

    var end = endOf("j1");
    assertThat(end.outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(String.valueOf(end.result())).isEqualTo("{\"a\":1}");
    assertThat(supervisor.stdout("j1")).isEqualTo("{\"a\":1}\n");
    awaitNoRuns();
  }

  @Test
  void a_script_that_was_left_can_still_be_stopped() {
    endsScripts = false;
    supervisor.offer(shell("j1", "exec sleep 600"));
    var first = anAgent();
    awaitStart("j1");
    first.end();

    anAgent(4, Optional.empty());
    await().atMost(PATIENCE).until(() -> supervisor.openings().size() == 2);
    supervisor.stop("j1");

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Canceled());
  }

  @Test
  void a_claim_that_was_not_used_up_is_made_again() throws IOException {
    var claim = "claim-of-an-earlier-life";
    var data = folder.resolve("data");
    enrolAndEnd();
    try (var journal = RunJournal.open(data.resolve("journal"))) {
      journal.claiming(claim);
    }
    supervisor.offer(shell("j1", "echo once"));

    anAgent(4, Optional.empty());

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.openings().get(1).claims()).containsExactly(claim);
    assertThat(supervisor.claims().getFirst().claim()).isEqualTo(claim);
  }

  @Test
  void what_was_about_to_begin_begins_in_the_next_life() throws IOException {
    var claim = "claim-of-an-earlier-life";
    var attempt = new AttemptId("j1", 1);
    var data = folder.resolve("data");
    enrolAndEnd();
    var early = Files.createDirectories(data.resolve("runs/early"));
    writeDown(claim, attempt, early);
    supervisor.offer(shell("j1", "echo once"));

    RunningAgent second = anAgent(4, Optional.empty());

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.openings().get(1).claims()).containsExactly(claim);
    assertThat(supervisor.openings().get(1).lost()).isEmpty();
    second.end();
    anAgent(4, Optional.empty());
    await().atMost(PATIENCE).until(() -> supervisor.openings().size() == 3);
    assertThat(supervisor.openings().get(2).claims()).isEmpty();
    awaitNoRuns();
  }

  @Test
  void of_what_nothing_is_known_it_is_said_that_it_is_lost() throws IOException {
    var claim = "claim-of-an-earlier-life";
    var attempt = new AttemptId("j1", 1);
    var data = folder.resolve("data");
    enrolAndEnd();
    var gone = Files.createDirectories(data.resolve("runs/gone"));
    Files.writeString(gone.resolve("record"), "1 1 another-boot\n");
    writeDown(claim, attempt, gone, new AttemptId("j2", 1));
    Files.createDirectories(data.resolve("runs/unknown/deep"));

    anAgent(4, Optional.empty());

    await().atMost(PATIENCE).until(() -> supervisor.openings().size() == 2);
    assertThat(supervisor.openings().get(1).lost()).containsExactly(attempt);
    assertThat(supervisor.openings().get(1).claims()).as("for j2").containsExactly(claim);
    awaitNoRuns();
  }

  /**
   * Writes the journal of an earlier agent: a claim, its grants, and the attempts it was about to
   * start.
   */
  private void writeDown(String claim, AttemptId starting, Path run, AttemptId... others)
      throws IOException {
    Files.writeString(
        run.resolve("note"),
        """
        {"job":"j1","attempt":1,"claim":"%s","task_name":"t","grace":"PT1S","secrets":[]}
        """
            .formatted(claim));
    try (var journal = RunJournal.open(folder.resolve("data/journal"))) {
      journal.claiming(claim);
      journal.granted(claim, Stream.concat(Stream.of(starting), Stream.of(others)).toList());
      journal.starting(starting, claim, run.getFileName().toString());
    }
  }

  private void awaitNoRuns() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(folder.resolve("data/runs")).isEmptyDirectory());
  }

  @Test
  void the_kept_output_and_the_secrets_are_the_tasks() {
    var order = shell("j1", "seq -w 1 20000; echo the key is $KEY and $(printf %s $KEY | base64)");
    supervisor.offer(
        Orders.handled(
            Orders.with(order, List.of(), Map.of("KEY", "tr0ub4dor&3")),
            new WorkOrder.Handling("SIGTERM", false, 10_000, null, null),
            List.of("tr0ub4dor&3")));
    anAgent();

    var end = endOf("j1");
    var printed = supervisor.stdout("j1");
    assertThat(end.leftOut()).isGreaterThan(100_000L);
    assertThat(end.stdout()).isEqualTo(printed.length());
    assertThat(printed)
        .startsWith("00001\n00002\n")
        .contains("\n[capataz: " + end.leftOut() + " bytes omitted")
        .contains("\n20000\nthe key is *********** and **************")
        .doesNotContain("tr0ub4dor", "dHIwdWI0ZG9y");
  }

  @Test
  void who_takes_too_much_memory_is_killed_and_told() {
    // Protects this host if the memory limit does not work.
    supervisor.offer(
        Orders.handled(
            shell("j1", "ulimit -v 1000000; exec tail /dev/zero"),
            new WorkOrder.Handling("SIGTERM", false, 10_000, 32L << 20, null),
            List.of()));
    anAgent();

    var end = endOf("j1");

    Missing.unless(
        !(end.outcome() instanceof Outcome.CouldNotStart), "memory cannot be limited on this host");
    assertThat(end.outcome()).isEqualTo(new Outcome.Killed("SIGKILL"));
    assertThat(end.limit()).isEqualTo("memory");
  }

  @Test
  void file_arguments_arrive_as_paths() {
    supervisor.offer(
        Orders.withFiles(
            Orders.with(
                shell("j1", "cat \"$2\"; basename \"$2\"; echo $1 $3"),
                List.of("a", "", "c"),
                Map.of()),
            List.of(new WorkOrder.FileArgument(1, "../my list.csv", Bytes.utf8("x;y\0\n")))));
    anAgent();
    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.stdout("j1")).isEqualTo("x;y\0\nmy_list.csv\na c\n");
  }

  @Test
  void helper_commands_are_on_the_path() {
    supervisor.offer(shell("j1", "capataz-output size=:=1 who='a \"b\"' n:=2"));
    supervisor.offer(shell("j2", "capataz-progress 40 copying && cat \"$CAPATAZ_PROGRESS\""));
    anAgent();
    assertThat(String.valueOf(endOf("j1").result()))
        .isEqualTo("{\"size\":\":=1\",\"who\":\"a \\\"b\\\"\",\"n\":2}");
    assertThat(endOf("j2").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.stdout("j2")).contains("\"percent\":40");
  }

  @Test
  void progress_is_reported_while_the_script_runs_and_all_of_it_before_its_end() throws Exception {
    var gate = folder.resolve("gate");
    supervisor.offer(
        shell(
            "j1",
            "capataz-progress 10 copying; until [ -e "
                + gate
                + " ]; do sleep 0.02; done; echo 20 >> $CAPATAZ_PROGRESS; printf '100 done' >>"
                + " $CAPATAZ_PROGRESS"));
    anAgent();
    await().until(() -> !supervisor.progress("j1").isEmpty());
    assertThat(supervisor.end("j1")).isEmpty();
    Files.createFile(gate);
    endOf("j1");
    assertThat(supervisor.progress("j1"))
        .containsExactly(new Entry(10, "copying"), new Entry(20, null), new Entry(100, "done"));
  }

  @Test
  void who_may_not_be_become_is_refused() {
    var users = List.of("-1", "#0", "0", "no-such-user", "../x");
    for (int i = 0; i < users.size(); i++) {
      supervisor.offer(Orders.as(shell("as" + i, "true"), users.get(i)));
    }
    supervisor.offer(Orders.as(shell("template", "echo ran"), "no-such-program %script%"));
    supervisor.offer(Orders.as(shell("quote", "echo ran"), "env 'A=b %script%"));
    anAgent();
    for (int i = 0; i < users.size(); i++) {
      assertThat(refused("as" + i)).isNotEmpty();
    }
    assertThat(endOf("template").outcome()).isInstanceOf(Outcome.CouldNotStart.class);
    assertThat(refused("quote")).contains("Unclosed quote");
  }

  @Test
  void a_template_runs_the_script() {
    supervisor.offer(
        Orders.as(
            Orders.with(shell("j1", "echo \"$A $1\""), List.of("x y"), Map.of()),
            "env 'A=b c' sh %script%"));
    anAgent();
    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.stdout("j1")).isEqualTo("b c x y\n");
  }

  @Test
  void another_user_runs_with_nothing_of_the_agents() throws IOException {
    Missing.unless(ThisHost.userNumber() == 0, "only root runs scripts as somebody else");
    open(folder);
    supervisor.offer(
        Orders.as(
            shell(
                "j1",
                """
                id -un; id -G; umask; pwd > /dev/null && touch made; ls -l made | cut -d' ' -f3
                grep NoNewPrivs /proc/self/status; capataz-output a=b; echo "$HOME" "$USER"
                cat ../../../credential ../note 2>/dev/null; ls .. 2>/dev/null; exit 0
                """),
            "nobody"));
    supervisor.offer(Orders.as(shell("root", "true"), "root"));
    anAgent();
    var end = endOf("j1");
    assertThat(end.outcome()).as(supervisor.stderr("j1")).isEqualTo(new Outcome.Succeeded());
    var nobody = ((Accounts.Answer.Found) Accounts.byName("nobody")).account();
    assertThat(supervisor.stdout("j1"))
        .isEqualTo(
            "nobody\n%s\n0077\nnobody\nNoNewPrivs:\t1\n%s nobody\n"
                .formatted(
                    nobody.groups().stream().map(String::valueOf).collect(Collectors.joining(" ")),
                    nobody.home()));
    assertThat(String.valueOf(end.result())).isEqualTo("{\"a\":\"b\"}");
    // The agent runs as root already, so nothing switches to root here.
    assertThat(endOf("root").outcome()).isEqualTo(new Outcome.Succeeded());
  }

  @Test
  void runs_of_a_root_agent_neither_are_root_nor_see_each_other_or_the_agent() throws IOException {
    Missing.unless(ThisHost.userNumber() == 0, "the agent is not root here");
    runAs = "own";
    open(folder);
    var gate = folder.resolve("gate");
    supervisor.offer(
        Orders.with(
            shell("first", "id -u; while [ ! -e '" + gate + "' ]; do sleep 0.02; done; echo $0"),
            List.of(),
            Map.of("KEY", "the first run's key")));
    anAgent();
    await().atMost(PATIENCE).until(() -> supervisor.stdout("first").endsWith("\n"));
    long first = supervisor.start("first").orElseThrow().pid();
    var script = firstWord(first, "run.sh");
    var data = folder.resolve("data");
    supervisor.offer(
        shell(
            "second",
            """
            id -u; id -G; umask; grep NoNewPrivs /proc/self/status
            cd "$HOME" && touch made && echo home; capataz-output a=b
            exec 2>/dev/null
            cat /proc/%1$d/environ; ls /proc/%1$d/fd /proc/%1$d/cwd/; kill %1$d && echo killed
            cat %2$s; echo evil > %2$s; ls %3$s/../work %3$s/../results
            cat %4$s/credential %4$s/journal %3$s/../note; ls %4$s %4$s/runs %4$s/scripts
            exit 0
            """
                .formatted(first, script, script.getParent(), data)));

    var end = endOf("second");

    assertThat(end.outcome()).as(supervisor.stderr("second")).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.stdout("second"))
        .matches("(6[0-9]{4})\n\\1\n0077\nNoNewPrivs:\t1\nhome\n");
    assertThat(String.valueOf(end.result())).isEqualTo("{\"a\":\"b\"}");
    assertThat(supervisor.stdout("second").lines().findFirst())
        .isNotEqualTo(supervisor.stdout("first").lines().findFirst());
    Files.createFile(gate);
    assertThat(endOf("first").outcome()).isEqualTo(new Outcome.Succeeded());
    awaitNoRuns();
  }

  /** All runs have the same user, so that they may do to each other whatever that user may. */
  @Test
  void what_was_checked_is_what_runs_also_if_another_run_of_the_same_user_attacks_it()
      throws IOException {
    Missing.unless(ThisHost.userNumber() == 0, "only root runs scripts as somebody else");
    open(folder);
    var gate = folder.resolve("gate");
    var targets = folder.resolve("targets");
    supervisor.offer(
        Orders.as(
            shell(
                "attacker",
                """
                cd "$TMPDIR"
                while [ ! -e '%s' ]; do
                  while read -r script; do
                    { echo 'echo evil' > "$script"; rm -f "$script"; mv "$script" x
                      chmod 777 "$script" "${script%%/*}"; mv "${script%%/*}" y
                      ln -s "$0" "${script%%/*}/x"; } 2>/dev/null
                    echo "tried $script"
                  done < '%s'
                  sleep 0.01
                done
                """
                    .formatted(gate, targets)),
            "nobody"));
    Files.createFile(targets);
    anAgent(ATTACKED_SCRIPTS + 1, Optional.of(Secret.of(FakeSupervisor.JOIN_TOKEN)));
    awaitStart("attacker");
    var text = "while [ ! -e '" + gate + "' ]; do sleep 0.02; done; wc -c < \"$0\"";
    for (int i = 0; i < ATTACKED_SCRIPTS; i++) {
      supervisor.offer(
          Orders.as(order("v" + i, script("victim.sh", text), Duration.ofMinutes(1)), "nobody"));
    }
    var scripts = new ArrayList<String>();
    for (int i = 0; i < ATTACKED_SCRIPTS; i++) {
      awaitStart("v" + i);
      long pid = supervisor.start("v" + i).orElseThrow().pid();
      scripts.add(firstWord(pid, "victim.sh").toString());
    }
    Files.write(targets, scripts);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                scripts.stream()
                    .allMatch(one -> supervisor.stdout("attacker").contains("tried " + one)));

    Files.createFile(gate);

    for (int i = 0; i < ATTACKED_SCRIPTS; i++) {
      assertThat(endOf("v" + i).outcome()).isEqualTo(new Outcome.Succeeded());
      assertThat(supervisor.stdout("v" + i).strip()).isEqualTo(Integer.toString(text.length()));
    }
    endOf("attacker");
  }

  /** The word of a process's command line that ends with this. */
  private static Path firstWord(long pid, String ending) throws IOException {
    return Stream.of(Files.readString(Path.of("/proc/" + pid + "/cmdline")).split("\0", -1))
        .filter(word -> word.endsWith(ending))
        .map(Path::of)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void runs_have_a_place_that_their_users_reach_where_the_data_folder_is_out_of_reach()
      throws IOException {
    Missing.unless(ThisHost.userNumber() == 0, "the agent is not root here");
    runAs = "own";
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    supervisor.offer(shell("j1", "capataz-output a=b && echo $0 && pwd"));
    var agent = anAgent();

    var end = endOf("j1");

    assertThat(end.outcome()).as(supervisor.stderr("j1")).isEqualTo(new Outcome.Succeeded());
    assertThat(String.valueOf(end.result())).isEqualTo("{\"a\":\"b\"}");
    assertThat(supervisor.stdout("j1").lines())
        .hasSize(2)
        .allSatisfy(path -> assertThat(path).startsWith(DataFolder.SHARED.toString()));
    agent.end();
    var run = Path.of(supervisor.stdout("j1").lines().findFirst().orElseThrow());
    await().atMost(PATIENCE).until(() -> !Files.exists(run));
  }

  @Test
  void only_the_owner_of_a_host_lets_scripts_run_as_root() throws IOException {
    Missing.unless(ThisHost.userNumber() == 0, "the agent is not root here");
    runAs = "own";
    open(folder);
    var file = Files.writeString(folder.resolve("policy.yaml"), "version: 1\n");
    policy = Optional.of(file);
    supervisor.offer(Orders.as(shell("root", "id -u"), "root"));
    supervisor.offer(Orders.as(shell("template", "id -u"), "sh %script%"));
    anAgent();
    assertThat(refused("root")).contains("Scripts do not run as root on this host");
    endOf("template");
    assertThat(supervisor.stdout("template")).matches("6[0-9]{4}\n");

    Files.writeString(file, "version: 1\nusers: [root]\n");

    supervisor.offer(Orders.as(shell("root2", "id -u"), "root"));
    endOf("root2");
    assertThat(supervisor.stdout("root2")).isEqualTo("0\n");
  }

  /** Lets all users traverse a folder, as they must the parents of a data folder. */
  private static void open(Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  @Test
  void a_broken_broker_stops_nothing() {
    supervisor.announceOn(new AnnouncementSource("127.0.0.1:1", "capataz.announcements", 0));
    supervisor.poolsAre(new PoolSource("p1", "127.0.0.1:1", "capataz.pool.p1", "capataz.pool.p1"));
    supervisor.offer(shell("j1", "echo found by asking"));

    anAgent();

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
  }

  /** A clear text client would take its first bytes for a length of 352 MB; see KAFKA-4090. */
  @Test
  void a_broker_that_speaks_tls_unexpectedly_stops_nothing() throws IOException {
    try (var tls = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var met = new CountDownLatch(2);
      var _ =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!tls.isClosed()) {
                      try (var client = tls.accept()) {
                        client.getOutputStream().write(new byte[] {0x15, 3, 3, 0, 2, 2, 0x46});
                        met.countDown();
                      } catch (IOException e) {
                        // The client or the test is gone.
                      }
                    }
                  });
      supervisor.announceOn(
          new AnnouncementSource("127.0.0.1:" + tls.getLocalPort(), "capataz.announcements", 0));
      supervisor.offer(shell("j1", "echo found by asking"));

      anAgent();

      assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
      await("it asks again, with pauses").until(() -> met.getCount() == 0);
    }
  }

  @Test
  void a_script_that_is_not_the_one_promised_does_not_run() {
    var honest = script("run.sh", "echo safe");
    var swapped = new ScriptText("run.sh", honest.digest(), null, Bytes.utf8("echo dangerous"));
    supervisor.offer(order("j1", swapped, Duration.ofSeconds(5)));

    anAgent();

    assertThat(couldNotStart("j1")).contains("digest");
    assertThat(supervisor.attemptCalls()).containsExactly("end j1");
  }

  /** Larger than a script that is sent with its order. */
  private static ScriptText longScript(String what) {
    return script("run.sh", "#!/bin/sh\n" + what + "\nexit\n" + "x".repeat(3 << 20));
  }

  private void offerLong(String job, String what) {
    supervisor.offer(order(job, longScript(what), Duration.ofSeconds(10)));
  }

  private long fetches() {
    return supervisor.attemptCalls().stream().filter(call -> call.startsWith("script ")).count();
  }

  private Path cached(String what) {
    var digest = longScript(what).digest();
    return folder.resolve("data/scripts").resolve(digest.substring("sha256:".length()));
  }

  @Test
  void a_long_script_is_fetched_once_also_for_several_runs_and_lives() {
    offerLong("j1", "echo one");
    offerLong("j2", "echo one");
    var agent = anAgent();
    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(endOf("j2").outcome()).isEqualTo(new Outcome.Succeeded());
    agent.end();

    anAgent();
    offerLong("j3", "echo one");

    assertThat(endOf("j3").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.stdout("j3")).isEqualTo("one\n");
    assertThat(fetches()).isEqualTo(1);
    assertThat(folder.resolve("data/scripts").toFile().list()).hasSize(1);
  }

  @Test
  void a_short_script_comes_with_its_order() {
    supervisor.offer(shell("j1", "echo short"));

    anAgent();

    endOf("j1");
    assertThat(fetches()).isZero();
    assertThat(folder.resolve("data/scripts")).isEmptyDirectory();
  }

  @Test
  void what_is_damaged_in_the_cache_is_not_run_but_fetched_again() throws IOException {
    offerLong("j1", "echo good");
    anAgent();
    endOf("j1");
    Files.writeString(cached("echo good"), "#!/bin/sh\necho evil\n");

    offerLong("j2", "echo good");

    assertThat(endOf("j2").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.stdout("j2")).isEqualTo("good\n");
    assertThat(fetches()).isEqualTo(2);
    assertThat(Files.size(cached("echo good"))).isGreaterThan(3 << 20);
  }

  @Test
  void other_bytes_than_promised_are_neither_run_nor_kept() {
    supervisor.swapScript("j1", Bytes.utf8("#!/bin/sh\necho evil\n"));
    offerLong("j1", "echo good");

    anAgent();

    assertThat(couldNotStart("j1")).contains("Script digest mismatch");
    assertThat(supervisor.stdout("j1")).isEmpty();
    assertThat(folder.resolve("data/scripts")).isEmptyDirectory();
  }

  @Test
  void a_script_that_is_gone_says_so() {
    supervisor.holdScripts(true);
    offerLong("j1", "echo gone");
    anAgent();
    await().atMost(PATIENCE).until(() -> fetches() == 1);

    supervisor.loseScript("j1");
    supervisor.holdScripts(false);

    assertThat(couldNotStart("j1"))
        .isEqualTo("The supervisor refused to send the script (HTTP 404). The script is gone.");
  }

  @Test
  void a_cancel_comes_through_while_a_script_is_fetched_and_others_wait_for_it() {
    supervisor.holdScripts(true);
    offerLong("j1", "echo one");
    offerLong("j2", "echo two");
    anAgent();
    await().atMost(PATIENCE).until(() -> supervisor.running().size() == 2 && fetches() == 1);

    supervisor.stop("j1");
    supervisor.stop("j2");

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Canceled());
    assertThat(endOf("j2").outcome()).isEqualTo(new Outcome.Canceled());
    supervisor.holdScripts(false);
    assertThat(supervisor.start("j1")).isEmpty();
  }

  @Test
  void an_attempt_that_is_not_ours_any_more_when_its_script_is_fetched_is_forgotten() {
    supervisor.fenceAttempts(409);
    offerLong("j1", "echo one");
    anAgent();

    await().atMost(PATIENCE).until(() -> fetches() == 1 && supervisor.running().isEmpty());
    supervisor.fenceAttempts(0);
    supervisor.offer(shell("j2", "true"));

    endOf("j2");
    assertThat(supervisor.attemptCalls().stream().filter(call -> call.endsWith("j1")))
        .containsExactly("script j1");
  }

  @Test
  void a_supervisor_that_is_away_while_a_script_is_fetched_is_asked_again() {
    supervisor.loseAnswerOf("/script");
    offerLong("j1", "echo one");

    anAgent();

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.lost()).isEqualTo(1);
    assertThat(fetches()).isEqualTo(2);
  }

  @Test
  void an_agent_that_goes_down_while_it_fetches_gives_the_job_back() {
    supervisor.holdScripts(true);
    offerLong("j1", "echo one");
    var agent = anAgent();
    await().atMost(PATIENCE).until(() -> fetches() == 1);

    agent.end();

    assertThat(supervisor.givenBack("j1")).isPresent();
    supervisor.holdScripts(false);
  }

  @Test
  void what_cannot_start_says_why() {
    offer(
        "no-interpreter", new ScriptText("x", sha("x"), List.of("no-such-thing"), Bytes.utf8("x")));
    offer("no-ending", script("backup", "echo hi"));
    offer("no-shebang-program", script("backup", "#!/no/such/program\n"));
    WorkOrder nul = Orders.with(shell("nul", "true"), List.of("a\0b"), Map.of());
    supervisor.offer(nul);
    supervisor.offer(
        Orders.with(shell("too-long", "true"), List.of("x".repeat(4 << 20)), Map.of()));
    supervisor.offer(Orders.with(shell("bad-name", "true"), List.of(), Map.of("A=B", "c")));

    anAgent();

    assertThat(couldNotStart("no-interpreter")).contains("`no-such-thing` not found on this host");
    assertThat(couldNotStart("no-ending")).contains("Cannot determine the interpreter of `backup`");
    assertThat(couldNotStart("no-shebang-program")).contains("ENOENT");
    assertThat(couldNotStart("nul")).contains("NUL");
    assertThat(couldNotStart("too-long")).contains("E2BIG");
    assertThat(couldNotStart("bad-name")).contains("`A=B`");
  }

  @Test
  void exit_code_and_result_decide_together() {
    supervisor.offer(shell("exit-3", "echo '{\"state\":\"success\"}'; exit 3"));
    supervisor.offer(shell("says-failure", "echo '{\"state\":\"failure\"}'"));
    supervisor.offer(shell("signal", "kill -SEGV $$"));
    supervisor.offer(
        shell("file", "echo '{\"data\":1}' > \"$CAPATAZ_OUTPUT\"; echo '{\"data\":2}'"));

    anAgent();

    assertThat(endOf("exit-3").outcome()).isEqualTo(new Outcome.ExitedWith(3));
    assertThat(endOf("says-failure").outcome()).isEqualTo(new Outcome.ExitedWith(0));
    assertThat(endOf("signal").outcome()).isEqualTo(new Outcome.Killed("SIGSEGV"));
    assertThat(endOf("file").result()).hasToString("{\"data\":1}");
  }

  @Test
  void what_a_script_puts_in_the_place_of_its_result_holds_up_nothing() {
    supervisor.offer(shell("pipe", "mkfifo \"$CAPATAZ_OUTPUT\""));
    supervisor.offer(shell("link", "ln -s /etc/passwd \"$CAPATAZ_OUTPUT\""));
    supervisor.offer(shell("folder", "mkdir -p \"$CAPATAZ_OUTPUT\"/x; mkfifo \"$TMPDIR/x\""));
    anAgent(1, Optional.of(Secret.of(FakeSupervisor.JOIN_TOKEN)));

    for (var job : List.of("pipe", "link", "folder")) {
      var end = endOf(job);
      assertThat(end.outcome()).isEqualTo(new Outcome.Succeeded());
      assertThat(end.result()).isNull();
    }
    awaitNoRuns();
  }

  @Test
  void folders_deeper_than_a_path_can_say_are_removed() {
    supervisor.offer(
        shell(
            "j1",
            "i=0; d=dddddddddddddddddddddddddddddddddddddddddddddddddd; while [ $i -lt 200 ]; do"
                + " mkdir $d && cd -P $d || exit 1; i=$((i+1)); done"));
    anAgent();

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());

    awaitNoRuns();
  }

  @Test
  void secrets_are_masked_in_all_that_is_told_about_a_job() {
    var key = "tr0ub4dor&3";
    supervisor.offer(
        Orders.handled(
            Orders.with(
                order(
                    "reason",
                    new ScriptText("x", sha("x"), List.of("no-such-thing"), Bytes.utf8("x")),
                    Duration.ofSeconds(10)),
                List.of(),
                Map.of("PATH", "/opt/" + key)),
            WorkOrder.Handling.USUAL,
            List.of(key)));
    anAgent();

    assertThat(couldNotStart("reason")).contains("searched /opt/***********").doesNotContain(key);
  }

  @Test
  void what_makes_programs_load_code_is_refused() {
    supervisor.offer(
        Orders.with(shell("j1", "true"), List.of(), Map.of("LD_PRELOAD", "/tmp/evil.so")));
    anAgent();

    assertThat(refused("j1")).contains("may not set the variable `LD_PRELOAD`");
  }

  @Test
  void nothing_of_a_run_is_left_on_disk() throws IOException {
    supervisor.offer(shell("j1", "mkdir -p \"$TMPDIR/a/b\" && chmod 0 \"$TMPDIR/a\"; pwd"));
    anAgent();
    endOf("j1");

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              try (var runs = Files.list(folder.resolve("data/runs"))) {
                assertThat(runs).isEmpty();
              }
            });
    assertThat(supervisor.stdout("j1")).contains("/data/runs/j1-1-").endsWith("/work\n");
  }

  @Test
  void what_is_printed_through_dev_stderr_is_not_lost() {
    supervisor.offer(
        shell("j1", "echo one >&2; echo two > /dev/stderr; echo three > /dev/stderr; echo 4 >&2"));

    anAgent();

    endOf("j1");
    assertThat(supervisor.stderr("j1")).isEqualTo("one\ntwo\nthree\n4\n");
  }

  @Test
  void a_daemon_that_keeps_the_output_open_does_not_hold_up_the_end() {
    supervisor.offer(shell("j1", "setsid sleep 5 & echo started"));

    anAgent();

    assertThat(endOf("j1").ran()).isLessThan(Duration.ofSeconds(3));
    assertThat(supervisor.stdout("j1")).isEqualTo("started\n");
  }

  @Test
  void a_program_runs_as_it_is() throws IOException {
    var program = Bytes.of(Files.readAllBytes(Path.of("/bin/echo")));
    anAgent();

    supervisor.offer(
        Orders.with(
            order(
                "j1",
                new ScriptText("echo", program.sha256(), null, program),
                Duration.ofSeconds(10)),
            List.of("-n", "no shell in between"),
            Map.of()));

    assertThat(endOf("j1").outcome()).isEqualTo(new Outcome.Succeeded());
    assertThat(supervisor.stdout("j1")).isEqualTo("no shell in between");
  }

  @Test
  void what_the_hosts_policy_does_not_allow_is_refused() throws IOException {
    var file = folder.resolve("policy.yaml");
    var witness = folder.resolve("witness");
    Files.writeString(
        file, "version: 1\nscripts: [\"%s\"]\nenvironment: [GREETING]\n".formatted(sha("true")));
    policy = Optional.of(file);
    anAgent();

    supervisor.offer(shell("other", "touch " + witness));
    assertThat(refused("other")).contains(file.toString()).endsWith("(rule `scripts`).");
    supervisor.offer(Orders.with(shell("variable", "true"), List.of(), Map.of("PATH", "/tmp")));
    assertThat(refused("variable")).contains("`PATH`");
    supervisor.offer(Orders.with(shell("listed", "true"), List.of(), Map.of("GREETING", "hi")));
    assertThat(endOf("listed").outcome()).isEqualTo(new Outcome.Succeeded());

    assertThat(witness).doesNotExist();
    assertThat(supervisor.start("other")).isEmpty();
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(folder.resolve("data/runs")).isEmptyDirectory());
  }

  private String refused(String job) {
    var end = endOf(job);
    assertThat(end.outcome()).isInstanceOf(Outcome.Refused.class);
    return ((Outcome.Refused) end.outcome()).reason();
  }

  private void offer(String job, ScriptText script) {
    supervisor.offer(order(job, script, Duration.ofSeconds(10)));
  }

  private static String sha(String text) {
    return Bytes.utf8(text).sha256();
  }

  private String couldNotStart(String job) {
    var end = endOf(job);
    assertThat(end.outcome()).isInstanceOf(Outcome.CouldNotStart.class);
    assertThat(end.ran()).isNull();
    return ((Outcome.CouldNotStart) end.outcome()).reason();
  }
}
