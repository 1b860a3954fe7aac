package io.capataz.supervisor.job;

/**
 * Something that is stored beside jobs and is removed with them. Every bean of this type is asked.
 */
public interface BelongsToJob {

  /**
   * Removes what belongs to a job that has ended. Called before the job itself is removed, and
   * again if a crash comes in between: removing twice must be as good as once.
   */
  void removeFor(Job job);
}
