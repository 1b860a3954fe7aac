package io.capataz.supervisor.callback;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.callback.Delivery.Course;
import io.capataz.supervisor.job.FollowUp;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.JobMove;
import java.time.InstantSource;
import java.util.List;
import org.bson.Document;
import org.springframework.stereotype.Component;

/**
 * A delivery follows from the end of a job that has a callback. The job is not written again, and
 * one without a callback is not written at all.
 */
@Component
class CallbackFollowUp implements FollowUp {

  private static final String KIND = "callback";

  private final Deliveries deliveries;
  private final TaskObject tasks;
  private final Sender sender;
  private final InstantSource clock;

  CallbackFollowUp(Deliveries deliveries, TaskObject tasks, Sender sender, InstantSource clock) {
    this.deliveries = deliveries;
    this.tasks = tasks;
    this.sender = sender;
    this.clock = clock;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public List<Effect> after(Job job, JobMove move) {
    return move.to().isFinal() && job.spec().callbackUrl() != null
        ? List.of(new Effect(KIND, KIND, new Document()))
        : List.of();
  }

  @Override
  public void perform(Job job, Effect effect) {
    var target = job.spec().callbackUrl();
    if (target == null || !job.state().isFinal()) {
      return;
    }
    var delivery = deliveries.add(delivery(job, target));
    sender.offer(delivery.id(), delivery.receiver());
  }

  private Delivery delivery(Job job, String target) {
    var now = clock.instant();
    return new Delivery(
        job.id() + "-end",
        job.organization(),
        job.id(),
        TaskObject.event(job.state()),
        target,
        Receivers.of(target),
        TaskObject.isTest(job),
        payload(job),
        now,
        Course.opened(now),
        List.of());
  }

  /** From now on these bytes are sent, by every try. */
  private String payload(Job job) {
    var task = tasks.of(job, List.of());
    var payload = MessageJson.mapper().createObjectNode();
    payload.set("task", task);
    payload.set("response", task.get("response"));
    payload.put("task_id", job.id());
    payload.put("status", TaskObject.status(job.state()));
    return payload.toString();
  }
}
