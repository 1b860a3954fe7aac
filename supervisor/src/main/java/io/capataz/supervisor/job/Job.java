package io.capataz.supervisor.job;

import io.capataz.common.protocol.AttemptEnd.SignalSent;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.common.protocol.WorkOrder.Handling;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.credential.CredentialUse;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.queue.Limits;
import io.capataz.supervisor.run.IdempotencyKeys;
import io.capataz.supervisor.task.Task.Retry;
import io.capataz.supervisor.task.Task.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;
import tools.jackson.databind.JsonNode;

/**
 * One request to run a task: a frozen copy of what the task said, the arguments, and what became of
 * it.
 *
 * @param id 24 hexadecimal digits
 * @param organization whose it is
 * @param task the task's id
 * @param target the host or the pool it is for
 * @param state where it stands
 * @param rev grows with every write
 * @param attempt how often it was claimed
 * @param generation grows with each grant, and with each one that is called off before it is made;
 *     see {@link Limits}
 * @param spec what to run, as the task said when the job was made
 * @param arguments what the script is given; those that are secrets are sealed, see {@link
 *     JobSecrets}; at a file's place the text is empty
 * @param files those arguments that are files; missing in jobs of before there was such
 * @param origin how it came to be
 * @param by who made it
 * @param acl who, below administrators, may see it: what the task said when it was made; missing in
 *     jobs of before there was such
 * @param created when
 * @param queue where it stands while it is READY; see {@link QueueName}
 * @param priority more is sooner
 * @param ready since when it may be claimed; decides among those of the same priority
 * @param due when it may be claimed, while it is SCHEDULED; also while it is HELD, if it was to be
 *     later
 * @param startBy when it expires, unless it has been claimed by then
 * @param outbox what must still be announced
 * @param announced the last announcement that the broker has acknowledged
 * @param lease who holds it, or held it last
 * @param started when the script was reported to run
 * @param silentSince since when its agent has not been heard of; only while SILENT
 * @param stop that somebody wants it to end; the agent is told
 * @param pid the script's process id on its host
 * @param givenBack how many of its attempts never began
 * @param attempts those that are over, oldest first
 * @param effects what must still follow from its moves
 * @param effectsDue when a sweep does them, if nobody has; null: there are none
 * @param ended when it came to its final state
 * @param ending how its last attempt ended
 * @param history its moves, oldest first
 * @param user who asked for it, as far as that is known; null for runs by a secret key
 * @param keys what is kept of the keys by which its result may be seen, newest last
 * @param once the id of the {@link IdempotencyKeys} entry that it was made under; null: none
 * @param restartedFrom the job of which this is another run; null: none
 */
