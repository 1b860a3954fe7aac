package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptGivenBack;
import io.capataz.common.protocol.AttemptStarted;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.ProtocolVersion;
import io.capataz.common.protocol.SessionEnd;
import io.capataz.common.protocol.SessionOpening;
import io.capataz.common.protocol.Sync;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.host.Hosts.Opening;
import io.capataz.supervisor.queue.JobQueues;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * The agent API under {@code /agent/v1}; the messages are documented in {@code common.protocol}.
 *
 * <p>410 for a session: another session of this agent exists, exit. 409 or 410 for an attempt: it
 * no longer belongs to the agent; stop it and never report it again.
 */
@RestController
@RequestMapping("/agent/v1")
class AgentController {

  private static final Logger log = LoggerFactory.getLogger(AgentController.class);

  private static final Duration SYNC = Duration.ofMinutes(1);
  private static final int WAITING = 1_000;

  private final Hosts hosts;
  private final JobQueues queues;
  private final Claims claims;
  private final Announcer announcer;
  private final Reports reports;
  private final HeartbeatInterval interval;
  private final AgentCalls calls;
  private final WorkOrders orders;

  AgentController(
      Hosts hosts,
      JobQueues queues,
      Claims claims,
      Announcer announcer,
      Reports reports,
      HeartbeatInterval interval,
      AgentCalls calls,
      WorkOrders orders) {
    this.hosts = hosts;
    this.queues = queues;
    this.claims = claims;
    this.announcer = announcer;
    this.reports = reports;
    this.interval = interval;
    this.calls = calls;
    this.orders = orders;
  }

  /**
   * {@code POST /agent/v1/session}: see {@link SessionOpening}. 409 while another agent with this
   * credential is alive; 400 if the agent was started under another name than that of its host.
   */
  @PostMapping("/session")
  @Allow(Allow.Who.AGENTS)
  SessionOpening.Answer open(
      @RequestBody SessionOpening opening, Caller.Agent agent, HttpServletRequest request) {
    if (opening.protocol() < ProtocolVersion.OLDEST) {
      throw ApiProblem.badRequest(
          "protocol_too_old",
          "This supervisor requires protocol "
              + ProtocolVersion.OLDEST
              + " or newer; the agent uses "
              + opening.protocol()
              + ". Upgrade the agent.");
    }
    AgentCalls.checkSize("/running", opening.running());
    AgentCalls.checkSize("/claims", opening.claims());
    AgentCalls.checkSize("/lost", opening.lost());
    var host =
        switch (hosts.openSession(agent, opening, interval.silence())) {
          case Opening.Opened(Host its) -> its;
          case Opening.NotItsAgent() -> throw sessionIsOver();
          case Opening.OtherName(Host its) -> throw otherName(its, opening);
          case Opening.Rival(Host its, boolean isNews) -> {
            if (isNews) {
              new AuditedAct(agent.organization(), agent.name(), its.id()).attachTo(request);
              log.atWarn()
                  .addKeyValue("host", its.name())
                  .log("a second agent with this host's credential was refused");
            }
            throw rival(its);
          }
        };
    var forget = reports.reconcile(host.id(), host.session().epoch(), opening);
    log.atInfo()
        .addKeyValue("host", host.name())
        .addKeyValue("epoch", host.session().epoch())
        .addKeyValue("running", opening.running().size())
        .addKeyValue("claims", opening.claims().size())
        .addKeyValue("lost", opening.lost().size())
        .log("agent session opened");
    return new SessionOpening.Answer(
        host.session().epoch(),
        interval.heartbeat(),
        SYNC,
        announcer.sourceFor(host.id()).orElse(null),
        announcer.poolsOf(host),
        forget);
  }

  /** {@code POST /agent/v1/session/end}: see {@link SessionEnd}. 410 if it is over already. */
  @PostMapping("/session/end")
  @Allow(Allow.Who.AGENTS)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void end(@RequestBody SessionEnd end, Caller.Agent agent) {
    var host = hosts.endSession(agent, end.epoch()).orElseThrow(AgentController::sessionIsOver);
    log.atInfo()
        .addKeyValue("host", host.name())
        .addKeyValue("epoch", end.epoch())
        .log("agent session ended");
  }

  /** {@code POST /agent/v1/heartbeat}: see {@link Heartbeat}. */
  @PostMapping("/heartbeat")
  @Allow(Allow.Who.AGENTS)
  Heartbeat.Answer heartbeat(@RequestBody Heartbeat heartbeat, Caller.Agent agent)
      throws InterruptedException {
    return calls.heartbeat(agent, heartbeat);
  }

