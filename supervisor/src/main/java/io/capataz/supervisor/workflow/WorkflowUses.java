package io.capataz.supervisor.workflow;

/** Whoever goes on with the versions of a workflow that has been removed. */
public interface WorkflowUses {

  /** Whether one of its versions is still needed. */
  boolean isUsed(String workflow);
}
