package io.capataz.supervisor.dispatch;

import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.host.Hosts;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.script.Scripts;
import io.capataz.supervisor.web.ApiProblem;
import java.util.ArrayList;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Grants jobs to agents: a compare-and-set per job, and the whole work order in the answer. The
 * same claim id asked again is answered with what was granted under it.
 */
@Component
class Claims {

  /** The most jobs granted at once, however many slots an agent has. */
  static final int MOST = 100;

  /** The most jobs that are looked at when a claim names them. */
  private static final int MOST_NAMED = 1_000;

  private static final Logger log = LoggerFactory.getLogger(Claims.class);

  private final Hosts hosts;
  private final Jobs jobs;
  private final Scripts scripts;

  Claims(Hosts hosts, Jobs jobs, Scripts scripts) {
    this.hosts = hosts;
    this.jobs = jobs;
    this.scripts = scripts;
  }

  Claim.Answer grant(Caller.Agent agent, Claim claim) {
    if (claim.free() < 1 || claim.claim().length() < 16 || claim.claim().length() > 100) {
      throw ApiProblem.badRequest(
          "invalid_claim", "A claim has an id of 16 to 100 characters and at least 1 free slot.");
    }
    if (!hosts.isCurrent(agent, claim.epoch())) {
      throw AgentController.sessionIsOver();
    }
    var most = Math.min(claim.free(), MOST);
    var orders = new ArrayList<WorkOrder>();
    jobs.grantedUnder(claim.claim(), agent.agent())
        .forEach(job -> order(job).ifPresent(orders::add));
    if (!orders.isEmpty()) {
      return new Claim.Answer(orders, true);
    }
    var wanted =
        claim.jobs().isEmpty()
            ? jobs.waitingFor(agent.host(), most + 1)
            : claim.jobs().stream().distinct().limit(MOST_NAMED).toList();
    for (var job : wanted) {
      if (orders.size() == most) {
        break;
      }
      jobs.assign(job, agent.organization(), agent.host(), jobs.lease(agent.agent(), claim))
          .flatMap(this::order)
          .ifPresent(orders::add);
    }
    return new Claim.Answer(orders, wanted.size() > most);
  }

  private Optional<WorkOrder> order(Job job) {
    var script = scripts.find(job.organization(), job.spec().script());
    if (script.isEmpty()) {
      log.atWarn().addKeyValue("job", job.id()).log("the job's script is gone");
      var gone =
          new Outcome.CouldNotStart(
              "The script " + job.spec().script() + " was removed after the job was made.");
      jobs.end(JobMove.FAIL, job.fence(), "supervisor", Ending.of(gone));
      return Optional.empty();
    }
    return script.map(
        s ->
            new WorkOrder(
                job.id(),
                job.attempt(),
                job.fence().claim(),
                job.organization(),
                job.task(),
                job.spec().taskName(),
                new WorkOrder.ScriptText(s.filename(), s.digest(), s.interpreter(), s.bytes()),
                job.arguments(),
                job.spec().environment(),
                job.spec().timeout(),
                job.spec().grace()));
  }
}
