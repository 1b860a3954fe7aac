package io.capataz.supervisor.job;

import io.capataz.common.protocol.AttemptEnd.ResultError;
import io.capataz.common.protocol.AttemptEnd.SignalSent;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import io.capataz.common.protocol.WorkOrder.FileArgument;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.task.Action;
import io.capataz.supervisor.task.DoneBy;
import io.capataz.supervisor.task.RunScript;
import io.capataz.supervisor.task.Task.OnLost;
import io.capataz.supervisor.task.Task.Retry;
import io.capataz.supervisor.task.Task.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
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
 * @param acl who may see it, besides administrators: what the task said when the job was made
 * @param state where it stands
 * @param rev grows with every write
 * @param spec what to run
 * @param provenance how it came to be
 * @param placement where and when it may be claimed
 * @param holding its current attempt
 * @param pending work recorded with it that has not been done yet
 * @param past what it has behind it
 */
@Document("jobs")
public record Job(
    @Id String id,
    String organization,
    String task,
    Acl acl,
    JobState state,
    long rev,
    Spec spec,
    Provenance provenance,
    Placement placement,
    Holding holding,
    Pending pending,
    Past past) {

  /**
   * What to run, as the task said when the job was made.
   *
   * @param taskName the task's name
   * @param taskVersion which version of the task that was
   * @param action what it does; masked values in it are sealed, see {@link JobSecrets}
   * @param timeout until SIGTERM
   * @param grace until SIGKILL
   * @param retry whether a failed attempt is followed by another
   * @param limits in which it must have a permit to run
   * @param arguments what the script is given; masked ones are sealed; in place of a file an empty
   *     string
   * @param files the arguments that are files
   * @param maskedArguments the positions of the arguments that are secrets
   * @param labels the labels of their parameters
   * @param callbackUrl where its end is reported; null: nowhere
   */
  public record Spec(
      String taskName,
      int taskVersion,
      Action action,
      Duration timeout,
      Duration grace,
      Retry retry,
      List<Limit> limits,
      List<String> arguments,
      List<GivenFile> files,
      List<Integer> maskedArguments,
      List<String> labels,
      @Nullable String callbackUrl) {
    public Spec {
      labels = List.copyOf(labels);
      limits = List.copyOf(limits);
      arguments = List.copyOf(arguments);
      files = List.copyOf(files);
      maskedArguments = List.copyOf(maskedArguments);
    }

    /** About how many bytes a caller has given. */
    long bytes() {
      return bytes(arguments, files) + action.bytes();
    }

    static long bytes(List<String> arguments, List<GivenFile> files) {
      return arguments.stream().mapToLong(String::length).sum()
          + files.stream().mapToLong(GivenFile::size).sum();
    }

    /** The script to run; only for a job that an agent runs. */
    public RunScript script() {
      return action.asScript();
    }
  }

  /**
   * How a job came to be.
   *
   * @param origin what kind of caller submitted it
   * @param by who made it, for its history
   * @param user who asked for it, as far as that is known; null for runs by a secret key
   * @param created when
   * @param once the id of the idempotency entry that it was made under; null: none
   * @param restartedFrom the job of which this is another run; null: none
   * @param keys hashes of the keys by which its result may be seen, newest last
   */
  public record Provenance(
      Origin origin,
      String by,
      @Nullable User user,
      Instant created,
      @Nullable String once,
      @Nullable String restartedFrom,
      List<String> keys) {
    public Provenance {
      keys = List.copyOf(keys);
    }

    static Provenance of(Cause cause, Instant now, @Nullable String once) {
      return new Provenance(
          cause.origin(), cause.by(), cause.user(), now, once, cause.restartedFrom(), List.of());
    }
  }

  /**
   * Where and when a job may be claimed.
   *
   * @param target the host or the pool it is for
   * @param queue where it stands while it is READY; see {@link QueueName}
   * @param priority higher is sooner
   * @param ready since when it may be claimed; decides between jobs of the same priority
   * @param due when it may be claimed, while it is SCHEDULED; also while it is HELD, if it was to
   *     be later
   * @param startBy when it expires, unless it has been claimed by then
   */
  public record Placement(
      Target target,
      String queue,
      int priority,
      Instant ready,
      @Nullable Instant due,
      @Nullable Instant startBy) {}

  /**
   * The current attempt of a job, or the last one.
   *
   * @param attempt how often the job was claimed
   * @param generation grows with each grant, and with each one that is called off before it is made
   * @param givenBack how many of its attempts never began
   * @param lease who holds it, or held it last
   * @param started when the script was reported to run
   * @param pid the script's process id on its host
   * @param silentSince since when its agent has not been heard of; only while SILENT
   * @param stop the request to end it, if there is one; the agent receives it
   */
  public record Holding(
      int attempt,
      int generation,
      int givenBack,
      @Nullable Lease lease,
      @Nullable Instant started,
      @Nullable Long pid,
      @Nullable Instant silentSince,
      @Nullable Stop stop) {

    /** A job that was never claimed. */
    static final Holding NONE = new Holding(0, 0, 0, null, null, null, null, null);
  }

  /**
   * Work recorded with a job, to be done by any supervisor.
   *
   * @param outbox what must still be announced
   * @param announced the last announcement that the broker has acknowledged
   * @param effects what must still follow from its moves
   * @param effectsDue when a sweep performs them, if nobody has; null: there are none
   * @param openFor the run that goes on after it, until the effects of its end are done; null: none
   */
  public record Pending(
      Outbox outbox,
      @Nullable Announced announced,
      List<Effect> effects,
      @Nullable Instant effectsDue,
      @Nullable String openFor) {
    public Pending {
      effects = List.copyOf(effects);
    }
  }

  /**
   * What a job has behind it.
   *
   * @param attempts those that are over, oldest first
   * @param history its moves, oldest first
   * @param ended when it came to its final state
   * @param ending how its last attempt ended
   * @param decisions what people have decided about it, oldest first
   * @param bytes about how many bytes are stored for it: what it was made with, and the output and
   *     result of each attempt that was reported
   */
  public record Past(
      List<Attempt> attempts,
      List<Moved> history,
      @Nullable Instant ended,
      @Nullable Ending ending,
      List<Decision> decisions,
      long bytes) {

    /** A job that has just been made. */
    static Past of(Spec spec) {
      return new Past(List.of(), List.of(), null, null, List.of(), spec.bytes());
    }

    public Past {
      attempts = List.copyOf(attempts);
      history = List.copyOf(history);
      decisions = decisions == null ? List.of() : List.copyOf(decisions);
    }
  }

  /**
   * What a person has decided about an approval.
   *
   * @param person who, as {@link User}
   * @param approved false: rejected
   * @param named the entries of the approvers that name them
   */
  public record Decision(
      User person, boolean approved, @Nullable String comment, List<String> named, Instant at) {
    public Decision {
      named = List.copyOf(named);
    }
  }

  /**
   * Who asked for a job.
   *
   * @param id the person's, or the token's
   * @param email the person's address; null for a program
   * @param name the person's, or the token's
   */
  public record User(String id, @Nullable String email, String name) {
    public static User of(Caller.Member member) {
      return switch (member) {
        case Caller.Person person -> new User(person.user(), person.email(), person.displayName());
        case Caller.Machine machine -> new User(machine.token(), null, machine.displayName());
        case Caller.Run run ->
            new User(run.starter().id(), run.starter().email(), run.starter().name());
      };
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
   * @param ended when its script ended; see {@link Ending#ended}
   * @param reported when that was reported, or the attempt was given up
   * @param outcome how it ended; null when it was given back or given up by force
   */
  public record Attempt(
      int number,
      String host,
      Instant granted,
      @Nullable Instant started,
      Instant ended,
      Instant reported,
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
   * @param resultError why the result of its script could not be kept; null: it was kept, there was
   *     none, or that is unknown
   * @param leftOut how many bytes of its output are not kept; null: unknown
   * @param containment what contained its processes; null: nothing did, or that is unknown
   * @param limit the limit at which the kernel killed in it, {@code memory}; null: it did not
   */
  public record Ending(
      Outcome outcome,
      @Nullable Integer exitCode,
      @Nullable Duration ran,
      List<SignalSent> signals,
      List<Survivor> survivors,
      @Nullable JsonNode result,
      @Nullable ResultError resultError,
      long stdout,
      long stderr,
      @Nullable Long leftOut,
      @Nullable String containment,
      @Nullable String limit) {
    public Ending {
      signals = List.copyOf(signals);
      survivors = List.copyOf(survivors);
    }

    /** The same, after so long. */
    public Ending lasting(Duration time) {
      return new Ending(
          outcome,
          exitCode,
          Duration.ofMillis(time.toMillis()),
          signals,
          survivors,
          result,
          resultError,
          stdout,
          stderr,
          leftOut,
          containment,
          limit);
    }

    /**
     * When its script ended. The agent reports only how long it ran, by a clock of its own.
     *
     * @return when that was reported, if nobody knows better
     */
    Instant ended(@Nullable Instant started, Instant reported) {
      if (started == null || ran == null) {
        return reported;
      }
      var ended = started.plus(ran);
      return ended.isBefore(reported) ? ended : reported;
    }

    /** How many bytes are stored for it, besides itself. */
    public long bytes() {
      return stdout + stderr + (result == null ? 0 : result.toString().length());
    }

    /** The end of an attempt of which nothing was reported. */
    public static Ending of(Outcome outcome) {
      return of(outcome, null);
    }

    /** The end of what no agent runs. */
    public static Ending of(Outcome outcome, @Nullable JsonNode result) {
      return new Ending(
          outcome, null, null, List.of(), List.of(), result, null, 0, 0, null, null, null);
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

  /** About how many bytes it has: those that callers and scripts decide about. */
  long weight() {
    var ending = ending();
    return spec.arguments().stream().mapToLong(String::length).sum()
        + spec.action().bytes()
        + (ending == null || ending.result() == null ? 0 : 2L * ending.result().toString().length())
        + 200L * (past.history().size() + past.attempts().size() + 5);
  }

  /** The host or the pool it is for. */
  public Target target() {
    return placement.target();
  }

  /** The number of its current attempt; 0: it was never claimed. */
  public int attempt() {
    return holding.attempt();
  }

  /** Who holds it, or held it last; null: it was never claimed. */
  public @Nullable Lease lease() {
    return holding.lease();
  }

  /** How its last attempt ended; null: it has not. */
  public @Nullable Ending ending() {
    return past.ending();
  }

  /** The arguments as they may be seen: of a file its name, of a secret a mask. */
  public List<String> shownArguments() {
    var shown = new ArrayList<>(spec.arguments());
    spec.files().forEach(file -> shown.set(file.place(), file.filename()));
    spec.maskedArguments().forEach(place -> shown.set(place, Parameter.MASK));
    return shown;
  }

  /** Who does its work. */
  public DoneBy doneBy() {
    return spec.action().doneBy();
  }

  /** The host on which it runs, or ran last, or will run; empty while any of a pool may take it. */
  public Optional<String> host() {
    var lease = lease();
    if (doneBy() != DoneBy.AGENT) {
      return Optional.empty();
    }
    return Optional.ofNullable(lease != null ? lease.host() : target().host());
  }

  /**
   * The attempt whose output is the job's: the current one or the last there was; 0: there was
   * none. It is not the current number where a fence was raised behind an attempt that was given
   * up.
   */
  public int shownAttempt() {
    return state.isFinal() && !past.attempts().isEmpty()
        ? past.attempts().getLast().number()
        : attempt();
  }

  /** The pool it is for; empty if it is for one host. */
  public Optional<String> pool() {
    return Optional.ofNullable(target().pool());
  }

  /**
   * Whether another attempt follows one that ended like this. What the host's policy refuses it
   * will refuse again; whether a script that may have run is run again is the task's decision.
   */
  boolean isRetriedAfter(Outcome outcome) {
    return hasAttemptsLeft()
        && switch (outcome) {
          case Outcome.ExitedWith _,
              Outcome.TimedOut _,
              Outcome.Killed _,
              Outcome.Interrupted _,
              Outcome.CouldNotStart _,
              Outcome.Failed _ ->
              true;
          case Outcome.Lost _ -> spec.retry().onLost() == OnLost.RETRY;
          case Outcome.Succeeded _, Outcome.Refused _, Outcome.Rejected _, Outcome.Canceled _ ->
              false;
        };
  }

  private boolean hasAttemptsLeft() {
    return attempt() - holding.givenBack() < spec.retry().maxAttempts();
  }

  /** Whether a success may still be reported for its last attempt, because no other has begun. */
  public boolean mayEndLate() {
    return JobMove.SUCCEED_LATE.from().contains(state)
        && past.ending() != null
        && past.ending().outcome() instanceof Outcome.Lost;
  }

  /** The fence of the current attempt; only a job that was claimed has one. */
  public Fence fence() {
    return Fence.of(id, attempt(), granted().claim());
  }

  /** The lease of the current attempt; only a job that was claimed has one. */
  public Lease granted() {
    var lease = lease();
    if (lease == null) {
      throw new IllegalStateException("Job " + id + " was never claimed and has no lease.");
    }
    return lease;
  }
}
