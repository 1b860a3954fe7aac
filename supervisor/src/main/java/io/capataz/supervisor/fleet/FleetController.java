package io.capataz.supervisor.fleet;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.fleet.FleetRun.By;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.run.RunCall;
import io.capataz.supervisor.run.Submissions;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.bson.types.ObjectId;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Fleet runs over HTTP: starting and showing them. */
@RestController
class FleetController {

  private static final int MOST_RUNS = 100;

  private static final Listing.Offer<FleetRun> LIST =
      new Listing.Offer<>(
          Map.of("id", new Listing.Order<>(FleetRun::id)), "-id", Set.of(), 20, MOST_RUNS);

  private static final Listing.Offer<FleetHost> HOSTS =
      new Listing.Offer<>(
          Map.of("place", new Listing.Order<>(FleetHost::place)),
          "place",
          Set.of("state"),
          500,
          2_000);

  private final Tasks tasks;
  private final NewFleetRuns newRuns;
  private final FleetRuns runs;
  private final FleetHosts hosts;
  private final FleetChanges changes;
  private final FleetDriver driver;
  private final Submissions submissions;
  private final JobQueries jobs;
  private final InstantSource clock;

  FleetController(
      Tasks tasks,
      NewFleetRuns newRuns,
      FleetRuns runs,
      FleetHosts hosts,
      FleetChanges changes,
      FleetDriver driver,
      Submissions submissions,
      JobQueries jobs,
      InstantSource clock) {
    this.tasks = tasks;
    this.newRuns = newRuns;
    this.runs = runs;
    this.hosts = hosts;
    this.changes = changes;
    this.driver = driver;
    this.submissions = submissions;
    this.jobs = jobs;
    this.clock = clock;
  }

  /**
   * {@code POST /{customer}/task/{id}/fleet} and {@code POST /task/{id}/fleet}: runs a task on many
   * hosts. {@code hosts} (ids or names), {@code pool} or {@code labels} choose them, which takes an
   * administrator; without these, it runs on all hosts of the task's pool. {@code waves}, {@code
   * at_once}, {@code failure_budget}, {@code between} (seconds), {@code approval} ({@code none},
   * {@code last}, {@code every}), {@code off} ({@code wait}, {@code skip}, {@code fail}) with
   * {@code off_until} or {@code off_for}, and {@code task_arguments} say how. The hosts are fixed
   * with the response. 409 if the task is disabled. {@code Idempotency-Key} is as for jobs.
   */
  @PostMapping({"/{customer}/task/{id}/fleet", "/task/{id}/fleet"})
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  ResponseEntity<FleetRunView> start(
      @PathVariable String id, RunCall call, ApiInput input, Caller.Member caller) {
    var task = tasks.visible(caller, id).orElseThrow(() -> ApiProblem.notFound("The task"));
    var body = input.object();
    var read = FleetFields.read(body, clock.instant());
    if (read.choice().by() != By.TASK && !caller.role().covers(Role.ADMIN)) {
      throw ApiProblem.forbidden(
          "Choosing the hosts requires the role admin. Leave out hosts, pool and labels to run the"
              + " task where it runs otherwise.");
    }
    var cause = Cause.of(caller);
    var once = call.once();
    if (once == null) {
      return begun(newRuns.make(ObjectId.get().toHexString(), task, read, cause, null), false);
    }
    var bound = submissions.bind(task.id(), cause, once, MessageJson.write(body));
    return begun(newRuns.make(bound.id(), task, read, cause, null), !bound.isNew());
  }

  private ResponseEntity<FleetRunView> begun(FleetRun run, boolean replayed) {
    if (!replayed) {
      driver.look(run.id());
    }
    var answer = ResponseEntity.ok();
    if (replayed) {
      answer.header("Idempotency-Replayed", "true");
    }
    return answer.body(shown(runs.find(run.id()).orElse(run)));
  }

  private FleetRunView shown(FleetRun run) {
    return FleetRunView.of(run, hosts.totals(run.id()));
  }

  /**
   * {@code GET …/task/{id}/fleet}: the fleet runs of a task, newest first; see {@link Listing}. The
   * last 100 of a task are kept, for 90 days.
   */
  @GetMapping({"/{customer}/task/{id}/fleet", "/task/{id}/fleet"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  ResponseEntity<List<FleetRunView>> ofTask(
      @PathVariable String id, ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    if (tasks.visible(caller, id).isEmpty()) {
      throw ApiProblem.notFound("The task");
    }
    return asked.answer(runs.list(caller, id, asked), this::shown);
  }

  /** {@code GET …/fleet}: all fleet runs that the caller may see, newest first. */
  @GetMapping({"/{customer}/fleet", "/fleet"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  ResponseEntity<List<FleetRunView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(runs.list(caller, null, asked), this::shown);
  }

  /** {@code GET …/fleet/{id}}: one fleet run, with its totals. */
  @GetMapping({"/{customer}/fleet/{id:[0-9a-f]+}", "/fleet/{id:[0-9a-f]+}"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  FleetRunView get(@PathVariable String id, Caller.Member caller) {
    return shown(changes.found(caller, id));
  }

  /**
   * {@code GET …/fleet/{id}/host}: the hosts of a fleet run, in their order; filtered by {@code
   * state}.
   */
  @GetMapping({"/{customer}/fleet/{id}/host", "/fleet/{id}/host"})
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  ResponseEntity<List<FleetHostView>> hosts(
      @PathVariable String id, ApiInput input, Caller.Member caller) {
    var asked = HOSTS.read(input);
    var page = hosts.list(changes.found(caller, id).id(), asked);
    var running = running(page.items());
    return asked.answer(
        page, host -> FleetHostView.of(host, running.get(String.valueOf(host.attempt().job()))));
  }

  private Map<String, Job> running(List<FleetHost> page) {
    var ids =
        page.stream()
            .filter(host -> host.stage() == Stage.RUNNING)
            .map(host -> host.attempt().job())
            .filter(Objects::nonNull)
            .toList();
    return jobs.all(ids).stream().collect(Collectors.toMap(Job::id, job -> job));
  }
}
