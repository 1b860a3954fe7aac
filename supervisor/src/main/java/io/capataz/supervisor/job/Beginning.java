package io.capataz.supervisor.job;

import io.capataz.supervisor.task.Action;
import io.capataz.supervisor.task.Approve;
import io.capataz.supervisor.task.AskInput;
import io.capataz.supervisor.task.CallHttp;
import io.capataz.supervisor.task.Notify;
import io.capataz.supervisor.task.RunScript;
import io.capataz.supervisor.task.Wait;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where the life of a new job begins.
 *
 * @param due when it may be claimed, or ends by itself; null: at once, or never
 * @param startBy when it expires
 */
record Beginning(JobState state, @Nullable Instant due, @Nullable Instant startBy) {

  static Beginning of(Action action, RunRequest run, Instant now) {
    return switch (action) {
      case RunScript _, CallHttp _, Notify _ -> claimed(run, now);
      case Approve approve -> decided(run, approve.deadline(), now);
      case AskInput input ->
          input.asks()
              ? decided(run, input.deadline(), now)
              : new Beginning(JobState.SCHEDULED, now, null);
      case Wait wait ->
          new Beginning(
              JobState.SCHEDULED,
              run.notBefore() != null ? run.notBefore() : wait.end(now),
              run.startBy());
    };
  }

  private static Beginning claimed(RunRequest run, Instant now) {
    var later = run.notBefore() != null && run.notBefore().isAfter(now) ? run.notBefore() : null;
    var state = run.hold() ? JobState.HELD : later != null ? JobState.SCHEDULED : JobState.READY;
    return new Beginning(state, later, run.startBy());
  }

  /** What is held for people; a deadline of the run goes before the task's. */
  private static Beginning decided(RunRequest run, @Nullable Duration deadline, Instant now) {
    var until = run.startBy() != null || deadline == null ? run.startBy() : now.plus(deadline);
    return new Beginning(JobState.HELD, null, until);
  }
}
