package io.capataz.supervisor;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptGivenBack;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Bytes;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Enrolment;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.HostFacts;
import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.ProtocolVersion;
import io.capataz.common.protocol.RunningAttempt;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.TestSupervisor.Answer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** An agent that says what the test wants it to say, over the real routes. */
public final class TestAgent {

  private static final HostFacts FACTS =
      new HostFacts("Linux", "amd64", 2, 1L << 30, "nobody", "test");

  private final TestSupervisor supervisor;
  private final Enrolment.Answer identity;
  private long epoch;

  private TestAgent(TestSupervisor supervisor, Enrolment.Answer identity) {
    this.supervisor = supervisor;
    this.identity = identity;
  }

  /** Enrols an agent on a new host of a random name, and opens its session. */
  public static TestAgent enrolled(TestSupervisor supervisor) {
    return enrolled(supervisor, Map.of());
  }

  /** The same, with a join token that says more. */
  public static TestAgent enrolled(TestSupervisor supervisor, Map<String, ?> token) {
    var name = "host-" + UUID.randomUUID();
    var body = new HashMap<String, Object>(token);
    body.put("host", name);
    var join = supervisor.post("/acme/host/join-token", body).text("/token");
    var answer = supervisor.postAs(null, "/agent/v1/enrolment", new Enrolment(join, name, FACTS));
    assertThat(answer.status()).isEqualTo(200);
    var agent =
        new TestAgent(
            supervisor, MessageJson.mapper().treeToValue(answer.body(), Enrolment.Answer.class));
    agent.open(List.of());
    return agent;
  }

  /** The same agent, speaking to another supervisor. */
  public TestAgent through(TestSupervisor other) {
    var same = new TestAgent(other, identity);
    same.epoch = epoch;
    return same;
  }

  public String host() {
    return identity.host();
  }

  public String credential() {
    return identity.credential();
  }

  /** Opens a session with labels. */
  public SessionOpening.Answer openLabelled(Map<String, String> labels) {
    return opened(opening(List.of(), List.of(), List.of(), labels));
  }

  /** Opens a session that still runs something. */
  public SessionOpening.Answer open(List<RunningAttempt> running) {
    return open(running, List.of());
  }

  /** Opens a session that still runs something, and will ask again for what it was granted. */
  public SessionOpening.Answer open(
      List<RunningAttempt> running, List<String> claims, AttemptId... lost) {
    return opened(opening(running, claims, List.of(lost)));
  }

  /** Opens a session with these words. */
  public SessionOpening.Answer opened(SessionOpening opening) {
    var answer = say("session", opening);
    assertThat(answer.status()).isEqualTo(200);
    var opened = MessageJson.mapper().treeToValue(answer.body(), SessionOpening.Answer.class);
    epoch = opened.epoch();
    return opened;
  }

  /** What a session is opened with. */
  public static SessionOpening opening(
      List<RunningAttempt> running, List<String> claims, List<AttemptId> lost) {
    return opening(running, claims, lost, Map.of());
  }

  private static SessionOpening opening(
      List<RunningAttempt> running,
      List<String> claims,
      List<AttemptId> lost,
      Map<String, String> labels) {
    return new SessionOpening(
        ProtocolVersion.CURRENT, "boot-1", 4, FACTS, running, claims, lost, labels, null, null);
  }

  /** Claims what is next, and expects exactly one order. */
  public WorkOrder claimOne() {
    var orders = claim(newClaimId(), 1);
    assertThat(orders).hasSize(1);
    return orders.getFirst();
  }

  public List<WorkOrder> claim(String claimId, int free, String... jobs) {
    return claim(new Claim(epoch, claimId, free, List.of(jobs), Claim.Heard.SYNC, null, null));
  }

  /** Claims one job as an agent does that has heard of it and asks for the first time. */
  public WorkOrder claimHeard(String job) {
    var orders =
        claim(
            new Claim(
                epoch,
                newClaimId(),
                1,
                List.of(job),
                Claim.Heard.ANNOUNCEMENT,
                OutputReport.MAX_CHUNK_BYTES,
                false));
    assertThat(orders).hasSize(1);
    return orders.getFirst();
  }

