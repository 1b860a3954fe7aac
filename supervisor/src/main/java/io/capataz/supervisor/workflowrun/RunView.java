package io.capataz.supervisor.workflowrun;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.supervisor.job.Job.User;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run in a response.
 *
 * @param state {@code in_progress}, {@code success}, {@code failure}, {@code timeout} or {@code
 *     canceled}
 * @param lifecycle {@code started}, or {@code finished}, {@code terminated} (its time was up) or
 *     {@code canceled}
 * @param output of the step that ended last; only of a run that has ended
 * @param parent the run of which it is a step
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record RunView(
    String id,
    @JsonProperty("_type") String className,
    String name,
    String workflowId,
    int workflowVersion,
    String state,
    String lifecycle,
    @JsonUnwrapped Asked asked,
    List<String> acl,
    @Nullable Instant ended,
    @Nullable List<String> output,
    @Nullable String parent) {

  /**
   * Who asked for it.
   *
   * @param triggeredBy what an event has started it for: the job or run that ended, or the webhook
   * @param user empty for runs by secret key
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Asked(
      String customerName,
      String origin,
      @Nullable String triggeredBy,
      Instant creationDate,
      UserView user) {
    static Asked of(WorkflowRun run) {
      var asked = run.asked();
      return new Asked(
          run.organization(),
          asked.word(),
          asked.depth() != null && run.parent() == null ? asked.reference() : null,
          asked.created(),
          UserView.of(asked.user()));
    }
  }

  /** A person, or a program by its token. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record UserView(@Nullable String id, @Nullable String email) {
    static UserView of(@Nullable User user) {
      return user == null ? new UserView(null, null) : new UserView(user.id(), user.email());
    }
  }

  static RunView of(WorkflowRun run, RunOutcome outcome) {
    var state = run.isClosed() ? outcome.state() : "in_progress";
    var parent = run.parent();
    return new RunView(
        run.id(),
        "WorkflowJob",
        run.name(),
        run.workflow(),
        run.version(),
        state,
        lifecycle(state),
        Asked.of(run),
        run.acl().entries(),
        run.course().closed(),
        run.isClosed() ? outcome.output() : null,
        parent == null ? null : parent.run());
  }

  private static String lifecycle(String state) {
    return switch (state) {
      case "in_progress" -> "started";
      case "timeout" -> "terminated";
      case "canceled" -> "canceled";
      default -> "finished";
    };
  }
}
