package io.capataz.supervisor.task;

/**
 * What the jobs of a task do. A task has one action, and each job a copy of it as it was when the
 * job was made. Code that depends on the kind of action switches over the permitted records, so
 * that the compiler names every place that has to know about a new one.
 */
public sealed interface Action permits RunScript {

  /** The script to run, for code that handles jobs of agents only. */
  default RunScript asScript() {
    return switch (this) {
      case RunScript script -> script;
    };
  }
}
