package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.AttemptEnd;
import io.capataz.common.protocol.AttemptGivenBack;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.AttemptReport;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Heartbeat;
import io.capataz.common.protocol.OutputReport;
import io.capataz.common.protocol.OutputReport.Chunk;
import io.capataz.common.protocol.OutputReport.Stream;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.job.Fence;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobSignals;
import io.capataz.supervisor.output.JobOutputs;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** What an authenticated agent says, by a call of its own or on its link: the same either way. */
@Component
public class AgentCalls {

  private static final int LONGEST_WORD = 100;

  /** Far more than an agent has slots. */
  private static final int MOST_NAMED = 10_000;

  private final Hosts hosts;
  private final JobOutputs outputs;
  private final JobSignals signals;
  private final Claims claims;
  private final Reports reports;
  private final Heartbeats heartbeats;
  private final HeartbeatInterval interval;

  AgentCalls(
      Hosts hosts,
      JobOutputs outputs,
      JobSignals signals,
      Claims claims,
      Reports reports,
      Heartbeats heartbeats,
      HeartbeatInterval interval) {
    this.hosts = hosts;
    this.outputs = outputs;
    this.signals = signals;
    this.claims = claims;
    this.reports = reports;
    this.heartbeats = heartbeats;
    this.interval = interval;
  }

  /**
   * The agent's host.
   *
   * @throws ApiProblem 410 if this is not its current session
   */
  public Host host(Caller.Agent agent, long epoch) {
    return hosts.current(agent, epoch).orElseThrow(AgentController::sessionIsOver);
  }

  /** How often an agent is to be heard. */
  public Duration heartbeat() {
    return interval.heartbeat();
  }

  /** After how long without a word an agent is silent. */
  public Duration silence() {
    return interval.silence();
  }

  /**
   * Grants jobs under a claim id that was offered on a link; see {@link Claims#grantStanding}.
   *
   * @throws ApiProblem 410 if the agent's session is over
   */
  public Claim.Answer grantStanding(Caller.Agent agent, Claim claim) {
    return claims.grantStanding(agent, claim);
  }

  /**
   * Answers a heartbeat, after as long as it may be held.
   *
   * @throws ApiProblem 410 if the agent's session is over
   */
  public Heartbeat.Answer heartbeat(Caller.Agent agent, Heartbeat heartbeat)
      throws InterruptedException {
    checkSize("/running", heartbeat.running());
    if (!hosts.heard(agent, heartbeat.epoch())) {
      throw AgentController.sessionIsOver();
    }
    return heartbeats.answer(agent, heartbeat);
  }

  /** The attempts that a host's agent is to stop. */
  public List<AttemptId> toStop(String host) {
    return heartbeats.toStop(host);
  }

  /**
   * Takes reports about attempts, one after the other.
   *
   * @return an answer to each; a refusal is an answer too
   */
  public List<AttemptReport.Answer> reports(Caller.Agent agent, List<AttemptReport> reports) {
    storeOutputOf(agent, reports);
    return reports.stream().map(report -> report(agent, report)).toList();
  }

  /** Stores what can be stored with one command; each report finds then that it is there. */
  private void storeOutputOf(Caller.Agent agent, List<AttemptReport> reports) {
    var printed = new LinkedHashMap<AttemptId, List<Chunk>>();
    for (var report : reports) {
      var output = report.output();
      if (output != null && report.started() == null) {
        try {
          var fence = fence(report, output.claim());
          check(output.chunks(), this.reports.takingOutput(agent, fence));
          printed.putIfAbsent(fence.attempt(), output.chunks());
        } catch (ApiProblem refused) {
          // It is refused again, and answered, when it is its turn.
        }
      }
    }
    if (printed.size() > 1) {
      outputs.addBeginnings(printed);
    }
  }

