package io.capataz.supervisor.queue;

import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.host.Pools;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Limit;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.QueueName;
import io.capataz.supervisor.job.WaitReasons;
import io.capataz.supervisor.job.Why;
import io.capataz.supervisor.task.Approve;
import io.capataz.supervisor.task.AskInput;
import io.capataz.supervisor.task.CallHttp;
import io.capataz.supervisor.task.DoneBy;
import io.capataz.supervisor.task.Notify;
import io.capataz.supervisor.task.RunScript;
import io.capataz.supervisor.task.Wait;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Explains why a job waits: the rule that blocks it, the jobs in the way, and what would unblock
 * it.
 */
@Component
class WhyWaiting implements WaitReasons {

  private final JobQueues queues;
  private final ConcurrencyPermits permits;
  private final Jobs jobs;
  private final Hosts hosts;
  private final Pools pools;
  private final InstantSource clock;

  WhyWaiting(
      JobQueues queues,
      ConcurrencyPermits permits,
      Jobs jobs,
      Hosts hosts,
      Pools pools,
      InstantSource clock) {
    this.queues = queues;
    this.permits = permits;
    this.jobs = jobs;
    this.hosts = hosts;
    this.pools = pools;
    this.clock = clock;
  }

  @Override
  public Optional<Why> of(Job job) {
    return switch (job.state()) {
      case HELD -> Optional.of(ofHeld(job));
      case SCHEDULED -> Optional.of(ofScheduled(job));
      case READY -> Optional.of(ofReady(job));
      case ASSIGNED, RUNNING, SILENT, SUCCEEDED, FAILED, CANCELED, EXPIRED -> Optional.empty();
    };
  }

  private static Why ofHeld(Job job) {
    var path = "PUT /" + job.organization() + "/job/" + job.id();
    return switch (job.spec().action()) {
      case RunScript _, Wait _, CallHttp _, Notify _ ->
          Why.of("held", "A person holds it.", path + "/release", null);
      case Approve approve ->
          Why.of(
              "approval",
              "It has %d of %d approvals. Approvers: %s."
                  .formatted(job.past().decisions().size(), approve.needed(), approversOf(approve)),
              path + "/approve or " + path + "/reject",
              job.placement().startBy());
      case AskInput input ->
          Why.of(
              "input",
              "It waits for the arguments that %s is asked for."
                  .formatted(input.people().isEmpty() ? "somebody" : input.people()),
              path + "/input",
              job.placement().startBy());
    };
  }

  private static String approversOf(Approve approve) {
    return Stream.concat(
            approve.approvers().entries().stream(),
            approve.byStarter() ? Stream.of("whoever started the job") : Stream.empty())
        .collect(Collectors.joining(", "));
  }

  private static Why ofScheduled(Job job) {
    if (!job.doneBy().hasAttempts()) {
      return Why.of("wait", "It waits until its time.", "the time comes", job.placement().due());
    }
    return job.past().attempts().isEmpty()
        ? Why.of(
            "not_before",
            "Its start time is in the future.",
            "its start time is reached",
            job.placement().due())
        : Why.of(
            "retry_delay",
            "Attempt " + job.attempt() + " failed, and the task has a delay before the next one.",
            "the delay is over",
            job.placement().due());
  }

  private Why ofReady(Job job) {
    var blocked =
        job.spec().limits().stream()
            .filter(limit -> QueueName.ofLimit(limit.key()).equals(job.placement().queue()))
            .findFirst();
    if (blocked.isPresent()) {
      return ofLimit(job, blocked.get());
    }
    if (job.doneBy() == DoneBy.SUPERVISOR) {
      var ahead = queues.ahead(job, Why.AHEAD);
      return Why.places(
          ahead > 0 ? "in_line" : "being_claimed",
          ahead > 0
              ? ahead + " jobs of the supervisors come before it."
              : "A supervisor takes it within seconds.",
          "a supervisor claims it",
          0,
          List.of(),
          ahead);
    }
    return job.pool().map(pool -> ofPool(job, pool)).orElseGet(() -> ofHost(job));
  }

