package io.capataz.supervisor.progress;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.protocol.AttemptId;
import io.capataz.common.protocol.ProgressReport;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.job.Fence;
import io.capataz.supervisor.job.JobSignals;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** The progress of jobs over HTTP: reported by agents, read by members. */
@RestController
class ProgressController {

  private final Jobs jobs;
  private final JobProgress progress;
  private final JobSignals signals;
  private final ApplicationEventPublisher events;

  ProgressController(
      Jobs jobs, JobProgress progress, JobSignals signals, ApplicationEventPublisher events) {
    this.events = events;
    this.jobs = jobs;
    this.progress = progress;
    this.signals = signals;
  }

  /**
   * The progress of a job.
   *
   * @param attempt the attempt that it is about
   * @param percent 0 to 100
   * @param message what the script is doing
   * @param timestamp when it said so
   * @param history the newest 200 entries, oldest first
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ProgressView(
      int attempt,
      @Nullable Integer percent,
      @Nullable String message,
      @Nullable Instant timestamp,
      List<EntryView> history) {}

  /** One entry of the history. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record EntryView(Instant timestamp, @Nullable Integer percent, @Nullable String message) {}

  /**
   * {@code GET /{customer}/job/{id}/progress} and {@code GET /job/{id}/progress}: returns how far
   * the script of the job's last attempt says it has come. Scripts report it with {@code
   * capataz-progress} or by appending to the file {@code $CAPATAZ_PROGRESS}. A job that has not
   * reported any has neither {@code percent} nor {@code message}.
   */
  @GetMapping({"/{customer}/job/{id}/progress", "/job/{id:[0-9a-f]+}/progress"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  ProgressView get(@PathVariable String id, Caller.Member caller) {
    var job = jobs.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The job"));
    var attempt = job.shownAttempt();
    return Optional.of(attempt)
        .filter(it -> it > 0)
        .flatMap(it -> progress.of(new AttemptId(id, it)))
        .map(it -> viewOf(attempt, it))
        .orElseGet(() -> new ProgressView(attempt, null, null, null, List.of()));
  }

  private static ProgressView viewOf(int attempt, Progress progress) {
    return new ProgressView(
        attempt,
        progress.percent(),
        progress.message(),
        progress.since(),
        progress.history().stream()
            .map(entry -> new EntryView(entry.at(), entry.percent(), entry.message()))
            .toList());
  }

  /**
   * {@code POST /agent/v1/jobs/{job}/attempts/{attempt}/progress}: see {@link ProgressReport}. 409
   * if the attempt is not, or no longer, the agent's.
   */
  @PostMapping("/agent/v1/jobs/{job}/attempts/{attempt}/progress")
  @Allow(Allow.Who.AGENTS)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void report(
      @PathVariable String job,
      @PathVariable int attempt,
      @RequestBody ProgressReport report,
      Caller.Agent agent) {
    check(attempt, report);
    var fence = Fence.of(job, attempt, report.claim());
    var held =
        jobs.recentlyHeldBy(fence)
            .filter(it -> it.granted().agent().equals(agent.agent()))
            .filter(it -> it.state().isUnderWay())
            .orElseThrow(ProgressController::notYours);
    progress
        .add(fence.attempt(), report)
        .ifPresent(
            made -> {
              signals.changed(job);
              events.publishEvent(new ProgressMade(held, made));
            });
  }

  private static void check(int attempt, ProgressReport report) {
    var entries = report.entries();
    if (attempt < 1
        || report.before() < 0
        || entries.isEmpty()
        || entries.size() > ProgressReport.MOST_ENTRIES
        || !entries.stream().allMatch(ProgressController::isValid)) {
      throw ApiProblem.badRequest(
          "invalid_progress",
          "A report of progress needs an attempt from 1, a non-negative 'before', and 1 to %d entries, each with a percent from 0 to 100, a message of at most %d characters, or both."
              .formatted(ProgressReport.MOST_ENTRIES, ProgressReport.LONGEST_MESSAGE));
    }
  }

  private static boolean isValid(ProgressReport.Entry entry) {
    var percent = entry.percent();
    var message = entry.message();
    return (percent != null || message != null)
        && (percent == null || (percent >= 0 && percent <= 100))
        && (message == null || message.length() <= ProgressReport.LONGEST_MESSAGE);
  }

  private static ApiProblem notYours() {
    return ApiProblem.conflict(
        "not_yours",
        "This attempt has ended or was given to another agent. Stop it and do not report it"
            + " again.");
  }
}
