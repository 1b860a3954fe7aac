package io.capataz.supervisor.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.supervisor.parameter.Parameter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a task or a job does that runs no script; at most one of these. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ActionView(
    @JsonUnwrapped @Nullable Approval approval,
    @JsonUnwrapped @Nullable Input input,
    @JsonUnwrapped @Nullable Waiting waiting,
    @JsonUnwrapped @Nullable Http http,
    @JsonUnwrapped @Nullable Notification notification) {

  private static final ActionView NONE = new ActionView(null, null, null, null, null);

  /**
   * An approval.
   *
   * @param approvers roles, e-mail addresses, ids of members and tags
   * @param approvalsTarget {@code initiator}: whoever started the job decides, too; {@code fixed}
   * @param approvalsRequired {@code one}, {@code all} or a number
   * @param selfApproval whether whoever started the job may decide
   * @param deadline seconds
   * @param onLapse what it counts as after that
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Approval(
      List<String> approvers,
      String approvalsTarget,
      Object approvalsRequired,
      boolean selfApproval,
      @Nullable Long deadline,
      @Nullable String onLapse,
      @Nullable String successLabel,
      @Nullable String failureLabel) {
    static Approval of(Approve approve) {
      return new Approval(
          approve.approvers().entries(),
          approve.byStarter() ? "initiator" : "fixed",
          approve.quorum().wire(),
          approve.selfApproval(),
          seconds(approve.deadline()),
          approve.deadline() == null ? null : approve.lapse().name().toLowerCase(Locale.ROOT),
          approve.labels().approve(),
          approve.labels().reject());
    }
  }

  /**
   * An input.
   *
   * @param userInputs whether somebody is asked
   * @param userInputsMembers who: roles, e-mail addresses, ids of members and tags; empty: whoever
   *     may see the job
   * @param deadline seconds
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Input(boolean userInputs, List<String> userInputsMembers, @Nullable Long deadline) {
    static Input of(AskInput input) {
      return new Input(input.asks(), input.people().entries(), seconds(input.deadline()));
    }
  }

  /**
   * A wait.
   *
   * @param waitFor seconds from when the job is made
   * @param waitUntil the instant that it waits for
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Waiting(@Nullable Long waitFor, @Nullable Instant waitUntil) {
    static Waiting of(Wait wait) {
      return new Waiting(seconds(wait.duration()), wait.until());
    }
  }

  /**
   * An HTTP call.
   *
   * @param headers masked values are not shown
   * @param maskedHeaders the names of the headers whose values are secrets
   * @param statusCode the pattern of a status that is a success; absent: 200 to 299
   * @param parser {@code pattern}, if there is one
   * @param pattern what must be found in the body
   * @param registerBody whether the body of the response becomes part of the result
   * @param maxRedirects how many redirects are followed
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Http(
      String url,
      String method,
      Map<String, String> headers,
      List<String> maskedHeaders,
      @Nullable String body,
      @Nullable String statusCode,
      @Nullable String parser,
      @Nullable String pattern,
      boolean registerBody,
      int maxRedirects) {
    static Http of(CallHttp call) {
      return new Http(
          call.url(),
          call.method(),
          Parameter.masked(call.headers(), call.maskedHeaders()),
          call.maskedHeaders(),
          call.body(),
          call.expected().status(),
          call.expected().pattern() == null ? null : "pattern",
          call.expected().pattern(),
          call.keepBody(),
          call.redirects());
    }
  }

  /**
   * A notification.
   *
   * @param recipients roles, e-mail addresses, ids of members and tags
   * @param webhookUrl where it is posted to
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Notification(
      String subject,
      String body,
      List<String> recipients,
      @JsonProperty("notificationTypes") Types types,
      @Nullable String webhookUrl) {
    static Notification of(Notify notify) {
      var channels = notify.channels();
      return new Notification(
          notify.subject(),
          notify.body(),
          notify.recipients().entries(),
          new Types(channels.email(), channels.inbox()),
          channels.webhook());
    }
  }

  /**
   * How people are notified.
   *
   * @param desktop by an entry in their inbox
   */
  public record Types(boolean email, boolean desktop) {}

  private static @Nullable Long seconds(@Nullable Duration duration) {
    return duration == null ? null : duration.toSeconds();
  }

  public static ActionView of(Action action) {
    return switch (action) {
      case RunScript _ -> NONE;
      case Approve approve -> new ActionView(Approval.of(approve), null, null, null, null);
      case AskInput input -> new ActionView(null, Input.of(input), null, null, null);
      case Wait wait -> new ActionView(null, null, Waiting.of(wait), null, null);
      case CallHttp call -> new ActionView(null, null, null, Http.of(call), null);
      case Notify notify -> new ActionView(null, null, null, null, Notification.of(notify));
    };
  }
}
