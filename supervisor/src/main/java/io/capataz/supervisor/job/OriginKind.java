package io.capataz.supervisor.job;

/** A word that {@link Origin}s of jobs use; a bean for each, so that job lists can be filtered. */
public interface OriginKind {

  /** Lower case; stored with each job, so it must not change. */
  String word();
}
