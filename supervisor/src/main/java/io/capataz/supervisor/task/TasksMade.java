package io.capataz.supervisor.task;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.List;

/** What came of making a task: that one, or a list where it was made for each of many hosts. */
sealed interface TasksMade permits TaskView, TasksMade.OneForEach {

  /** One for each host, in their order. */
  record OneForEach(@JsonValue List<TaskView> tasks) implements TasksMade {
    public OneForEach {
      tasks = List.copyOf(tasks);
    }
  }
}
