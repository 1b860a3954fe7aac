package io.capataz.supervisor.task;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.time.InstantSource;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Tasks in their API format, for features that import and export them. */
@Component
public class TaskTransfers {

  private final Tasks tasks;
  private final TaskFields fields;
  private final TaskChanges changes;
  private final InstantSource clock;

  TaskTransfers(Tasks tasks, TaskFields fields, TaskChanges changes, InstantSource clock) {
    this.tasks = tasks;
    this.fields = fields;
    this.changes = changes;
    this.clock = clock;
  }

  /** A validated task that does not exist yet. */
  public static final class Checked {
    private final TaskFields.Draft draft;

    private Checked(TaskFields.Draft draft) {
      this.draft = draft;
    }
  }

  /**
   * Validates a body of {@code POST /{customer}/task}.
   *
   * @throws ApiProblem 400, naming each field that is wrong
   */
  public Checked check(Caller.Member caller, ObjectNode body) {
    return new Checked(
        fields.readNew(
            FieldReader.of(body), caller.organization(), clock.instant(), caller.name()));
  }

  /** Creates the task; returns it as the response to {@code POST}, with its secret key. */
  public ObjectNode make(Checked checked) {
    var task = changes.withScript(checked.draft);
    var secret = changes.add(task);
    return MessageJson.mapper().valueToTree(TaskView.of(task, secret.reveal()));
  }

  /** The task as shown in a response, if the member may see it. */
  public Optional<ObjectNode> written(Caller.Member caller, String id) {
    return tasks
        .visible(caller, id)
        .map(task -> MessageJson.mapper().<ObjectNode>valueToTree(TaskView.of(task)));
  }
}
