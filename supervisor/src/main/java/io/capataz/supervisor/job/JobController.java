package io.capataz.supervisor.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.task.DoneBy;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.node.StringNode;

/**
 * Views and controls jobs over HTTP. Each route works with or without the organization in its path.
 * A job that the caller may not see is treated as if it did not exist.
 */
@RestController
class JobController {

  /** How many jobs are removed in one batch. */
  private static final int PAGE = 200;

  private final Jobs jobs;
  private final JobQueries queries;
  private final Cancellations cancellations;
  private final Origins origins;
  private final JobViews views;
  private final WaitReasons why;
  private final JobRemoval removal;
  private final Tasks tasks;
  private final Hosts hosts;
  private final InstantSource clock;

  JobController(
      Jobs jobs,
      JobQueries queries,
      Cancellations cancellations,
      Origins origins,
      JobViews views,
      WaitReasons why,
      JobRemoval removal,
      Tasks tasks,
      Hosts hosts,
      InstantSource clock) {
    this.removal = removal;
    this.tasks = tasks;
    this.clock = clock;
    this.jobs = jobs;
    this.queries = queries;
    this.cancellations = cancellations;
    this.origins = origins;
    this.views = views;
    this.why = why;
    this.hosts = hosts;
  }

  /**
   * {@code GET /{customer}/job}: lists the jobs, newest first. Sorted by {@code creation_date};
   * filtered by {@code state} and {@code lifecycle} (seed 004's words), {@code status} (ours),
   * {@code task}, {@code host} (where they run, ran or will run), {@code pool}, {@code origin},
   * {@code user} (an id or an address), and by creation time, {@code from} one instant {@code
   * until} another; see {@link Listing}.
   */
  @GetMapping("/{customer}/job")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  ResponseEntity<List<JobView>> list(ApiInput input, Caller.Member caller) {
    return list(input, caller, EnumSet.allOf(WireState.class));
  }

