package io.capataz.supervisor.run;

import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.RunRequest;
import io.capataz.supervisor.task.Task;
import org.jspecify.annotations.Nullable;

/** Decides where the end of a new job is reported: the run, the task or a profile says so. */
public interface CallbackTargets {

  /**
   * The URL or the e-mail address; null: none.
   *
   * @throws io.capataz.supervisor.web.ApiProblem 400 if the run names an address to which nothing
   *     may be sent
   */
  @Nullable String of(Task task, RunRequest run, Cause cause);
}
