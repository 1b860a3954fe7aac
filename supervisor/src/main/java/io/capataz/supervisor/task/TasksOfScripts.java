package io.capataz.supervisor.task;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.script.ScriptUses;
import java.util.List;
import org.springframework.stereotype.Component;

/** Finds the tasks that use a script. */
@Component
class TasksOfScripts implements ScriptUses {

  private final Tasks tasks;

  TasksOfScripts(Tasks tasks) {
    this.tasks = tasks;
  }

  @Override
  public List<Use> of(Caller.Member member, String file) {
    return tasks.using(member, file).stream()
        .map(task -> new Use("task", task.id(), task.name()))
        .toList();
  }
}
