package io.capataz.supervisor.job;

import java.util.List;

/**
 * Runs that go on and still need their ended jobs, such as those of workflows. Every bean of this
 * type is asked before old jobs are removed.
 */
public interface OpenRuns {

  /** The references in the {@link Origin}s of their jobs. */
  List<String> openRuns();
}
