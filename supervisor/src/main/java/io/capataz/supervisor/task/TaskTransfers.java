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

  /**
   * The task as it would be, without creating it: for runs of what is no task, such as the trial of
   * a draft. Nobody can run it again.
   */
  public Task unstored(Checked checked) {
    return changes.withScript(checked.draft);
  }

  /** Creates the task; returns it as the response to {@code POST}, with its secret key. */
  public ObjectNode make(Checked checked) {
    var task = changes.withScript(checked.draft);
    var secret = changes.add(task);
    return MessageJson.mapper().valueToTree(TaskView.of(task, secret.reveal()));
  }

  /**
   * Creates the task with an id that the caller derived from something; if it exists already, it
   * stays.
   */
  public void makeAs(String id, Checked checked) {
    var task = changes.withScript(checked.draft);
    var _ = changes.add(task.on(id, task.target()));
  }

  /**
   * Changes the fields in the body, as {@code PATCH /task/{id}} does.
   *
   * @throws ApiProblem 400, naming each field that is wrong; 404
   */
  public void patch(Caller.Member caller, String id, ObjectNode patch) {
    var _ = changes.toBody(caller, id, null, current -> TaskPatch.merged(current, patch));
  }

  /** Removes the task, if it is there, as {@code DELETE /task/{id}} does. */
  public void remove(Caller.Member caller, String id) {
    if (tasks.visible(caller, id).isPresent()) {
      changes.remove(caller, id, null);
    }
  }

  /** The task as shown in a response, if the member may see it. */
  public Optional<ObjectNode> written(Caller.Member caller, String id) {
    return tasks
        .visible(caller, id)
        .map(task -> MessageJson.mapper().<ObjectNode>valueToTree(TaskView.of(task)));
  }
}