  private Why ofLimit(Job job, Limit limit) {
    var taken = permits.of(limit.key());
    var occupants =
        taken.map(t -> t.permits().keySet().stream().sorted().toList()).orElse(List.of());
    var rule = limit.label() == null ? "max_parallel" : "concurrency_key";
    var what =
        limit.label() == null
            ? "of this task"
            : "of this task with the same value of '" + limit.label() + "'";
    return Why.places(
        rule,
        "At most " + limit.most() + " jobs " + what + " run at once.",
        "one of them ends",
        limit.most(),
        occupants,
        queues.ahead(job, Why.AHEAD));
  }

  private Why ofHost(Job job) {
    var host = job.host().flatMap(id -> hosts.find(job.organization(), id));
    if (host.isEmpty()) {
      return Why.of(
          "host_unknown", "Its host no longer exists.", "the task is given another host", null);
    }
    var its = host.get();
    if (!its.isOnline(clock.instant())) {
      return new Why(
          "host_offline",
          offline(its),
          "the agent connects",
          null,
          null,
          null,
          null,
          queues.ahead(job, Why.AHEAD));
    }
    if (!its.takesJobs()) {
      var word = its.mode().disabled() ? "disabled" : "draining";
      return new Why(
          "host_" + word,
          "The host '" + its.name() + "' is " + word + ": it gets no jobs.",
          "PUT /" + job.organization() + "/host/" + its.id() + "/enable",
          null,
          null,
          null,
          null,
          queues.ahead(job, Why.AHEAD));
    }
    return ofPlaces(job, "host", List.of(its));
  }

  private static String offline(Host host) {
    var agent = "The agent of host '" + host.name() + "' ";
    var contact = host.contact();
    if (contact.heard() == null) {
      return agent + "has never connected.";
    }
    return contact.left() != null
        ? agent + "ended at " + contact.left() + "."
        : agent + "was last heard from at " + contact.heard() + ".";
  }

  private Why ofPool(Job job, String id) {
    var pool = pools.find(job.organization(), id);
    var members = pool.map(hosts::of).orElse(List.of());
    if (members.isEmpty()) {
      return Why.of("pool_empty", "Its pool has no hosts.", "a host is added to the pool", null);
    }
    var taking = members.stream().filter(Host::takesJobs).toList();
    if (taking.isEmpty()) {
      return Why.of(
          "pool_disabled",
          "All " + members.size() + " hosts of its pool are disabled or draining.",
          "one of them is enabled",
          null);
    }
    var online = taking.stream().filter(host -> host.isOnline(clock.instant())).toList();
    if (online.isEmpty()) {
      return Why.of(
          "pool_offline",
          "None of the " + taking.size() + " hosts of its pool is online.",
          "one of their agents connects",
          null);
    }
    return ofPlaces(job, "pool", online);
  }

  /** For hosts that could run it: are slots free, and which jobs come first? */
  private Why ofPlaces(Job job, String what, List<Host> online) {
    var slots = online.stream().mapToInt(host -> host.session().slots()).sum();
    var occupants = new ArrayList<String>();
    online.forEach(host -> jobs.underWayOn(host.id()).forEach(held -> occupants.add(held.id())));
    var ahead = queues.ahead(job, Why.AHEAD);
    if (occupants.size() >= slots) {
      return Why.places(
          what + "_busy",
          "All " + slots + " slots of its " + what + " are taken.",
          "one of the jobs there ends",
          slots,
          occupants,
          ahead);
    }
    return Why.places(
        ahead > 0 ? "in_line" : "being_claimed",
        ahead > 0
            ? "Slots are free, but " + ahead + " jobs come before it."
            : online.stream().anyMatch(host -> host.session().listening())
                ? "A slot is free, and an agent listens for jobs: it claims this one at once, or"
                    + " within about a minute if it misses the announcement."
                : "A slot is free. No agent listens for announcements at the moment, so the job is"
                    + " claimed within about a minute.",
        "an agent claims it",
        slots,
        occupants,
        ahead);
  }
}
