package io.capataz.supervisor.schedule;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.supervisor.parameter.Parameter;
import io.capataz.supervisor.run.Startable;
import io.capataz.supervisor.schedule.Schedule.Target;
import io.capataz.supervisor.schedule.Schedule.Tick;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * A schedule in a response: a row of seed 004's system, and what is ours beside it.
 *
 * @param name {@code task}, {@code workflow} or {@code fleet}: what it starts
 * @param targetName the name of that task or workflow, or of the task of a fleet run
 * @param taskArguments what each start is given; a mask for a masked one
 * @param pause missing if it is not paused
 * @param skips instants that are passed over
 * @param recent the last 100 instants with what came of them, oldest first
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ScheduleView(
    String id,
    String name,
    String targetName,
    @Nullable String description,
    @JsonUnwrapped Row row,
    @JsonUnwrapped When when,
    List<JsonNode> taskArguments,
    @Nullable PauseView pause,
    List<Instant> skips,
    List<TickView> recent,
    int version,
    @JsonUnwrapped Dates dates) {

  /**
   * The fields of seed 004's system.
   *
   * @param nextRunAt missing: there is none
   * @param repeatInterval the cron expression
   * @param disabled whether it is paused
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      @JsonProperty("_id") String rowId,
      RowTarget data,
      @JsonProperty("nextRunAt") @Nullable Instant nextRunAt,
      @JsonProperty("lastRunAt") @Nullable Instant lastRunAt,
      @JsonProperty("repeatInterval") @Nullable String repeatInterval,
      @JsonProperty("repeatTimezone") String repeatTimezone,
      boolean disabled) {}

  /**
   * What seed 004's system keeps with a schedule.
   *
   * @param fleetId a fleet run that is repeated
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RowTarget(
      @Nullable String taskId,
      @Nullable String workflowId,
      @Nullable String fleetId,
      String customerName,
      @JsonProperty("scheduleData") RowTimes scheduleData) {}

  /** When, in the words of seed 004's system. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record RowTimes(
      @JsonProperty("runDate") @Nullable Instant runDate,
      @JsonProperty("repeatEvery") @Nullable String repeatEvery,
      String timezone) {}

  /**
   * When.
   *
   * @param every seconds
   * @param at the first instant, or the only one
   * @param overlap {@code skip}, {@code queue} or {@code cancel}
   * @param missed {@code skip}, {@code once} or {@code all}
   * @param missedLimit how many missed ones are started at most
   * @param horizon how many seconds late one may be to be started at all
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record When(
      @Nullable String cron,
      @Nullable Long every,
      @Nullable Instant at,
      String zone,
      @Nullable Instant from,
      @Nullable Instant until,
      String overlap,
      String missed,
      int missedLimit,
      long horizon) {
    static When of(Schedule schedule) {
      var timing = schedule.timing();
      var policy = schedule.policy();
      return new When(
          timing.cron(),
          timing.every() == null ? null : timing.every().toSeconds(),
          timing.at(),
          timing.zone(),
          timing.from(),
          timing.until(),
          ScheduleFields.lower(policy.overlap()),
          ScheduleFields.lower(policy.missed()),
          policy.limit(),
          policy.horizon().toSeconds());
    }
  }

  /**
   * A pause.
   *
   * @param until when it ends by itself; missing: when somebody resumes the schedule
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record PauseView(String by, Instant since, @Nullable Instant until, @Nullable String note) {}

  /**
   * An instant and what came of it.
   *
   * @param came {@code started}, {@code skipped}, {@code missed} or {@code failed}
   * @param jobId the job, or the run of a workflow, that was started
   * @param late how many seconds after the instant this was decided
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record TickView(
      Instant at, String came, @Nullable String jobId, @Nullable String reason, double late) {
    static TickView of(Tick tick) {
      return new TickView(
          tick.at(),
          ScheduleFields.lower(tick.came()),
          tick.start(),
          tick.reason(),
          Duration.between(tick.at(), tick.noted()).toMillis() / 1000.0);
    }
  }

  /** Since when it is as it is. */
  record Dates(Instant creationDate, Instant lastUpdate, String updatedBy) {}

  static ScheduleView of(Schedule schedule, Startable what, List<JsonNode> arguments) {
    var course = schedule.course();
    var pause = course.pause();
    var revision = schedule.revision();
    return new ScheduleView(
        schedule.id(),
        schedule.target().kind(),
        what.name(),
        schedule.description(),
        row(schedule),
        When.of(schedule),
        masked(arguments, what.parameters()),
        pause == null
            ? null
            : new PauseView(pause.by(), pause.since(), pause.until(), pause.note()),
        course.skips(),
        course.recent().stream().map(TickView::of).toList(),
        revision.version(),
        new Dates(revision.created(), revision.updated(), revision.by()));
  }

  private static Row row(Schedule schedule) {
    var target = schedule.target();
    var timing = schedule.timing();
    var course = schedule.course();
    return new Row(
        schedule.id(),
        new RowTarget(
            of("task", target),
            of("workflow", target),
            of("fleet", target),
            schedule.organization(),
            new RowTimes(timing.at(), timing.cron(), timing.zone())),
        course.pause() == null ? course.next() : null,
        course.last(),
        timing.cron(),
        timing.zone(),
        course.pause() != null);
  }

  private static @Nullable String of(String kind, Target target) {
    return target.kind().equals(kind) ? target.id() : null;
  }

  private static List<JsonNode> masked(List<JsonNode> arguments, List<Parameter> parameters) {
    var taking = parameters.stream().filter(it -> it.kind() != Parameter.Kind.FIXED).toList();
    return IntStream.range(0, arguments.size())
        .mapToObj(
            i ->
                i < taking.size() && taking.get(i).masked()
                    ? JsonNodeFactory.instance.stringNode(Parameter.MASK)
                    : arguments.get(i))
        .map(JsonNode.class::cast)
        .toList();
  }
}