  /**
   * {@code GET /job/running} and {@code GET /{customer}/job/running} (seed 004's system): lists the
   * jobs that have not ended, including waiting ones; otherwise like the list of all jobs.
   */
  @GetMapping({"/{customer}/job/running", "/job/running"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  ResponseEntity<List<JobView>> running(ApiInput input, Caller.Member caller) {
    return list(input, caller, JobFilter.unfinished().states());
  }

  private ResponseEntity<List<JobView>> list(
      ApiInput input, Caller.Member caller, Set<WireState> among) {
    var asked = JobFilter.LIST.read(input);
    var page = queries.list(caller, JobFilter.read(asked, among, origins.words()), asked);
    return asked.answer(page, views.many());
  }

  /** The number of unfinished jobs of a task, in the format of seed 004's system. */
  record RunningCount(@JsonProperty("_id") Of of, long count) {
    /** The task they belong to. */
    record Of(String task) {}
  }

  /**
   * {@code GET /job/running_count} and {@code GET /{customer}/job/running_count}: returns the
   * number of unfinished jobs for each task that has any.
   */
  @GetMapping({"/{customer}/job/running_count", "/job/running_count"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  List<RunningCount> runningCount(Caller.Member caller) {
    return queries.unfinished(caller).stream()
        .map(count -> new RunningCount(new RunningCount.Of(count.task()), count.count()))
        .toList();
  }

  /** {@code GET /{customer}/job/{id}} and {@code GET /job/{id}}: returns one job. */
  @GetMapping({"/{customer}/job/{id}", "/job/{id:[0-9a-f]+}"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  JobView get(@PathVariable String id, Caller.Member caller) {
    return views.one(found(caller, id));
  }

  /**
   * {@code GET /{customer}/job/{id}/lifecycle} (seed 004's system): returns the lifecycle state of
   * the job as a JSON string.
   */
  @GetMapping(
      path = {"/{customer}/job/{id}/lifecycle", "/job/{id:[0-9a-f]+}/lifecycle"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  StringNode lifecycle(@PathVariable String id, Caller.Member caller) {
    return StringNode.valueOf(WireState.of(found(caller, id)).lifecycle());
  }

  /**
   * The response of {@code GET …/why}.
   *
   * @param status the job's state in our own words
   * @param why null if the job is not waiting
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WhyWaitingAnswer(String id, String status, @Nullable Why why) {}

  /**
   * {@code GET /{customer}/job/{id}/why}: returns why a job waits: the rule that blocks it, the
   * numbers, the jobs in the way, and what would unblock it.
   */
  @GetMapping({"/{customer}/job/{id}/why", "/job/{id:[0-9a-f]+}/why"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  WhyWaitingAnswer why(@PathVariable String id, Caller.Member caller) {
    var job = found(caller, id);
    return new WhyWaitingAnswer(id, WireState.of(job).statusWord(), why.of(job).orElse(null));
  }

  /**
   * {@code PUT /{customer}/job/{id}/hold}: holds a job that has not been claimed until it is
   * released. 409 if an agent has claimed it, or it has ended.
   */
  @PutMapping({"/{customer}/job/{id}/hold", "/job/{id:[0-9a-f]+}/hold"})
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  JobView hold(@PathVariable String id, Caller.Member caller) {
    var job = found(caller, id);
    if (job.state() == JobState.HELD) {
      return JobView.of(job);
    }
    if (!job.doneBy().hasAttempts()) {
      throw ApiProblem.conflict(
          "not_waiting", "The job waits for no agent, so it cannot be held. You can cancel it.");
    }
    return jobs.hold(job, caller.name())
        .map(JobView::of)
        .orElseThrow(
            () ->
                ApiProblem.conflict(
                    "not_waiting",
                    "The job is no longer waiting, so it cannot be held. You can cancel it."));
  }

  /**
   * {@code PUT /{customer}/job/{id}/release}: releases a held job: it can start, or waits for its
   * {@code not_before}. 409 if it is not held, or waits for an approval or an input: nobody can
   * release those.
   */
  @PutMapping({"/{customer}/job/{id}/release", "/job/{id:[0-9a-f]+}/release"})
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  JobView release(@PathVariable String id, Caller.Member caller) {
    var job = found(caller, id);
    if (!job.doneBy().hasAttempts()) {
      throw ApiProblem.conflict(
          "waits_for_people",
          "The job is of type "
              + job.spec().action().kind().type()
              + ", and releasing it would pass over what it waits for. Approve or reject an"
              + " approval, give an input its arguments, or cancel the job.");
    }
    return jobs.release(job, caller.name())
        .map(JobView::of)
        .orElseThrow(
            () ->
                ApiProblem.conflict("not_held", "The job is not held, so it cannot be released."));
  }

  /**
   * The result of a cancel request; {@code cancel} is one of these words.
   *
   * <ul>
   *   <li><b>canceled</b>: it had not started and never will
   *   <li><b>stopping</b>: its agent is notified; if connected, it sends SIGTERM within a second
   *   <li><b>host_unreachable</b>: its agent is notified if it reconnects; an administrator may
   *       force the end
   *   <li><b>forced</b>: ended in the supervisor, whatever its host does
   *   <li><b>ended</b>: it had already ended
   * </ul>
   */
  record CancelView(String id, String cancel, JobView job) {}

  /**
   * {@code PUT /{customer}/job/{id}/cancel}: cancels a job, before its start or while it runs.
   * {@code ?force=true} (administrators) also ends a job whose host is unreachable.
   */
  @PutMapping({"/{customer}/job/{id}/cancel", "/job/{id:[0-9a-f]+}/cancel"})
  @Accepts(query = "force", body = Accepts.Body.NONE)
  @Allow(role = Role.USER, scope = Scope.JOB_WRITE)
  @Audited(when = "force")
  CancelView cancel(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var asked =
        cancellations
            .cancel(found(caller, id), caller.name())
            .orElseThrow(() -> ApiProblem.notFound("The job"));
    var what =
        switch (asked) {
          case CANCELED -> "canceled";
          case ENDED -> "ended";
          case STOPPING -> stopping(id, input, caller);
        };
    return new CancelView(id, what, JobView.of(found(caller, id)));
  }

  private String stopping(String id, ApiInput input, Caller.Member caller) {
    if (input.queryTruth("force")) {
      if (!caller.role().covers(Role.ADMIN)) {
        throw ApiProblem.forbidden("Forcing the end of a job requires the role admin.");
      }
      return force(id, caller) ? "forced" : "ended";
    }
    var job = found(caller, id);
    if (job.doneBy() == DoneBy.SUPERVISOR) {
      return "stopping";
    }
    var reachable =
        job.host()
            .flatMap(host -> hosts.find(caller.organization(), host))
            .filter(host -> !host.contact().silent())
            .isPresent();
    return reachable ? "stopping" : "host_unreachable";
  }

  private boolean force(String id, Caller.Member caller) {
    // Retried while the job moves: the attempt that is given up must be the one that was read.
    for (var job = found(caller, id); job.state().isUnderWay(); job = found(caller, id)) {
      if (cancellations.force(job, caller.name()).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /**
   * {@code GET /job/{id}/input} (seed 004's system): returns the arguments of the script, with
   * secrets masked.
   */
  @GetMapping({"/{customer}/job/{id}/input", "/job/{id:[0-9a-f]+}/input"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  List<String> input(@PathVariable String id, Caller.Member caller) {
    return found(caller, id).shownArguments();
  }

  /**
   * The result of emptying a task's queue.
   *
   * @param canceled how many waiting jobs were cancelled
   * @param deleted how many finished jobs were removed
   * @param deletedCount the sum of both, as seed 004's clients read it
   */
  record EmptiedQueue(
      long canceled, long deleted, @JsonProperty("deletedCount") long deletedCount) {}

  /**
   * {@code DELETE /{customer}/task/{id}/job} and {@code DELETE /task/{id}/job} (seed 004, "Vaciar
   * cola de jobs"): cancels every job of a task that has not started. {@code ?lifecycle=finished},
   * or {@code terminated}, {@code canceled}, {@code expired}, which may be repeated, also removes
   * jobs that ended that way. Running jobs are not affected.
   */
  @DeleteMapping({"/{customer}/task/{id}/job", "/task/{id:[0-9a-f]+}/job"})
  @Accepts(query = "lifecycle")
  @Allow(role = Role.ADMIN, scope = Scope.JOB_WRITE)
  EmptiedQueue empty(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var task = tasks.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The task"));
    var ways =
        JobFilter.endedWithLifecycles(
            Stream.of("lifecycle", "lifecycle[]")
                .flatMap(name -> input.query().getOrDefault(name, List.of()).stream())
                .toList());
    var begun = clock.instant();
    var deleted = 0L;
    if (!ways.isEmpty()) {
      for (var ended = queries.ended(caller, id, ways, begun, PAGE);
          !ended.isEmpty();
          ended = queries.ended(caller, id, ways, begun, PAGE)) {
        deleted += removal.remove(ended);
      }
    }
    var canceled = cancellations.cancelAllWaiting(task.organization(), id, caller.name());
    return new EmptiedQueue(canceled, deleted, canceled + deleted);
  }

  private Job found(Caller.Member caller, String id) {
    return jobs.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The job"));
  }
}
