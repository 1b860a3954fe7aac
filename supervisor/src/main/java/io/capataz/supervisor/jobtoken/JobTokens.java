package io.capataz.supervisor.jobtoken;

import io.capataz.common.protocol.Bytes;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.CallerSource;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.task.RunScript;
import io.capataz.supervisor.vault.Vault;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;

/**
 * The tokens with which running jobs start other tasks. A token follows from the job, its attempt
 * and the claim, by a key that only the vault has. Nothing is stored and nothing has to be revoked:
 * the job itself says whether the attempt still runs.
 */
@Component
public class JobTokens implements CallerSource {

  private static final String PURPOSE = "job-token";

  private final Vault vault;
  private final Jobs jobs;
  private final InstantSource clock;

  JobTokens(Vault vault, Jobs jobs, InstantSource clock) {
    this.vault = vault;
    this.jobs = jobs;
    this.clock = clock;
  }

  /** The token of the job's current attempt; empty if its task calls no others. */
  public Optional<Secret> of(Job job) {
    return callsOf(job).isEmpty() ? Optional.empty() : Optional.of(issued(job).text());
  }

  @Override
  public AccessKey.Kind kind() {
    return AccessKey.Kind.RT;
  }

  @Override
  public Optional<Caller> callerOf(AccessKey key) {
    return JobDigits.job(key.id())
        .flatMap(jobs::find)
        .filter(job -> !callsOf(job).isEmpty())
        .filter(this::isRunning)
        .filter(job -> key.matches(issued(job).key().hash()))
        .map(JobTokens::caller);
  }

  /**
   * Whether the attempt may still call: not after a request to end it, and not after its timeout,
   * even if its agent does not report.
   */
  private boolean isRunning(Job job) {
    return job.state().isUnderWay()
        && job.holding().stop() == null
        && since(job).plus(job.spec().timeout()).isAfter(clock.instant());
  }

  private static Instant since(Job job) {
    return Objects.requireNonNullElse(job.holding().started(), job.granted().granted());
  }

  private AccessKey.Issued issued(Job job) {
    var attempt =
        String.join(
            "\n",
            job.organization(),
            job.id(),
            Integer.toString(job.attempt()),
            job.granted().claim());
    return AccessKey.derived(
        kind(),
        JobDigits.of(job.id()),
        JobDigits.secret(vault.digest(PURPOSE, Bytes.utf8(attempt))));
  }

  private static List<String> callsOf(Job job) {
    return job.spec().action().runScript().map(RunScript::calls).orElse(List.of());
  }

  private static Caller caller(Job job) {
    var user = job.provenance().user();
    // Nobody is known to have asked for the run of a schedule or a secret key.
    var starter =
        user == null
            ? new Caller.Run.Starter(job.id(), null, job.spec().taskName())
            : new Caller.Run.Starter(user.id(), user.email(), user.name());
    return new Caller.Run(
        job.organization(),
        job.id(),
        starter,
        job.provenance().origin().events(),
        Set.copyOf(callsOf(job)));
  }
}
