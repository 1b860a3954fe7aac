package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.host.Pools;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.QueueName;
import io.capataz.supervisor.queue.JobQueues;
import io.capataz.supervisor.queue.Limits;
import io.capataz.supervisor.web.ApiProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Grants jobs to agents: one compare-and-set per job; the response contains the complete work
 * order. A repeated claim id returns what was granted under it. Which jobs are granted, and in
 * which order, depends on their place in the queue, never on who was announced first.
 */
@Component
class Claims {

  /** The maximum number of jobs granted at once, however many slots an agent has. */
  static final int MOST = 100;

  /**
   * The size at which a response is full. One order of the largest kind may exceed it, and base64
   * makes it longer; agents read up to 24 MiB.
   */
  private static final long FULL = 6L * 1024 * 1024;

  /** The maximum number of jobs considered when a claim names them. */
  private static final int MOST_NAMED = 1_000;

  /**
   * How often the next jobs in the queue are considered, if others take them or they find no
   * permit.
   */
  private static final int MOST_ROUNDS = 20;

  private static final Logger log = LoggerFactory.getLogger(Claims.class);

  private final Hosts hosts;
  private final Pools pools;
  private final Jobs jobs;
  private final JobQueues inQueue;
  private final Limits limits;
  private final WorkOrders written;

  /**
   * A call may be overtaken by its own retry. Its caller already has the response to the second
   * call and no longer waits for the first; whatever the first one granted would be held by nobody.
   */
  private final RecentClaims recent;

  /**
   * A repeated claim waits while the first one is still being granted; otherwise the second
   * response, which is the one that arrives, would miss what the first one grants.
   */
  private final Lock[] underWay =
      Stream.generate(ReentrantLock::new).limit(256).toArray(Lock[]::new);

  Claims(
      Hosts hosts,
      Pools pools,
      Jobs jobs,
      JobQueues inQueue,
      Limits limits,
      WorkOrders written,
      RecentClaims recent) {
    this.recent = recent;
    this.hosts = hosts;
    this.pools = pools;
    this.jobs = jobs;
    this.inQueue = inQueue;
    this.limits = limits;
    this.written = written;
  }

