package io.capataz.supervisor.job;

import io.capataz.common.protocol.AttemptEnd.SignalSent;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import io.capataz.common.protocol.Claim;
import io.capataz.common.protocol.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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
 * @param host the id of the host it is for
 * @param state where it stands
 * @param rev grows with every write
 * @param attempt how often it was claimed
 * @param spec what to run, as the task said when the job was made
 * @param arguments what the script is given
 * @param origin how it came to be
 * @param by who made it
 * @param created when
 * @param ready since when it may be claimed; the order in which it is
 * @param wake what must still be announced; null when nothing
 * @param announced the last announcement that the broker has acknowledged
 * @param lease who holds it, or held it last
 * @param started when the script was reported to run
 * @param silentSince since when its agent has not been heard of; only while SILENT
 * @param stop that somebody wants it to end; the agent is told
 * @param ended when it came to its final state
 * @param ending how its last attempt ended
 * @param history its moves, oldest first
 */
@Document("jobs")
public record Job(
    @Id String id,
    String organization,
    String task,
    String host,
    JobState state,
    long rev,
    int attempt,
    Spec spec,
    List<String> arguments,
    Origin origin,
    String by,
    Instant created,
    Instant ready,
    @Nullable Wake wake,
    @Nullable Announced announced,
    @Nullable Lease lease,
    @Nullable Instant started,
    @Nullable Instant silentSince,
    @Nullable Stop stop,
    @Nullable Long pid,
    @Nullable Instant ended,
    @Nullable Ending ending,
    List<Moved> history) {

  public Job {
    arguments = List.copyOf(arguments);
    history = List.copyOf(history);
  }

  /** How a job came to be. */
  public enum Origin {
    /** By a person's or a program's token. */
    USER,
    /** By the task's secret key. */
    SECRET
  }

  /**
   * What to run.
   *
   * @param taskName the task's name
   * @param script the script's id
   * @param environment variables
   * @param timeout until SIGTERM
   * @param grace until SIGKILL
   */
  public record Spec(
      String taskName,
      String script,
      Map<String, String> environment,
      Duration timeout,
      Duration grace) {
    public Spec {
      environment = Map.copyOf(environment);
    }
  }

  /**
   * An announcement that is still to be made.
   *
   * @param at when to make it (again)
   * @param seq which one it is, from 1
   */
  public record Wake(Instant at, long seq) {}

  /** Where an announcement was written. */
  public record Announced(String topic, int partition, long offset, Instant at) {}

  /**
   * An attempt in an agent's hands.
   *
   * @param agent the agent's id
   * @param epoch the agent's session in which it was claimed
   * @param claim the claim id, known to that agent alone
   * @param granted when
   * @param heard how the agent came to ask
   */
  public record Lease(String agent, long epoch, String claim, Instant granted, Claim.Heard heard) {}

  /** How an attempt ended, as its agent reported it; see {@code AttemptEnd}. */
  public record Ending(
      Outcome outcome,
      @Nullable Integer exitCode,
      @Nullable Duration ran,
      List<SignalSent> signals,
      List<Survivor> survivors,
      @Nullable JsonNode result,
      long stdout,
      long stderr) {
    public Ending {
      signals = List.copyOf(signals);
      survivors = List.copyOf(survivors);
    }

    /** The end of an attempt of which nothing was reported. */
    public static Ending of(Outcome outcome) {
      return new Ending(outcome, null, null, List.of(), List.of(), null, 0, 0);
    }
  }

  /** A wish that a job under way should end. */
  public record Stop(Instant at, String by) {}

  /** A move that was made. */
  public record Moved(JobMove move, JobState state, Instant at, String by) {}

  /** The fence of the current attempt; only a job that was claimed has one. */
  public Fence fence() {
    if (lease == null) {
      throw new IllegalStateException("Job " + id + " was never claimed and has no fence.");
    }
    return Fence.of(id, attempt, lease.claim());
  }
}
