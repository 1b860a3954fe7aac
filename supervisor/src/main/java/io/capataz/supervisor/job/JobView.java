package io.capataz.supervisor.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import io.capataz.common.protocol.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A job in a response: the fields of seed 004's system first, then ours. Times are instants,
 * durations are in seconds.
 *
 * @param lifecycle and {@code state}: the state of the job in the words of seed 004's clients; see
 *     {@link Wire}
 * @param status the state in our own words
 * @param taskVersion the version of the task it was created from
 * @param host with its name; only when jobs are viewed, not in the response to a run
 * @param taskArgumentsValues the arguments of the script; the name of a file, a mask for a masked
 *     value
 * @param files the arguments that are files
 * @param user who requested it
 * @param order always 0: the number of a workflow run in seed 004's system
 * @param acl who may see it, besides administrators
 * @param env masked values are not shown
 * @param showResult always false: whether a user interface should open the result automatically
 * @param restartedFrom the job that this one restarts
 * @param announced the position of its last announcement on Kafka
 * @param heard how the agent learned about it
 * @param notBefore while it waits for its start: when it can be claimed, because of its start time
 *     or the delay before another attempt
 * @param startBy when it expires if it has not been claimed
 * @param containment what contained its processes, such as {@code cgroup-v2}
 * @param limit {@code memory}, if the kernel killed one of its processes for exceeding the task's
 *     limit
 * @param output what it returned, as strings for another task's arguments; see {@link ScriptOutput}
 * @param leftOut how many bytes of its output on both streams were not kept
 * @param why what it waits for; only while it waits, and only when a single job is viewed
 * @param attempts earlier attempts, oldest first
 * @param stopAsked when its end was requested
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobView(
    String id,
    @JsonProperty("_type") String className,
    String name,
    String state,
    String lifecycle,
    String status,
    String customerName,
    String taskId,
    @Nullable Integer taskVersion,
    TaskOf task,
    @Nullable String hostId,
    @Nullable HostOf host,
    @Nullable String pool,
    List<String> taskArgumentsValues,
    List<File> files,
    String origin,
    UserOf user,
    int order,
    List<String> acl,
    String scriptId,
    @Nullable String scriptRunas,
    Map<String, String> env,
    boolean showResult,
    @Nullable String restartedFrom,
    long timeout,
    long grace,
    int priority,
    @Nullable Instant notBefore,
    @Nullable Instant startBy,
    int maxAttempts,
    Instant creationDate,
    Instant lastUpdate,
    int attempt,
    @Nullable Announcement announced,
    @Nullable String heard,
    @Nullable Instant assigned,
    @Nullable Instant stopAsked,
    @Nullable Instant started,
    @Nullable Long pid,
    @Nullable Instant ended,
    @Nullable Double duration,
    @Nullable Integer exitCode,
    @Nullable Outcome outcome,
    List<Signal> signals,
    List<Survivor> survivors,
    @Nullable String containment,
    @Nullable String limit,
    @Nullable JsonNode result,
    @Nullable List<String> output,
    long stdoutBytes,
    long stderrBytes,
    @Nullable Long leftOut,
    @Nullable Why why,
    List<Past> attempts,
    List<Step> history) {

  /** A job's task, as seed 004's system embeds it. */
  record TaskOf(String id, @JsonProperty("_type") String className, String type) {}

  /** A job's host. */
  record HostOf(String id, String hostname) {}

  /**
   * Who requested a job; empty for runs by secret key.
   *
   * @param username the address, or {@code token:} and an id
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record UserOf(@Nullable String id, @Nullable String username, @Nullable String email) {
    public static UserOf of(Job job) {
      var user = job.user();
      if (user == null) {
        return new UserOf(null, null, null);
      }
      var name = user.email() == null ? "token:" + user.id() : user.email();
      return new UserOf(user.id(), name, user.email());
    }
  }

  /**
   * An attempt that has ended.
   *
   * @param started when its script was reported as running; absent if it never was
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Past(
      int attempt,
      String hostId,
      Instant assigned,
      @Nullable Instant started,
      Instant ended,
      @Nullable Outcome outcome,
      @Nullable Integer exitCode) {}

  /**
   * An argument that is a file.
   *
   * @param argument index of the argument, from 0
   * @param size bytes
   */
  record File(int argument, String filename, int size) {}

  /** The position of an announcement on Kafka. */
  record Announcement(String topic, int partition, long offset, Instant at) {}

  /**
   * A signal the agent sent.
   *
   * @param after seconds from the start of the script
   */
  record Signal(String signal, double after, String why) {}

  /** A move the job has made. */
  record Step(String move, String state, Instant at, String by) {}

  public static JobView of(Job job) {
    return of(job, null, null);
  }

  public static JobView of(Job job, @Nullable HostOf host, @Nullable Why why) {
    var wire = Wire.of(job);
    var lease = job.lease();
    var ending = job.ending();
    var announced = job.announced();
    var arguments = job.shownArguments();
    return new JobView(
        job.id(),
        "ScriptJob",
        job.spec().taskName(),
        wire.state(),
        wire.lifecycle(),
        lower(job.state()),
        job.organization(),
        job.task(),
        job.spec().taskVersion(),
        new TaskOf(job.task(), "ScriptTask", "script"),
        job.host().orElse(null),
        host,
        job.pool().orElse(null),
        arguments,
        job.files().stream()
            .map(file -> new File(file.place(), arguments.get(file.place()), file.size()))
            .toList(),
        lower(job.origin()),
        UserOf.of(job),
        0,
        job.acl().entries(),
        job.spec().script(),
        job.spec().runAs(),
        job.shownVariables(),
        false,
        job.restartedFrom(),
        job.spec().timeout().toSeconds(),
        job.spec().grace().toSeconds(),
        job.priority(),
        job.due(),
        job.startBy(),
        job.spec().retry().maxAttempts(),
        job.created(),
        job.history().isEmpty() ? job.created() : job.history().getLast().at(),
        job.attempt(),
        announced == null
            ? null
            : new Announcement(
                announced.topic(), announced.partition(), announced.offset(), announced.at()),
        lease == null ? null : lower(lease.heard()),
        lease == null ? null : lease.granted(),
        job.stop() == null ? null : job.stop().at(),
        job.started(),
        job.pid(),
        job.ended(),
        ending == null || ending.ran() == null ? null : seconds(ending.ran()),
        ending == null ? null : ending.exitCode(),
        ending == null ? null : ending.outcome(),
        ending == null
            ? List.of()
            : ending.signals().stream()
                .map(s -> new Signal(s.signal(), seconds(s.after()), lower(s.why())))
                .toList(),
        ending == null ? List.of() : ending.survivors(),
        ending == null ? null : ending.containment(),
        ending == null ? null : ending.limit(),
        ending == null ? null : ending.result(),
        ending == null || ending.result() == null ? null : ScriptOutput.of(ending.result()),
        ending == null ? 0 : ending.stdout(),
        ending == null ? 0 : ending.stderr(),
        ending == null ? null : ending.leftOut(),
        why,
        job.attempts().stream()
            .map(
                a ->
                    new Past(
                        a.number(),
                        a.host(),
                        a.granted(),
                        a.started(),
                        a.ended(),
                        a.outcome(),
                        a.exitCode()))
            .toList(),
        job.history().stream()
            .map(m -> new Step(lower(m.move()), lower(m.state()), m.at(), m.by()))
            .toList());
  }

  public static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  public static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** Seed 004's two words for the state of a job; the table of our design. */
  record Wire(String lifecycle, String state) {
    public static Wire of(Job job) {
      return switch (job.state()) {
        case HELD -> new Wire("onhold", "in_progress");
        case SCHEDULED, READY -> new Wire("ready", "in_progress");
        case ASSIGNED, RUNNING, SILENT -> new Wire("assigned", "in_progress");
        case SUCCEEDED -> new Wire("finished", "success");
        case FAILED -> ofFailure(job.ending());
        case CANCELED -> new Wire(job.attempt() == 0 ? "canceled" : "terminated", "canceled");
        case EXPIRED -> new Wire("expired", "error");
      };
    }

    private static Wire ofFailure(Job.@Nullable Ending ending) {
      if (ending == null) {
        return new Wire("terminated", "error");
      }
      return switch (ending.outcome()) {
        case Outcome.ExitedWith _, Outcome.Succeeded _ -> new Wire("finished", "failure");
        case Outcome.TimedOut _ -> new Wire("terminated", "timeout");
        case Outcome.Killed _,
            Outcome.CouldNotStart _,
            Outcome.Refused _,
            Outcome.Lost _,
            Outcome.Canceled _ ->
            new Wire("terminated", "error");
      };
    }
  }
}
