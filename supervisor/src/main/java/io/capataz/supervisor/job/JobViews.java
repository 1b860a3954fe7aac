package io.capataz.supervisor.job;

import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.job.JobView.HostOf;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Creates views of jobs with related data: the names of their hosts. */
@Component
public class JobViews {

  private final Hosts hosts;
  private final WaitReasons why;

  JobViews(Hosts hosts, WaitReasons why) {
    this.hosts = hosts;
    this.why = why;
  }

  /** One job, with the reason it waits. */
  public JobView one(Job job) {
    return JobView.of(job, host(job, new HashMap<>()), why.of(job).orElse(null));
  }

  /** The jobs of a list; each host is looked up once. */
  public Function<Job, JobView> many() {
    var known = new HashMap<String, Optional<Host>>();
    return job -> JobView.of(job, host(job, known), null);
  }

  private @Nullable HostOf host(Job job, Map<String, Optional<Host>> known) {
    return job.host()
        .flatMap(id -> known.computeIfAbsent(id, _ -> hosts.find(job.organization(), id)))
        .map(host -> new HostOf(host.id(), host.name()))
        .orElse(null);
  }
}
