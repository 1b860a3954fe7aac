package io.capataz.supervisor.dispatch;

import io.capataz.supervisor.host.HostEnabled;
import io.capataz.supervisor.host.Pools;
import io.capataz.supervisor.job.OverdueJobs;
import io.capataz.supervisor.job.QueueName;
import io.capataz.supervisor.queue.JobQueues;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Announces again what waits for a host that has just been enabled. What waits for its pools is
 * announced to the host itself, because its agent does not listen to them yet.
 */
@Component
class EnabledHosts {

  /** When an agent claims one of them, the answer says that there are more. */
  private static final int SOME = 50;

  private final Pools pools;
  private final JobQueues queues;
  private final OverdueJobs overdue;
  private final Announcer announcer;
  private final ExecutorService background;

  EnabledHosts(
      Pools pools,
      JobQueues queues,
      OverdueJobs overdue,
      Announcer announcer,
      ExecutorService background) {
    this.pools = pools;
    this.queues = queues;
    this.overdue = overdue;
    this.announcer = announcer;
    this.background = background;
  }

  @EventListener
  void on(HostEnabled enabled) {
    background.execute(
        () -> {
          var host = enabled.host();
          queues
              .next(List.of(QueueName.ofHost(host.id())), SOME)
              .forEach(job -> overdue.announceAgain(job.id()));
          var shared = pools.of(host).stream().map(pool -> QueueName.ofPool(pool.id())).toList();
          if (!shared.isEmpty()) {
            queues.next(shared, SOME).forEach(job -> announcer.announceTo(host.id(), job.id()));
          }
        });
  }
}
