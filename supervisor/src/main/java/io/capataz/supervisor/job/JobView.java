package io.capataz.supervisor.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.common.protocol.AttemptEnd.ResultError;
import io.capataz.common.protocol.AttemptEnd.Survivor;
import io.capataz.common.protocol.Outcome;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.task.ActionView;
import io.capataz.supervisor.task.Approve;
import io.capataz.supervisor.task.DoneBy;
import io.capataz.supervisor.task.RunScript;
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
 * @param approvals what people have decided about it; only of an approval
 * @param why what it waits for; only while it waits, and only when a single job is viewed
 * @param attempts earlier attempts, oldest first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record JobView(
    @JsonUnwrapped Identity identity,
    @JsonUnwrapped Place place,
    @JsonUnwrapped Request request,
    @JsonUnwrapped Settings settings,
    @JsonUnwrapped ActionView action,
    @Nullable List<Approval> approvals,
    @JsonUnwrapped Course course,
    @JsonUnwrapped End end,
    @Nullable Why why,
    List<Past> attempts,
    List<Step> history) {

  /**
   * What it is, and where it stands.
   *
   * @param lifecycle and {@code state}: the state of the job in the words of seed 004's clients;
   *     see {@link WireState}
   * @param status the state in our own words
   * @param taskVersion the version of the task it was created from
   */
  record Identity(
      String id,
      @JsonProperty("_type") String className,
      String name,
      String state,
      String lifecycle,
      String status,
      String customerName,
      String taskId,
      int taskVersion,
      TaskOf task) {
    static Identity of(Job job) {
      var state = WireState.of(job);
      return new Identity(
          job.id(),
          job.spec().action().kind().jobClass(),
          job.spec().taskName(),
          state.state(),
          state.lifecycle(),
          state.statusWord(),
          job.organization(),
          job.task(),
          job.spec().taskVersion(),
          TaskOf.of(job));
    }
  }

  /**
   * Where it runs.
   *
   * @param host with its name; only when jobs are viewed, not in the response to a run
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Place(@Nullable String hostId, @Nullable HostOf host, @Nullable String pool) {}

  /**
   * Who requested it, with which arguments.
   *
   * @param taskArgumentsValues the arguments of the script; the name of a file, a mask for a masked
   *     value
   * @param files the arguments that are files
   * @param triggeredBy what an event has started it for: the job or run that ended, or the webhook;
   *     or the job that has called it
   * @param user who requested it
   * @param order always 0: the number of a workflow run in seed 004's system
   * @param acl who may see it, besides administrators
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Request(
      List<String> taskArgumentsValues,
      List<File> files,
      String origin,
      @Nullable String triggeredBy,
      UserOf user,
      int order,
      List<String> acl) {
    static Request of(Job job) {
      var arguments = job.shownArguments();
      return new Request(
          arguments,
          job.spec().files().stream()
              .map(file -> new File(file.place(), arguments.get(file.place()), file.size()))
              .toList(),
          job.provenance().origin().word(),
          triggeredBy(job.provenance().origin()),
          UserOf.of(job),
          0,
          job.acl().entries());
    }

    private static @Nullable String triggeredBy(Origin origin) {
      return origin.depth() != null && origin.position() == null ? origin.reference() : null;
    }
  }

  /**
   * What its task says.
   *
   * @param scriptId only of a job that runs a script, and so is {@code env}
   * @param env masked values are not shown
   * @param showResult always false: whether a user interface should open the result automatically
   * @param restartedFrom the job that this one restarts
   * @param notBefore while it waits for its start: when it can be claimed, because of its start
   *     time or the delay before another attempt
   * @param startBy when it expires if it has not been claimed
   * @param callbackUrl where its end is reported
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Settings(
      @Nullable String scriptId,
      @Nullable String scriptRunas,
      @Nullable Map<String, String> env,
      boolean showResult,
      @Nullable String restartedFrom,
      long timeout,
      long grace,
      int priority,
      @Nullable Instant notBefore,
      @Nullable Instant startBy,
      int maxAttempts,
      @Nullable String callbackUrl) {
    static Settings of(Job job) {
      var spec = job.spec();
      var placement = job.placement();
      var script = spec.action().runScript();
      return new Settings(
          script.map(RunScript::script).orElse(null),
          script.map(RunScript::runAs).orElse(null),
          script.map(it -> Parameter.masked(it.environment(), it.maskedVariables())).orElse(null),
          false,
          job.provenance().restartedFrom(),
          spec.timeout().toSeconds(),
          spec.grace().toSeconds(),
          placement.priority(),
          placement.due(),
          placement.startBy(),
          spec.retry().maxAttempts(),
          spec.callbackUrl());
    }
  }

  /**
   * What has happened to it.
   *
   * @param announced the position of its last announcement on Kafka
   * @param heard how the agent learned about it
   * @param stopAsked when its end was requested
   * @param ended when the script ended: when it was reported as running, and how long it ran. Of a
   *     job without these, when it was reported
   * @param reported when the end was reported, or decided here
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Course(
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
      @Nullable Instant reported,
      @Nullable Double duration) {
    static Course of(Job job) {
      var created = job.provenance().created();
      var history = job.past().history();
      var holding = job.holding();
      var lease = holding.lease();
      var ending = job.ending();
      var reported = job.past().ended();
      return new Course(
          created,
          history.isEmpty() ? created : history.getLast().at(),
          holding.attempt(),
          Announcement.of(job.pending().announced()),
          lease == null ? null : lower(lease.heard()),
          lease == null ? null : lease.granted(),
          holding.stop() == null ? null : holding.stop().at(),
          holding.started(),
          holding.pid(),
          ending == null || reported == null ? reported : ending.ended(holding.started(), reported),
          reported,
          ending == null || ending.ran() == null ? null : seconds(ending.ran()));
    }
  }

  /**
   * How it ended.
   *
   * @param containment what contained its processes, such as {@code cgroup-v2}
   * @param limit {@code memory}, if the kernel killed one of its processes for exceeding the task's
   *     limit
   * @param resultError why there is no result although the script returned something: {@code
   *     too_large}, {@code not_json}
   * @param output what it returned, as strings for another task's arguments; see {@link
   *     ScriptOutput}
   * @param leftOut how many bytes of its output on both streams were not kept
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record End(
      @Nullable Integer exitCode,
      @Nullable Outcome outcome,
      List<Signal> signals,
      List<Survivor> survivors,
      @Nullable String containment,
      @Nullable String limit,
      @Nullable JsonNode result,
      @Nullable ResultError resultError,
      @Nullable List<String> output,
      long stdoutBytes,
      long stderrBytes,
      @Nullable Long leftOut) {
    private static final End NONE =
        new End(null, null, List.of(), List.of(), null, null, null, null, null, 0, 0, null);

    static End of(Job.@Nullable Ending ending) {
      if (ending == null) {
        return NONE;
      }
      var result = ending.result();
      return new End(
          ending.exitCode(),
          ending.outcome(),
          ending.signals().stream()
              .map(s -> new Signal(s.signal(), seconds(s.after()), lower(s.why())))
              .toList(),
          ending.survivors(),
          ending.containment(),
          ending.limit(),
          result,
          ending.resultError(),
          result == null ? null : ScriptOutput.of(result),
          ending.stdout(),
          ending.stderr(),
          ending.leftOut());
    }
  }

  /**
   * What a person has decided about an approval.
   *
   * @param decision {@code approved} or {@code rejected}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Approval(
      @JsonUnwrapped UserOf user, String decision, @Nullable String comment, Instant at) {
    static @Nullable List<Approval> of(Job job) {
      return job.spec().action() instanceof Approve
          ? job.past().decisions().stream()
              .map(
                  made ->
                      new Approval(
                          UserOf.of(made.person()),
                          made.approved() ? "approved" : "rejected",
                          made.comment(),
                          made.at()))
              .toList()
          : null;
    }
  }

  /** A job's task, as seed 004's system embeds it. */
  record TaskOf(String id, @JsonProperty("_type") String className, String type) {
    static TaskOf of(Job job) {
      var kind = job.spec().action().kind();
      return new TaskOf(job.task(), kind.taskClass(), kind.type());
    }
  }

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
      return of(job.provenance().user());
    }

    static UserOf of(Job.@Nullable User user) {
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
   * @param ended when its script ended: when it was reported as running, and how long it ran. Of an
   *     attempt without these, when its end was reported
   * @param reported when its end was reported, or decided here
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Past(
      int attempt,
      @Nullable String hostId,
      Instant assigned,
      @Nullable Instant started,
      Instant ended,
      Instant reported,
      @Nullable Outcome outcome,
      @Nullable Integer exitCode) {
    static Past of(Job job, Job.Attempt past) {
      return new Past(
          past.number(),
          job.doneBy() == DoneBy.AGENT ? past.host() : null,
          past.granted(),
          past.started(),
          past.ended(),
          past.reported(),
          past.outcome(),
          past.exitCode());
    }
  }

  /**
   * An argument that is a file.
   *
   * @param argument index of the argument, from 0
   * @param size bytes
   */
  record File(int argument, String filename, int size) {}

  /** The position of an announcement on Kafka. */
  record Announcement(String topic, int partition, long offset, Instant at) {
    static @Nullable Announcement of(Job.@Nullable Announced made) {
      return made == null
          ? null
          : new Announcement(made.topic(), made.partition(), made.offset(), made.at());
    }
  }

  /**
   * A signal the agent sent.
   *
   * @param after seconds from the start of the script
   */
  record Signal(String signal, double after, String why) {}

  /** A move the job has made. */
  record Step(String move, String state, Instant at, String by) {
    static Step of(Job.Moved made) {
      return new Step(lower(made.move()), lower(made.state()), made.at(), made.by());
    }
  }

  public static JobView of(Job job) {
    return of(job, null, null);
  }

  public static JobView of(Job job, @Nullable HostOf host, @Nullable Why why) {
    return new JobView(
        Identity.of(job),
        new Place(job.host().orElse(null), host, job.pool().orElse(null)),
        Request.of(job),
        Settings.of(job),
        ActionView.of(job.spec().action()),
        Approval.of(job),
        Course.of(job),
        End.of(job.ending()),
        why,
        job.past().attempts().stream().map(past -> Past.of(job, past)).toList(),
        job.past().history().stream().map(Step::of).toList());
  }

  public static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  public static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