@Document("jobs")
public record Job(
    @Id String id,
    String organization,
    String task,
    Target target,
    JobState state,
    long rev,
    int attempt,
    int generation,
    Spec spec,
    List<String> arguments,
    List<GivenFile> files,
    Origin origin,
    String by,
    Acl acl,
    Instant created,
    String queue,
    int priority,
    Instant ready,
    @Nullable Instant due,
    @Nullable Instant startBy,
    Outbox outbox,
    @Nullable Announced announced,
    @Nullable Lease lease,
    @Nullable Instant started,
    @Nullable Instant silentSince,
    @Nullable Stop stop,
    @Nullable Long pid,
    int givenBack,
    List<Attempt> attempts,
    List<Effect> effects,
    @Nullable Instant effectsDue,
    @Nullable Instant ended,
    @Nullable Ending ending,
    List<Moved> history,
    @Nullable User user,
    List<String> keys,
    @Nullable String once,
    @Nullable String restartedFrom) {

  public Job {
    arguments = List.copyOf(arguments);
    files = files == null ? List.of() : List.copyOf(files);
    acl = Acl.orNobody(acl);
    attempts = List.copyOf(attempts);
    effects = List.copyOf(effects);
    history = List.copyOf(history);
    keys = keys == null ? List.of() : List.copyOf(keys);
  }

  /** How a job came to be. */
  public enum Origin {
    /** By a person's or a program's token. */
    USER,
    /** By the task's secret key. */
    SECRET
  }

  /**
   * Who asked for a job.
   *
   * @param id the person's, or the token's
   * @param email the person's address; null for a program
   */
  public record User(String id, @Nullable String email) {}

  /**
   * What to run.
   *
   * @param taskName the task's name
   * @param script the script's id
   * @param environment variables; those that are secrets are sealed
   * @param timeout until SIGTERM
   * @param grace until SIGKILL
   * @param retry whether it is tried again
   * @param limits in which it must have a permit to run
   * @param handling how a run is stopped, and what it may use; missing in jobs of before there was
   *     such
   * @param runAs as whom the script runs; null: as the agent
   * @param maskedArguments which of the arguments are secrets, by place
   * @param maskedVariables the names of the variables that are
   * @param taskVersion which version of the task that was; null in jobs of before there were
   *     versions
   * @param interpreter program and options put before the script; null: what the script says
   * @param credentials which stored credentials it is given; none in jobs of before there were such
   */
  public record Spec(
      String taskName,
      String script,
      Map<String, String> environment,
      Duration timeout,
      Duration grace,
      Retry retry,
      List<Limit> limits,
      Handling handling,
      @Nullable String runAs,
      List<Integer> maskedArguments,
      List<String> maskedVariables,
      @Nullable Integer taskVersion,
      @Nullable List<String> interpreter,
      List<CredentialUse> credentials) {
    public Spec {
      environment = Map.copyOf(environment);
      limits = List.copyOf(limits);
      handling = handling == null ? Handling.USUAL : handling;
      maskedArguments = maskedArguments == null ? List.of() : List.copyOf(maskedArguments);
      maskedVariables = maskedVariables == null ? List.of() : List.copyOf(maskedVariables);
      interpreter = interpreter == null ? null : List.copyOf(interpreter);
      credentials = credentials == null ? List.of() : List.copyOf(credentials);
    }
  }

  /**
   * An argument that is a file; its content is in {@link JobFiles}.
   *
   * @param place which of the arguments, from 0
   * @param filename a name, never a path
   * @param size how many bytes it has
   */
  public record GivenFile(int place, String filename, int size) {
    static GivenFile of(FileArgument file) {
      return new GivenFile(file.place(), file.filename(), file.content().length());
    }
  }

  /**
   * A bound on how many jobs run at once.
   *
   * @param key the same for all jobs that share the bound
   * @param most how many
   * @param label the argument whose value they share; null when they share the task
   */
  public record Limit(String key, int most, @Nullable String label) {}

  /**
   * The mark that a job must still be announced.
   *
   * @param at when to announce it (again); null: nothing is to be announced
   * @param seq counts what was to be announced, so that an older one's success does not take a
   *     newer one's mark away
   */
  public record Outbox(@Nullable Instant at, long seq) {}

  /** Where an announcement was written. */
  public record Announced(String topic, int partition, long offset, Instant at) {}

  /**
   * An attempt in an agent's hands.
   *
   * @param host the id of the host it runs on
   * @param agent the agent's id
   * @param epoch the agent's session in which it was claimed; a later one, if that one asked again
   * @param claim the claim id, known to that agent alone
   * @param granted when
   * @param heard how the agent came to ask
   */
  public record Lease(
      String host, String agent, long epoch, String claim, Instant granted, Claim.Heard heard) {}

  /**
   * An attempt that is over.
   *
   * @param number counted from 1
   * @param host the id of the host it ran on
   * @param granted when it was claimed
   * @param started when its script was reported to run; null: never
   * @param outcome how it ended; null when it was given back or given up by force
   */
  public record Attempt(
      int number,
      String host,
      Instant granted,
      @Nullable Instant started,
      Instant ended,
      @Nullable Outcome outcome,
      @Nullable Integer exitCode) {}

  /**
   * Work that must follow from a move; recorded with it, performed by any supervisor at least once.
   *
   * @param id unique in the job
   * @param kind the {@link FollowUp} that performs it
   * @param data what that needs to know
   */
  public record Effect(String id, String kind, org.bson.Document data) {}

  /**
   * How an attempt ended, as its agent reported it; see {@code AttemptEnd}.
   *
   * @param leftOut how many bytes it printed that are not kept; null: nobody has told
   * @param containment what held its processes together; null: nothing did, or nobody has told
   * @param limit the limit at which the kernel killed in it, {@code memory}; null: it did not
   */
  public record Ending(
      Outcome outcome,
      @Nullable Integer exitCode,
      @Nullable Duration ran,
      List<SignalSent> signals,
      List<Survivor> survivors,
      @Nullable JsonNode result,
      long stdout,
      long stderr,
      @Nullable Long leftOut,
      @Nullable String containment,
      @Nullable String limit) {
    public Ending {
      signals = List.copyOf(signals);
      survivors = List.copyOf(survivors);
    }

    /** The end of an attempt of which nothing was reported. */
    public static Ending of(Outcome outcome) {
      return new Ending(outcome, null, null, List.of(), List.of(), null, 0, 0, null, null, null);
    }
  }

  /** A wish that a job under way should end. */
  public record Stop(Instant at, String by) {}

  /**
   * A move that was made.
   *
   * @param mark random; by it whoever asked for the move finds it again when the answer was lost
   */
  public record Moved(JobMove move, JobState state, Instant at, String by, String mark) {}

  /** The arguments as they may be seen: of a file its name, of a secret a mask. */
  List<String> shownArguments() {
    var shown = new ArrayList<>(arguments);
    files.forEach(file -> shown.set(file.place(), file.filename()));
    spec.maskedArguments().forEach(place -> shown.set(place, Parameter.MASK));
    return shown;
  }

  /** The variables as they may be seen: of a secret a mask. */
  Map<String, String> shownVariables() {
    var shown = new HashMap<>(spec.environment());
    spec.maskedVariables().forEach(name -> shown.replace(name, Parameter.MASK));
    return shown;
  }

  /** The host on which it runs, or ran last, or will run; empty while any of a pool may take it. */
  public Optional<String> host() {
    return Optional.ofNullable(lease != null ? lease.host() : target.host());
  }

  /**
   * The attempt whose output is the job's: the current one or the last there was; 0: there was
   * none. It is not the current number where a fence was raised behind an attempt that was given
   * up.
   */
  public int shownAttempt() {
    return state.isFinal() && !attempts.isEmpty() ? attempts.getLast().number() : attempt;
  }

  /** The pool it is for; empty if it is for one host. */
  public Optional<String> pool() {
    return Optional.ofNullable(target.pool());
  }

  /** Whether another attempt may follow the current one. */
  boolean hasAttemptsLeft() {
    return attempt - givenBack < spec.retry().maxAttempts();
  }

  /** Whether a success may still be reported for its last attempt, because no other has begun. */
  public boolean mayEndLate() {
    return JobMove.SUCCEED_LATE.from().contains(state)
        && ending != null
        && ending.outcome() instanceof Outcome.Lost;
  }

  /** The fence of the current attempt; only a job that was claimed has one. */
  public Fence fence() {
    return Fence.of(id, attempt, granted().claim());
  }

  /** The lease of the current attempt; only a job that was claimed has one. */
  public Lease granted() {
    if (lease == null) {
      throw new IllegalStateException("Job " + id + " was never claimed and has no lease.");
    }
    return lease;
  }
}
