package io.capataz.supervisor.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/** The result of creating a task: one task, or a list if it was created for several hosts. */
sealed interface TasksMade permits TaskView, TasksMade.OneForEach {

  /** One per host, in their order. */
  record OneForEach(@JsonValue List<TaskView> tasks) implements TasksMade {
    public OneForEach {
      tasks = List.copyOf(tasks);
    }
  }
}