  /** {@code POST /agent/v1/sync}: see {@link Sync}. */
  @PostMapping("/sync")
  @Allow(Allow.Who.AGENTS)
  Sync.Answer sync(@RequestBody Sync sync, Caller.Agent agent) {
    var host =
        hosts
            .synced(agent, sync.epoch(), sync.listening())
            .orElseThrow(AgentController::sessionIsOver);
    var open = claims.queuesOf(host);
    var waiting = open.isEmpty() ? List.<JobQueues.Waiting>of() : queues.next(open, WAITING);
    return new Sync.Answer(
        waiting.stream().map(JobQueues.Waiting::id).toList(),
        announcer.poolsOf(host),
        host.contact().rival());
  }

  /** {@code POST /agent/v1/claims}: see {@link Claim}. */
  @PostMapping("/claims")
  @Allow(Allow.Who.AGENTS)
  Claim.Answer claim(@RequestBody Claim claim, Caller.Agent agent) {
    return claims.grant(agent, claim);
  }

  /**
   * {@code GET /agent/v1/jobs/{job}/attempts/{attempt}/script}: the bytes of the script, where the
   * attempt's order carries only its digest. {@code ?claim=} is the attempt's claim id. 409 if the
   * attempt is not, or no longer, the agent's; 404 if the script was removed meanwhile.
   */
  @GetMapping("/jobs/{job}/attempts/{attempt}/script")
  @Allow(Allow.Who.AGENTS)
  ResponseEntity<byte[]> script(
      @PathVariable String job,
      @PathVariable int attempt,
      @RequestParam String claim,
      Caller.Agent agent) {
    var held = reports.underWay(agent, AgentCalls.fence(job, attempt, claim));
    var script =
        orders.script(held).orElseThrow(() -> ApiProblem.notFound("The script of the attempt"));
    log.atInfo()
        .addKeyValue("job", job)
        .addKeyValue("attempt", attempt)
        .addKeyValue("bytes", script.length())
        .log("script fetched");
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .body(script.toArray());
  }

  /** {@code POST /agent/v1/jobs/{job}/attempts/{attempt}/started}: see {@link AttemptStarted}. */
  @PostMapping("/jobs/{job}/attempts/{attempt}/started")
  @Allow(Allow.Who.AGENTS)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void started(
      @PathVariable String job,
      @PathVariable int attempt,
      @RequestBody AttemptStarted started,
      Caller.Agent agent) {
    reports.started(agent, AgentCalls.fence(job, attempt, started.claim()), started.pid());
  }

  /** {@code POST /agent/v1/jobs/{job}/attempts/{attempt}/output}: see {@link OutputReport}. */
  @PostMapping("/jobs/{job}/attempts/{attempt}/output")
  @Allow(Allow.Who.AGENTS)
  OutputReport.Answer output(
      @PathVariable String job,
      @PathVariable int attempt,
      @RequestBody OutputReport report,
      Caller.Agent agent) {
    return calls.output(agent, AgentCalls.fence(job, attempt, report.claim()), report);
  }

  /** {@code POST /agent/v1/jobs/{job}/attempts/{attempt}/end}: see {@link AttemptEnd}. */
  @PostMapping("/jobs/{job}/attempts/{attempt}/end")
  @Allow(Allow.Who.AGENTS)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void end(
      @PathVariable String job,
      @PathVariable int attempt,
      @RequestBody AttemptEnd end,
      Caller.Agent agent) {
    calls.end(agent, AgentCalls.fence(job, attempt, end.claim()), end);
  }

  /**
   * {@code POST /agent/v1/jobs/{job}/attempts/{attempt}/given-back}: see {@link AttemptGivenBack}.
   */
  @PostMapping("/jobs/{job}/attempts/{attempt}/given-back")
  @Allow(Allow.Who.AGENTS)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void givenBack(
      @PathVariable String job,
      @PathVariable int attempt,
      @RequestBody AttemptGivenBack given,
      Caller.Agent agent) {
    calls.givenBack(agent, AgentCalls.fence(job, attempt, given.claim()), given);
  }

  static ApiProblem sessionIsOver() {
    return ApiProblem.gone(
        "session_over",
        "The session of this agent has ended, a newer one exists, or its host has a different agent"
            + " now.");
  }

  private static ApiProblem rival(Host host) {
    return ApiProblem.conflict(
        "agent_alive",
        "Another agent with this credential is running on host '%s': the data folder of the agent was copied. Stop the other agent, which is noticed within a minute; or give this one an identity of its own: remove the file 'credential' in its data folder and start it with a new join token and another --host."
            .formatted(host.name()));
  }

  private ApiProblem otherName(Host host, SessionOpening opening) {
    log.atWarn()
        .addKeyValue("host", host.name())
        .addKeyValue("name", String.valueOf(opening.host()))
        .log("an agent started under another name than its host's was refused");
    return ApiProblem.badRequest(
        "other_host_name",
        "This agent belongs to host '%s' and was started as '%s'. Start it with --host %s to go on as that host; or make it a new host: remove the file 'credential' in its data folder and start it with a new join token."
            .formatted(host.name(), opening.host(), host.name()));
  }
}
