package io.capataz.supervisor.link;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.RateLimits;
import io.capataz.supervisor.dispatch.AgentCalls;
import io.capataz.supervisor.dispatch.LinkedAgents;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.HostEnabled;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.host.Pools;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.StopAsked;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** The links that end at this supervisor, at most one for each host. */
@Component
class Links implements LinkedAgents {

  private static final Logger log = LoggerFactory.getLogger(Links.class);

  private final AgentCalls calls;
  private final Hosts hosts;
  private final Pools pools;
  private final RateLimits limits;
  private final ExecutorService background;
  private final Map<String, Link> byHost = new ConcurrentHashMap<>();
  private volatile boolean closing;

  Links(AgentCalls calls, Hosts hosts, Pools pools, RateLimits limits, ExecutorService background) {
    this.calls = calls;
    this.hosts = hosts;
    this.pools = pools;
    this.limits = limits;
    this.background = background;
  }

  /** Opens a link; an older one of the same host ends. */
  Link open(Caller.Agent agent, Host host, LinkSocket socket) {
    var link = new Link(agent, host, socket, calls, limits, background);
    var before = byHost.put(host.id(), link);
    if (before != null) {
      before.end(Link.GOING_AWAY, "a newer link exists");
    }
    if (closing) {
      link.end(Link.GOING_AWAY, "shutting down");
    }
    log.atInfo()
        .addKeyValue("host", host.name())
        .addKeyValue("epoch", host.session().epoch())
        .log("agent linked");
    return link;
  }

  /** The connection of a link is gone. */
  void closed(Link link) {
    link.closed();
    byHost.remove(link.host().id(), link);
  }

  @Override
  public boolean offer(Job job, Runnable otherwise) {
    return linkFor(job).filter(link -> link.offer(job.id(), otherwise)).isPresent();
  }

  /** The link with the most room of the hosts on which a job may run. */
  private Optional<Link> linkFor(Job job) {
    if (byHost.isEmpty()) {
      return Optional.empty();
    }
    if (job.host().isPresent()) {
      return Optional.ofNullable(byHost.get(job.host().get()));
    }
    return job.pool()
        .flatMap(id -> pools.find(job.organization(), id))
        .flatMap(
            pool ->
                byHost.values().stream()
                    .filter(link -> link.room() > 0)
                    .filter(link -> link.host().organization().equals(pool.organization()))
                    .filter(link -> link.host().takesJobs() && pool.has(link.host()))
                    .max(Comparator.comparingInt(Link::room)));
  }

  @EventListener
  void on(HostEnabled enabled) {
    Optional.ofNullable(byHost.get(enabled.host().id())).ifPresent(Link::moreWaits);
  }

  @EventListener
  void on(StopAsked asked) {
    Optional.ofNullable(byHost.get(asked.host())).ifPresent(Link::tellStops);
  }

  /** A call that is not held must not delay shutdown, and the agents are to go elsewhere. */
  @EventListener
  void on(ContextClosedEvent closed) {
    closing = true;
    byHost.values().forEach(link -> link.end(Link.GOING_AWAY, "shutting down"));
  }

  /**
   * Ends the links of hosts that were removed or have another agent or session by now: a revoked
   * credential is of no use for longer than this. Also finds stops that others asked for.
   */
  @Scheduled(fixedDelayString = "PT1S")
  void look() {
    if (byHost.isEmpty()) {
      return;
    }
    // Of those that were open before the store is asked.
    var open = Map.copyOf(byHost);
    var there =
        hosts.withIds(open.keySet()).stream().collect(Collectors.toMap(Host::id, host -> host));
    open.forEach(
        (id, link) -> {
          var host = there.get(id);
          if (host == null) {
            link.end(Link.SESSION_OVER, "host removed");
          } else {
            link.look(host);
          }
        });
  }
}
