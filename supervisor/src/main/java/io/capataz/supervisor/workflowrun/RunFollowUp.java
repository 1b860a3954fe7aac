package io.capataz.supervisor.workflowrun;

/** Something that follows from the end of a run. Every bean of this type is asked. */
public interface RunFollowUp {

  /** Whether something may follow from the ends of the runs of a workflow. */
  boolean follows(String organization, String workflow);

  /**
   * Does what follows. The run is closed after that, so it is done at least once, and must be
   * idempotent by the id of the run.
   *
   * @throws RuntimeException to have it done again later; the run stays open until then
   */
  void ended(EndedRun run);
}
