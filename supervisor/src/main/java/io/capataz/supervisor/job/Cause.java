package io.capataz.supervisor.job;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Job.User;
import org.jspecify.annotations.Nullable;

/**
 * The cause of a job: who requested it, and how.
 *
 * @param by a name for its history
 * @param user who it was, if that is known
 * @param restartedFrom the job of which it is another run; null: none
 */
public record Cause(Origin origin, String by, @Nullable User user, @Nullable String restartedFrom) {

  /** The holder of the task's secret key; nothing more is known. */
  public static final Cause SECRET_KEY = new Cause(Origin.SECRET, "secret", null, null);

  public static Cause of(Caller.Member member) {
    return new Cause(originOf(member), member.name(), User.of(member), null);
  }

  private static Origin originOf(Caller.Member member) {
    return member instanceof Caller.Run run
        ? new Origin(Origin.CALL, run.job(), null, run.depth() + 1)
        : Origin.USER;
  }

  public Cause restarting(Job job) {
    return new Cause(origin, by, user, job.id());
  }
}
