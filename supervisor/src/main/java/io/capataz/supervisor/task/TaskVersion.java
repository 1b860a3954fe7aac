package io.capataz.supervisor.task;

import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * An earlier version of a task; immutable. The current version is the task itself.
 *
 * @param id the task's id and the number, so that a version is stored once
 * @param organization whose it is
 * @param task the task's id
 * @param number counted from 1
 * @param content the complete task
 */
@Document("task_versions")
record TaskVersion(@Id String id, String organization, String task, int number, Task content) {

  static TaskVersion of(Task task) {
    return new TaskVersion(
        task.id() + ":" + task.version(), task.organization(), task.id(), task.version(), task);
  }
}
