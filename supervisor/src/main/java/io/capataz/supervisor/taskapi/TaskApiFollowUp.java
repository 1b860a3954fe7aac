package io.capataz.supervisor.taskapi;

import io.capataz.supervisor.callback.TaskObject;
import io.capataz.supervisor.job.FollowUp;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.JobMove;
import java.util.List;
import org.bson.Document;
import org.springframework.stereotype.Component;

/** The end of a task is noted where lists of this API look for it. */
@Component
class TaskApiFollowUp implements FollowUp {

  private static final String KIND = "task-api";

  private final TaskRecords records;

  TaskApiFollowUp(TaskRecords records) {
    this.records = records;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public List<Effect> after(Job job, JobMove move) {
    return move.to().isFinal() && TaskObject.isOurs(job)
        ? List.of(new Effect(KIND, KIND, new Document()))
        : List.of();
  }

  @Override
  public void perform(Job job, Effect effect) {
    if (job.state().isFinal()) {
      records.ended(job);
    }
  }
}