  /** Claims one order, which carries no more than so many bytes of its script. */
  public WorkOrder claimOneWithout(int inline) {
    var orders =
        claim(new Claim(epoch, newClaimId(), 1, List.of(), Claim.Heard.SYNC, inline, null));
    assertThat(orders).hasSize(1);
    return orders.getFirst();
  }

  /** Asks only for what was granted under a claim before. */
  public List<WorkOrder> again(String claimId) {
    return claim(new Claim(epoch, claimId, 1, List.of(), Claim.Heard.SYNC, null, true, true));
  }

  private List<WorkOrder> claim(Claim claim) {
    var answer = say("claims", claim);
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return MessageJson.mapper().treeToValue(answer.body(), Claim.Answer.class).orders();
  }

  /** The script's bytes, where the order carries them. */
  public static Bytes script(WorkOrder order) {
    return requireNonNull(order.script().content());
  }

  public static String newClaimId() {
    return UUID.randomUUID().toString();
  }

  public Answer started(WorkOrder order) {
    return say(attempt(order) + "/started", new AttemptStarted(order.claim(), 4711));
  }

  public Answer print(WorkOrder order, OutputReport.Stream stream, long offset, String text) {
    return say(
        attempt(order) + "/output",
        new OutputReport(
            order.claim(),
            List.of(
                new OutputReport.Chunk(
                    stream, offset, Duration.ofMillis(offset), Bytes.utf8(text)))));
  }

  /**
   * The end of an attempt whose script has succeeded, as a link reports it.
   *
   * @param stdout how many bytes it printed
   */
  public static AttemptEnd succeeded(WorkOrder order, long stdout) {
    return new AttemptEnd(
        order.claim(),
        new Outcome.Succeeded(),
        0,
        Duration.ofMillis(12),
        List.of(),
        List.of(),
        null,
        stdout,
        0,
        0L,
        "session",
        null);
  }

  public Answer end(WorkOrder order, Outcome outcome) {
    return end(order, outcome, 0L, "session");
  }

  /** Ends an attempt whose script has returned something. */
  public Answer returned(WorkOrder order, Outcome outcome, Object result) {
    return end(order, outcome, 0L, "session", MessageJson.mapper().valueToTree(result));
  }

  public Answer end(
      WorkOrder order, Outcome outcome, @Nullable Long leftOut, @Nullable String containment) {
    return end(order, outcome, leftOut, containment, null);
  }

  private Answer end(
      WorkOrder order,
      Outcome outcome,
      @Nullable Long leftOut,
      @Nullable String containment,
      @Nullable JsonNode result) {
    return say(
        attempt(order) + "/end",
        new AttemptEnd(
            order.claim(),
            outcome,
            0,
            Duration.ofMillis(1234),
            List.of(),
            List.of(),
            result,
            0,
            0,
            leftOut,
            containment,
            null));
  }

  /** Ends an attempt with everything that an agent can report of it. */
  public Answer end(WorkOrder order, AttemptEnd end) {
    return say(attempt(order) + "/end", end);
  }

  public Answer giveBack(WorkOrder order) {
    return say(attempt(order) + "/given-back", new AttemptGivenBack(order.claim(), "no room"));
  }

  /** Beats, and waits for so long for an answer that has something to say. */
  public Heartbeat.Answer beat(Duration wait, WorkOrder... running) {
    var answer =
        say(
            "heartbeat",
            new Heartbeat(
                epoch,
                Arrays.stream(running)
                    .map(o -> new RunningAttempt(o.job(), o.attempt(), o.claim(), true))
                    .toList(),
                wait));
    assertThat(answer.status()).describedAs(answer.raw().body()).isEqualTo(200);
    return MessageJson.mapper().treeToValue(answer.body(), Heartbeat.Answer.class);
  }

  public Answer say(String route, Object message) {
    return supervisor.postAs(identity.credential(), "/agent/v1/" + route, message);
  }

  public long epoch() {
    return epoch;
  }

  private static String attempt(WorkOrder order) {
    return "jobs/" + order.job() + "/attempts/" + order.attempt();
  }
}