  Claim.Answer grant(Caller.Agent agent, Claim claim) {
    check(claim);
    var host = hosts.current(agent, claim.epoch()).orElseThrow(AgentController::sessionIsOver);
    var lock = lockOf(claim);
    lock.lock();
    try {
      var before = recent.answer(claim.claim());
      if (before.isPresent() || claim.mayBeRepeated()) {
        var again = granted(agent, claim);
        if (again.isPresent()) {
          return again.get();
        }
      }
      if (before.isPresent()) {
        return new Claim.Answer(List.of(), before.get());
      }
      if (Boolean.TRUE.equals(claim.settle())) {
        recent.add(claim.claim(), true);
        return new Claim.Answer(List.of(), true);
      }
      var answer = grantAnew(agent, host, claim);
      recent.add(claim.claim(), answer.more());
      return answer;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Grants under a claim id that the agent has offered on its link, and that was not used there. It
   * may be called again with the same id as long as nothing was granted. Nothing is granted any
   * more once the agent has asked for the claim by a call: then its link is gone.
   */
  Claim.Answer grantStanding(Caller.Agent agent, Claim claim) {
    check(claim);
    var host = hosts.current(agent, claim.epoch()).orElseThrow(AgentController::sessionIsOver);
    var lock = lockOf(claim);
    lock.lock();
    try {
      if (recent.answer(claim.claim()).isPresent()) {
        return new Claim.Answer(List.of(), false);
      }
      var answer = grantAnew(agent, host, claim);
      if (!answer.orders().isEmpty()) {
        recent.add(claim.claim(), answer.more());
      }
      return answer;
    } finally {
      lock.unlock();
    }
  }

  private static void check(Claim claim) {
    if (claim.free() < 1 || claim.claim().length() < 16 || claim.claim().length() > 100) {
      throw ApiProblem.badRequest(
          "invalid_claim",
          "A claim must have an id of 16 to 100 characters and at least 1 free slot.");
    }
  }

  private Lock lockOf(Claim claim) {
    return underWay[Math.floorMod(claim.claim().hashCode(), underWay.length)];
  }

  /** The earlier grants under the claim, if any; also of an earlier session. */
  private Optional<Claim.Answer> granted(Caller.Agent agent, Claim claim) {
    var held = jobs.grantedUnder(claim.claim(), agent.agent());
    if (held.isEmpty()) {
      return Optional.empty();
    }
    var orders =
        held.stream()
            // An agent that reported the start has the order.
            .filter(job -> job.holding().started() == null)
            .flatMap(job -> jobs.grantAgain(job, claim.epoch()).stream())
            .flatMap(job -> order(job, claim).stream())
            .toList();
    return Optional.of(new Claim.Answer(orders, true));
  }

  private Claim.Answer grantAnew(Caller.Agent agent, Host host, Claim claim) {
    var queues = queuesOf(host);
    if (queues.isEmpty()) {
      return new Claim.Answer(List.of(), false);
    }
    var orders = new ArrayList<WorkOrder>();
    var most = Math.min(claim.free(), MOST);
    var named = claim.jobs().stream().distinct().limit(MOST_NAMED).toList();
    if (!named.isEmpty()) {
      grantNamed(named, most, queues, agent, claim, orders);
      if (isFull(orders)) {
        return new Claim.Answer(orders, true);
      }
      if (orders.size() >= Math.min(most, named.size())) {
        return new Claim.Answer(orders, named.size() > most);
      }
    }
    // The named jobs were taken by others or have to wait. Other jobs may be waiting, for which the
    // same announcement was the only one.
    for (var round = 0; round < MOST_ROUNDS; round++) {
      var wanted = most - orders.size();
      var next = inQueue.next(queues, wanted + 1);
      grant(next, most, queues, agent, claim, orders);
      if (isFull(orders)) {
        return new Claim.Answer(orders, true);
      }
      if (next.size() <= wanted || orders.size() == most) {
        return new Claim.Answer(orders, next.size() > wanted);
      }
    }
    return new Claim.Answer(orders, true);
  }

  /**
   * Grants named jobs that need no permit. Among jobs that wait for the same permit, being
   * announced first must not give an advantage.
   */
  private void grantNamed(
      List<String> named,
      int most,
      List<String> queues,
      Caller.Agent agent,
      Claim claim,
      List<WorkOrder> orders) {
    if (named.size() > 1) {
      // Their order in the queue decides.
      var unlimited =
          inQueue.named(named, queues).stream().filter(job -> job.limits().isEmpty()).toList();
      grant(unlimited, most, queues, agent, claim, orders);
      return;
    }
    var lease = jobs.lease(agent.host(), agent.agent(), claim);
    jobs.assign(named.getFirst(), agent.organization(), queues, null, lease)
        .flatMap(granted -> order(granted, claim))
        .ifPresent(orders::add);
  }

  /** The queues from which a host's agent may take jobs; none while the host takes no jobs. */
  List<String> queuesOf(Host host) {
    if (!host.takesJobs()) {
      return List.of();
    }
    var queues = new ArrayList<String>();
    queues.add(QueueName.ofHost(host.id()));
    pools.of(host).forEach(pool -> queues.add(QueueName.ofPool(pool.id())));
    return queues;
  }

  private void grant(
      List<JobQueues.Waiting> waiting,
      int most,
      List<String> queues,
      Caller.Agent agent,
      Claim claim,
      List<WorkOrder> orders) {
    for (var job : waiting) {
      if (orders.size() == most || isFull(orders)) {
        return;
      }
      assign(job, queues, agent, claim)
          .flatMap(granted -> order(granted, claim))
          .ifPresent(orders::add);
    }
  }

  private static boolean isFull(List<WorkOrder> orders) {
    return orders.stream().mapToLong(Claims::size).sum() >= FULL;
  }

  private static long size(WorkOrder order) {
    var script = order.script().content();
    return (script == null ? 0 : script.length())
        + order.files().stream().mapToLong(file -> file.content().length()).sum()
        + order.secretFiles().stream().mapToLong(file -> file.content().length()).sum()
        + order.arguments().stream().mapToLong(String::length).sum()
        + order.environment().values().stream().mapToLong(String::length).sum();
  }

  private Optional<Job> assign(
      JobQueues.Waiting job, List<String> queues, Caller.Agent agent, Claim claim) {
    var lease = jobs.lease(agent.host(), agent.agent(), claim);
    if (job.limits().isEmpty()) {
      return jobs.assign(job.id(), agent.organization(), queues, null, lease);
    }
    if (!limits.admit(job, claim.claim())) {
      return Optional.empty();
    }
    var granted = jobs.assign(job.id(), agent.organization(), queues, job.generation(), lease);
    if (granted.isEmpty()) {
      limits.dismiss(job, claim.claim());
    }
    return granted;
  }

  private Optional<WorkOrder> order(Job job, Claim claim) {
    try {
      return Optional.of(written.of(job, claim.inline()));
    } catch (WorkOrders.CannotStart cannot) {
      return cannotStart(job, cannot.reason());
    }
  }

  private Optional<WorkOrder> cannotStart(Job job, String why) {
    log.atWarn().addKeyValue("job", job.id()).addKeyValue("why", why).log("job cannot start");
    jobs.end(job, Ending.of(new Outcome.CouldNotStart(why)));
    return Optional.empty();
  }
}
