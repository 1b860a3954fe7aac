package io.capataz.supervisor.client;

import io.capataz.common.protocol.AttemptId;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.library.ApiCalls;
import io.capataz.supervisor.progress.JobProgress;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/** Reads clients' tasks as they stand in the store. */
@Component
class SeenTasks {

  private final JobQueries jobs;
  private final JobProgress progress;
  private final ApiCalls calls;

  SeenTasks(JobQueries jobs, JobProgress progress, ApiCalls calls) {
    this.jobs = jobs;
    this.progress = progress;
    this.calls = calls;
  }

  Optional<SeenTask> of(ClientTask task) {
    return of(List.of(task)).stream().findFirst();
  }

  /** Those whose jobs are still there, in the same order. */
  List<SeenTask> of(List<ClientTask> tasks) {
    var found =
        jobs.all(tasks.stream().map(ClientTask::job).toList()).stream()
            .collect(Collectors.toMap(Job::id, Function.identity()));
    var reported =
        progress
            .of(
                found.values().stream()
                    .filter(job -> job.shownAttempt() > 0)
                    .map(job -> new AttemptId(job.id(), job.shownAttempt()))
                    .toList())
            .stream()
            .collect(Collectors.toMap(it -> it.attempt().job(), Function.identity()));
    return tasks.stream()
        .flatMap(
            task -> {
              var job = found.get(task.job());
              return job == null
                  ? Stream.empty()
                  : Stream.of(
                      new SeenTask(
                          task,
                          job,
                          reported.get(job.id()),
                          job.state().isFinal() ? calls.ended(job) : null));
            })
        .toList();
  }
}
