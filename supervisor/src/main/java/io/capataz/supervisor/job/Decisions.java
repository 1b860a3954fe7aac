package io.capataz.supervisor.job;

import static io.capataz.supervisor.job.JobFields.ARGUMENTS;
import static io.capataz.supervisor.job.JobFields.BYTES;
import static io.capataz.supervisor.job.JobFields.DECISIONS;
import static io.capataz.supervisor.job.JobFields.ENDING;
import static io.capataz.supervisor.job.JobFields.MASKED_ARGUMENTS;
import static io.capataz.supervisor.job.JobFields.REV;
import static io.capataz.supervisor.job.JobFields.STATE;
import static io.capataz.supervisor.runtime.MongoRetry.verified;

import io.capataz.common.protocol.MessageJson;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Job.Decision;
import io.capataz.supervisor.job.Job.Ending;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.runtime.CompareAndSet;
import io.capataz.supervisor.task.Approve;
import io.capataz.supervisor.task.Approve.Lapse;
import io.capataz.supervisor.task.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Ends the jobs that nobody claims: people decide about approvals and inputs, and time ends the
 * rest. Each decision is one compare-and-set on the revision that it was made for.
 */
@Repository
public class Decisions {

  private final CompareAndSet store;
  private final Jobs jobs;
  private final JobMoves moves;
  private final JobSecrets secrets;

  Decisions(CompareAndSet store, Jobs jobs, JobMoves moves, JobSecrets secrets) {
    this.store = store;
    this.jobs = jobs;
    this.moves = moves;
    this.secrets = secrets;
  }

  /**
   * Records what a person has decided about an approval. If that settles it, the job ends by the
   * same update.
   *
   * @param job as it was read; nobody named in the decision has decided yet
   * @return empty if the job has changed since it was read
   */
  public Optional<Job> decide(Job job, Caller.Member who, Decision decision) {
    var all = new ArrayList<>(job.past().decisions());
    all.add(decision);
    if (!decision.approved()) {
      var by = nameOf(decision.person());
      return settle(JobMove.REJECT, job, who, decision, new Outcome.Rejected(by + " rejected it."));
    }
    var approve = (Approve) job.spec().action();
    return approve.isMetBy(all.stream().map(Decision::named).toList())
        ? settle(JobMove.APPROVE, job, who, decision, new Outcome.Succeeded())
        : add(job, decision);
  }

  private Optional<Job> settle(
      JobMove move, Job job, Caller.Member who, Decision decision, Outcome outcome) {
    var ending = Ending.of(outcome, approved(job, decision));
    return moves.make(
        move,
        job,
        new Mover.Person(who.name()),
        asRead(job),
        ending(ending).push(DECISIONS, decision));
  }

  /** One of several approvals. */
  private Optional<Job> add(Job job, Decision decision) {
    var asRead =
        Query.query(
            Jobs.owned(job.organization(), job.id())
                .and(STATE)
                .is(JobState.HELD)
                .and(REV)
                .is(job.rev()));
    var added = new Update().push(DECISIONS, decision).inc(REV, 1);
    return verified(
        () -> store.change(Job.class, asRead, added),
        () -> jobs.find(job.id()).filter(now -> hasDecided(now, decision.person().id())));
  }

  /** Whether somebody has decided about a job. */
  public static boolean hasDecided(Job job, String person) {
    return job.past().decisions().stream().anyMatch(made -> made.person().id().equals(person));
  }

  /** The output of an approval: its arguments, and who settled it. */
  private static ObjectNode approved(Job job, @Nullable Decision decision) {
    var result = MessageJson.mapper().createObjectNode();
    var output = result.putArray("output");
    job.shownArguments().forEach(output::add);
    if (decision != null) {
      var user = JobView.UserOf.of(decision.person());
      output.add(MessageJson.mapper().<JsonNode>valueToTree(user));
      result.set("user", MessageJson.mapper().<JsonNode>valueToTree(user));
    }
    return result;
  }

  private static String nameOf(Job.User user) {
    return String.valueOf(JobView.UserOf.of(user).username());
  }

  /**
   * Ends an input with the values that a person gave.
   *
   * @param texts checked against the task's parameters
   * @return empty if the job has changed since it was read
   */
  public Optional<Job> supply(Job job, Caller.Member who, Task task, List<String> texts) {
    var masked = task.maskedArguments();
    var kept = secrets.sealedArguments(job.organization(), job.id(), texts, masked);
    var output = new ArrayList<>(texts);
    masked.forEach(place -> output.set(place, Parameter.MASK));
    var result = MessageJson.mapper().createObjectNode();
    output.forEach(result.putArray("output")::add);
    result.set("user", MessageJson.mapper().valueToTree(JobView.UserOf.of(Job.User.of(who))));
    var before = job.spec().arguments();
    return moves.make(
        JobMove.SUPPLY,
        job,
        new Mover.Person(who.name()),
        asRead(job),
        ending(Ending.of(new Outcome.Succeeded(), result))
            .set(ARGUMENTS, kept)
            .set(MASKED_ARGUMENTS, masked)
            .inc(BYTES, Job.Spec.bytes(kept, List.of()) - Job.Spec.bytes(before, List.of())));
  }

  /** Ends a job whose time has come. */
  public Optional<Job> elapse(Job job) {
    var result = MessageJson.mapper().createObjectNode();
    job.shownArguments().forEach(result.putArray("output")::add);
    return moves.make(
        JobMove.ELAPSE,
        job,
        new Mover.Supervisor(null),
        UnaryOperator.identity(),
        ending(Ending.of(new Outcome.Succeeded(), result)));
  }

  /** Ends a job that was not claimed, or about which nobody has decided, in time. */
  public Optional<Job> lapse(Job job) {
    return switch (lapseOf(job)) {
      case EXPIRED -> jobs.expire(job);
      case APPROVED -> lapse(JobMove.APPROVE, job, new Outcome.Succeeded());
      case REJECTED ->
          lapse(
              JobMove.REJECT,
              job,
              new Outcome.Rejected(
                  "Nobody decided before its deadline, which counts as rejected."));
    };
  }

  private Optional<Job> lapse(JobMove move, Job job, Outcome outcome) {
    return moves.make(
        move,
        job,
        new Mover.Supervisor(null),
        UnaryOperator.identity(),
        ending(Ending.of(outcome, approved(job, null))));
  }

  private static Lapse lapseOf(Job job) {
    return job.spec().action() instanceof Approve approve ? approve.lapse() : Lapse.EXPIRED;
  }

  private static Update ending(Ending ending) {
    return new Update().set(ENDING, ending).inc(BYTES, ending.bytes());
  }

  /** The guard of moves that must not meet a job that has changed. */
  private static UnaryOperator<Criteria> asRead(Job job) {
    return which -> which.and(REV).is(job.rev());
  }
}
