package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.host.HostEnabled;
import io.capataz.supervisor.job.OverdueJobs;
import io.capataz.supervisor.queue.JobQueues;
import java.util.concurrent.ExecutorService;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Announces again what waits for a host that has just been enabled. */
@Component
class EnabledHosts {

  /** When an agent claims one of them, the answer says that there are more. */
  private static final int SOME = 50;

  private final Claims claims;
  private final JobQueues queues;
  private final OverdueJobs overdue;
  private final ExecutorService background;

  EnabledHosts(Claims claims, JobQueues queues, OverdueJobs overdue, ExecutorService background) {
    this.claims = claims;
    this.queues = queues;
    this.overdue = overdue;
    this.background = background;
  }

  @EventListener
  void on(HostEnabled enabled) {
    background.execute(
        () ->
            queues
                .next(claims.queuesOf(enabled.host()), SOME)
                .forEach(job -> overdue.announceAgain(job.id())));
  }
}