  private AttemptReport.Answer report(Caller.Agent agent, AttemptReport report) {
    OutputReport.@Nullable Answer kept = null;
    try {
      var started = report.started();
      if (started != null) {
        reports.started(agent, fence(report, started.claim()), started.pid());
      }
      var output = report.output();
      if (output != null) {
        kept = output(agent, fence(report, output.claim()), output);
      }
      var end = report.end();
      if (end != null && (output == null || isKept(output.chunks(), kept))) {
        end(agent, fence(report, end.claim()), end);
      }
      var givenBack = report.givenBack();
      if (givenBack != null) {
        givenBack(agent, fence(report, givenBack.claim()), givenBack);
      }
      return new AttemptReport.Answer(HttpStatus.OK.value(), null, kept);
    } catch (ApiProblem refused) {
      return new AttemptReport.Answer(refused.status().value(), refused.detail(), kept);
    }
  }

  OutputReport.Answer output(Caller.Agent agent, Fence fence, OutputReport report) {
    Job job;
    try {
      job = reports.takingOutput(agent, fence);
    } catch (ApiProblem over) {
      var kept = kept(fence);
      if (reports.isHeld(agent, fence) && isKept(report.chunks(), kept)) {
        return kept; // A repeated report.
      }
      throw over;
    }
    check(report.chunks(), job);
    var ends = outputs.add(fence.attempt(), report.chunks());
    signals.changed(fence.attempt().job());
    return new OutputReport.Answer(ends.stdout(), ends.stderr());
  }

  private static void check(List<Chunk> chunks, Job job) {
    var limit = job.spec().script().handling().output();
    for (var chunk : chunks) {
      if (chunk.bytes().length() < 1
          || chunk.bytes().length() > OutputReport.MAX_CHUNK_BYTES
          || chunk.offset() < 0
          || chunk.after().isNegative()) {
        throw ApiProblem.badRequest(
            "invalid_chunk",
            "A chunk must have 1 to "
                + OutputReport.MAX_CHUNK_BYTES
                + " bytes and a non-negative offset and time.");
      }
      Bounds.checkOutput(chunk.offset() + chunk.bytes().length(), limit);
    }
  }

  private OutputReport.Answer kept(Fence fence) {
    var ends = outputs.ends(fence.attempt());
    return new OutputReport.Answer(ends.stdout(), ends.stderr());
  }

  void end(Caller.Agent agent, Fence fence, AttemptEnd end) {
    if (end.leftOut() != null && end.leftOut() < 0) {
      throw ApiProblem.invalid(
          List.of(new FieldError("/left_out", "out_of_range", "must not be negative.")));
    }
    if (end.containment() != null && end.containment().length() > LONGEST_WORD) {
      throw ApiProblem.invalid(
          List.of(
              new FieldError(
                  "/containment",
                  "too_long",
                  "must have at most " + LONGEST_WORD + " characters.")));
    }
    reports.ended(agent, fence, Bounds.of(end));
  }

  void givenBack(Caller.Agent agent, Fence fence, AttemptGivenBack given) {
    if (given.reason().length() > Bounds.LONGEST_REASON) {
      throw ApiProblem.badRequest(
          "reason_too_long",
          "A reason must have at most " + Bounds.LONGEST_REASON + " characters.");
    }
    reports.givenBack(agent, fence, given.reason());
  }

  private static boolean isKept(List<Chunk> sent, OutputReport.@Nullable Answer kept) {
    return kept != null
        && sent.stream()
            .allMatch(
                chunk ->
                    chunk.offset() + chunk.bytes().length()
                        <= (chunk.stream() == Stream.STDOUT ? kept.stdout() : kept.stderr()));
  }

  static void checkSize(String pointer, List<?> named) {
    if (named.size() > MOST_NAMED) {
      throw ApiProblem.invalid(
          List.of(
              new FieldError(
                  pointer, "too_many", "must have at most " + MOST_NAMED + " entries.")));
    }
  }

  private static Fence fence(AttemptReport report, String claim) {
    return fence(report.job(), report.attempt(), claim);
  }

  static Fence fence(String job, int attempt, String claim) {
    if (attempt < 1) {
      throw ApiProblem.badRequest("invalid_attempt", "Attempts are counted from 1.");
    }
    return new Fence(new AttemptId(job, attempt), claim);
  }
}
