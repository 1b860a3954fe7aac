package io.capataz.supervisor.callback;

import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.web.ApiProblem;
import org.springframework.stereotype.Component;

/** Sends callbacks again, with what was sent first. */
@Component
public class Resends {

  private final Deliveries deliveries;
  private final Sender sender;

  Resends(Deliveries deliveries, Sender sender) {
    this.deliveries = deliveries;
    this.sender = sender;
  }

  Delivery again(Delivery delivery) {
    var opened = deliveries.replay(delivery);
    sender.offer(opened.id(), opened.receiver());
    return opened;
  }

  /**
   * Sends the callback of a job again.
   *
   * @throws ApiProblem 400 if the job has not ended, or has no callback
   */
  public void ofJob(Job job) {
    if (!job.state().isFinal()) {
      throw ApiProblem.badRequest(
          "not_ended", "The task has not ended. Its callback is sent when it has.");
    }
    var its = deliveries.of(job.id());
    if (its.isEmpty()) {
      throw ApiProblem.badRequest(
          "no_callback",
          job.spec().callbackUrl() == null
              ? "The task has no callback_url."
              : "The callback of the task is about to be sent for the first time.");
    }
    its.forEach(this::again);
  }
}
