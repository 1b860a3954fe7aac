package io.capataz.supervisor.job;

import io.capataz.supervisor.job.Job.Effect;
import java.util.List;

/**
 * Work that follows from the moves of jobs: releasing permits, the next step of a workflow, a
 * callback. Features implement it as a bean; {@code job} knows none of them.
 *
 * <p>Effects are written by the update that makes the move, so a move never happens without them.
 * The supervisor that made the move performs them at once. If it cannot, a sweep of any supervisor
 * does, so an effect is performed at least once and must be idempotent by its id.
 */
public interface FollowUp {

  /** A stable name; it is stored with each effect and must belong to one bean only. */
  String kind();

  /**
   * The effects of a move.
   *
   * @param job as it was read before the move. Rely on what never changes and, if {@link
   *     JobMove#endsAttempt()}, on its current attempt; anything else may have changed since
   * @param move one that ends an attempt or the job
   */
  List<Effect> after(Job job, JobMove move);

  /**
   * Performs an effect.
   *
   * @param job as it was read after the move; it may have moved on
   * @throws RuntimeException to have it performed again later
   */
  void perform(Job job, Effect effect);
}
