package io.capataz.supervisor.trigger;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.task.Task;
import io.capataz.supervisor.task.Tasks;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tasks emit the ends of their jobs. */
@Component
class TaskEmitters implements Emitters {

  private final Tasks tasks;

  TaskEmitters(Tasks tasks) {
    this.tasks = tasks;
  }

  @Override
  public List<Emitter> visible(Caller.Member member, @Nullable String after, int limit) {
    return tasks.visible(member, after, limit).stream().map(TaskEmitters::of).toList();
  }

  @Override
  public Optional<Emitter> visible(Caller.Member member, String id) {
    return tasks.visible(member, id).map(TaskEmitters::of);
  }

  private static Emitter of(Task task) {
    var kind = task.action().kind();
    return new Emitter(
        task.id(),
        task.name(),
        kind.taskClass(),
        kind.type(),
        task.target().host(),
        "TaskEvent",
        EventPickerController.ENDS);
  }
}
