package io.capataz.supervisor.fleet;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.fleet.FleetRun.Grant;
import io.capataz.supervisor.job.Cancellations;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.run.Submissions;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Task.Target;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import java.util.List;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * Does what was decided about hosts. It may be done twice, by any supervisor: each decision names
 * the attempt for which it holds, and the id of a job follows from the host and the attempt.
 */
@Component
class FleetGrants {

  private final FleetRuns runs;
  private final FleetHosts hosts;
  private final Tasks tasks;
  private final Submissions submissions;
  private final Cancellations cancellations;
  private final InstantSource clock;

  FleetGrants(
      FleetRuns runs,
      FleetHosts hosts,
      Tasks tasks,
      Submissions submissions,
      Cancellations cancellations,
      InstantSource clock) {
    this.runs = runs;
    this.hosts = hosts;
    this.tasks = tasks;
    this.submissions = submissions;
    this.cancellations = cancellations;
    this.clock = clock;
  }

  /**
   * Does all that is granted in a run, and takes it off the list.
   *
   * @throws ApiProblem 429 while the organization has as many jobs as it may have
   */
  void finish(FleetRun run) {
    for (var grant : run.course().granted()) {
      // Of a run that is to end, nothing is begun any more.
      if (grant.stage() != Stage.RUNNING || run.course().cancel() == null) {
        hosts
            .make(grant, clock.instant())
            .filter(host -> host.stage() == Stage.RUNNING)
            .filter(host -> host.attempt().number() == grant.number())
            .ifPresent(host -> submit(run, grant, host));
      }
    }
    var _ = runs.decide(run, new Update().set("course.granted", List.of()), null);
  }

  private void submit(FleetRun run, Grant grant, FleetHost host) {
    try {
      var job = job(run, grant, host);
      // After the job is there: whoever canceled the run before has not seen it.
      if (runs.find(run.id()).filter(it -> it.course().cancel() == null).isEmpty()) {
        var _ = cancellations.cancel(job, by(run));
      }
    } catch (ApiProblem refused) {
      if (refused.status() == HttpStatus.TOO_MANY_REQUESTS) {
        throw refused;
      }
      var _ = hosts.ended(host, Stage.FAILED, refused.detail(), clock.instant());
    }
  }

  private Job job(FleetRun run, Grant grant, FleetHost host) {
    var task =
        tasks
            .forRun(run.organization(), run.task())
            .orElseThrow(() -> ApiProblem.notFound("The task"));
    if (!task.start().enabled()) {
      throw ApiProblem.conflict("task_disabled", "The task is disabled.");
    }
    var arguments = Arguments.check(task.runParameters(), runs.arguments(run));
    return submissions.submitAs(
        FleetHost.jobOf(grant.member(), grant.number()),
        on(task, host, run.acl()),
        new RunRequest(
            arguments.texts(),
            task.policy().priority(),
            null,
            null,
            false,
            arguments.files(),
            List.of(),
            null),
        run.cause());
  }

  private static Task on(Task task, FleetHost host, Acl acl) {
    return task.placed(new Target(host.host(), null), acl);
  }

  static String by(FleetRun run) {
    return FleetRun.FLEET + ":" + run.id();
  }
}
