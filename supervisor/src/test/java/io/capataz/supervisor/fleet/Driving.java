package io.capataz.supervisor.fleet;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.HostFacts;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.TestClock;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.host.Host;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.host.Pools;
import io.capataz.supervisor.job.Cancellations;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.Job.Lease;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.job.QueueName;
import io.capataz.supervisor.run.Submissions;
import io.capataz.supervisor.task.Tasks;
import io.capataz.supervisor.vault.Vault;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.springframework.data.mongodb.core.MongoOperations;

/** What a supervisor has of fleet runs, on the clock of the test. */
record Driving(
    TestSupervisor supervisor,
    FleetRuns runs,
    FleetHosts hosts,
    NewFleetRuns newRuns,
    FleetDriver driver,
    FleetFollowUp followUp,
    FleetChanges changes) {

  static Driving of(TestSupervisor supervisor, TestClock clock) {
    var context = supervisor.context();
    var mongo = context.getBean(MongoOperations.class);
    var hosts = new FleetHosts(mongo);
    var runs = new FleetRuns(mongo, context.getBean(Vault.class), clock);
    var known = context.getBean(Hosts.class);
    var next = new NextHosts(hosts, known, clock);
    var cancellations = context.getBean(Cancellations.class);
    var ends =
        new FleetEnds(runs, hosts, next, context.getBean(JobQueries.class), cancellations, clock);
    var grants =
        new FleetGrants(
            runs,
            hosts,
            context.getBean(Tasks.class),
            context.getBean(Submissions.class),
            cancellations,
            clock);
    var driver = new FleetDriver(runs, hosts, next, grants, ends, clock);
    return new Driving(
        supervisor,
        runs,
        hosts,
        new NewFleetRuns(runs, hosts, new ChosenHosts(known, context.getBean(Pools.class)), clock),
        driver,
        new FleetFollowUp(hosts, driver, clock, _ -> {}),
        new FleetChanges(runs, hosts, driver, clock));
  }

  MongoOperations mongo() {
    return supervisor.context().getBean(MongoOperations.class);
  }

  /** Hosts with the label fleet=yes, which are on, whatever the time. */
  void enrol(int count, TestClock clock) {
    var facts = new HostFacts("Linux", "amd64", 2, 1L << 30, "nobody", "test");
    var labels = List.of("fleet=yes");
    mongo()
        .insert(
            IntStream.range(0, count)
                .mapToObj(
                    i ->
                        new Host(
                            "6c%022x".formatted(i),
                            "acme",
                            "node-%05d".formatted(i),
                            clock.instant(),
                            new Host.Credential("agent-" + i, "none"),
                            new Host.Session(1, "boot", null, 1, false, facts),
                            new Host.Contact(always(clock), false, null, null),
                            new Host.HostLabels(labels, labels, List.of()),
                            new Host.Mode(false, false)))
                .toList(),
            Host.class);
  }

  static Instant always(TestClock clock) {
    return clock.instant().plus(Duration.ofDays(365));
  }

  /** The host's agent claims the job and reports its end; the job as it is then. */
  static Job end(Jobs jobs, Job job, String host, Outcome outcome, Instant now) {
    var lease = new Lease(host, "agent", 1, "claim-" + job.id(), now, Claim.Heard.SYNC);
    jobs.assign(job.id(), "acme", List.of(QueueName.ofHost(host)), null, lease);
    var assigned = jobs.find(job.id()).orElseThrow();
    var _ = jobs.end(assigned, "agent", Ending.of(outcome));
    return jobs.find(job.id()).orElseThrow();
  }
}
