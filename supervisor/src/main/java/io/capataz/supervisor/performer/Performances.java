package io.capataz.supervisor.performer;

import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.JobSecrets;
import io.capataz.supervisor.notification.Notifications;
import io.capataz.supervisor.task.Approve;
import io.capataz.supervisor.task.AskInput;
import io.capataz.supervisor.task.CallHttp;
import io.capataz.supervisor.task.Notify;
import io.capataz.supervisor.task.RunScript;
import io.capataz.supervisor.task.Wait;
import io.capataz.supervisor.vault.CannotOpen;
import java.util.HashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** What a supervisor does for each kind of job; the only place that opens their secrets. */
@Component
class Performances {

  private final JobSecrets secrets;
  private final HttpPerformance http;
  private final Notifications notifications;

  Performances(JobSecrets secrets, HttpPerformance http, Notifications notifications) {
    this.notifications = notifications;
    this.secrets = secrets;
    this.http = http;
  }

  private static Map<String, String> arguments(Job job, JobSecrets.Opened opened) {
    var labels = job.spec().labels();
    var arguments = new HashMap<String, String>();
    for (var i = 0; i < labels.size() && i < opened.arguments().size(); i++) {
      arguments.put(labels.get(i), opened.arguments().get(i));
    }
    return arguments;
  }

  /**
   * Does a job; how it ended.
   *
   * @throws InterruptedException if it is to be given up
   */
  Ending perform(Job job) throws InterruptedException {
    try {
      var opened = secrets.open(job);
      return switch (opened.action()) {
        case CallHttp call -> http.perform(job, call, arguments(job, opened), opened);
        case Notify notify -> notifications.send(job, notify, arguments(job, opened));
        case RunScript _, Approve _, AskInput _, Wait _ ->
            Ending.of(new Outcome.CouldNotStart("No supervisor does jobs of this type."));
      };
    } catch (CannotOpen sealedOtherwise) {
      return Ending.of(new Outcome.CouldNotStart(sealedOtherwise.reason()));
    }
  }
}
