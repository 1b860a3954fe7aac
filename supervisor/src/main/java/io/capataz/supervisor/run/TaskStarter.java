package io.capataz.supervisor.run;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Cancellations;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.parameter.Arguments;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Starts tasks: each start is a job. */
@Component
class TaskStarter implements Starter {

  private static final String TASK = "task";

  private final Tasks tasks;
  private final Jobs jobs;
  private final JobQueries queries;
  private final Submissions submissions;
  private final Cancellations cancellations;

  TaskStarter(
      Tasks tasks,
      Jobs jobs,
      JobQueries queries,
      Submissions submissions,
      Cancellations cancellations) {
    this.tasks = tasks;
    this.jobs = jobs;
    this.queries = queries;
    this.submissions = submissions;
    this.cancellations = cancellations;
  }

  @Override
  public String kind() {
    return TASK;
  }

  @Override
  public Optional<Startable> find(String organization, String id) {
    return tasks.forRun(organization, id).map(TaskStarter::of);
  }

  @Override
  public Optional<Startable> visible(Caller.Member member, String id) {
    return tasks.visible(member, id).map(TaskStarter::of);
  }

  private static Startable of(Task task) {
    return new Startable(
        TASK,
        task.organization(),
        task.id(),
        task.name(),
        task.start().enabled(),
        task.runParameters(),
        task.acl());
  }

  @Override
  public void check(Startable what, List<JsonNode> given) {
    var _ = Arguments.check(what.parameters(), given);
  }

  @Override
  public void start(
      Startable what, String id, List<JsonNode> given, Cause cause, @Nullable Instant notBefore) {
    var task =
        tasks
            .forRun(what.organization(), what.id())
            .orElseThrow(() -> ApiProblem.notFound("The task"));
    if (isStarted(what.organization(), id)) {
      return;
    }
    if (!task.start().enabled()) {
      throw ApiProblem.conflict(
          "task_disabled", "The task is disabled. An administrator can enable it (enable: true).");
    }
    var arguments = Arguments.check(task.runParameters(), given);
    var _ =
        submissions.submitAs(
            id,
            task,
            new RunRequest(
                arguments.texts(),
                task.policy().priority(),
                task.action().doneBy().hasAttempts() ? notBefore : null,
                null,
                false,
                arguments.files(),
                List.of(),
                null),
            cause);
  }

  @Override
  public boolean isStarted(String organization, String id) {
    return jobs.find(organization, id).isPresent();
  }

  @Override
  public List<String> open(Startable what, int limit) {
    return queries.openOf(what.organization(), what.id(), limit).stream().map(Job::id).toList();
  }

  @Override
  public void cancel(String organization, String id, String by) {
    jobs.find(organization, id).ifPresent(job -> cancellations.cancel(job, by));
  }
}
