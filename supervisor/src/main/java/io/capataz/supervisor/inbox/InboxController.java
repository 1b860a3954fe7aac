package io.capataz.supervisor.inbox;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.job.HeldJobs;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.job.JobView;
import io.capataz.supervisor.notification.InboxEntries;
import io.capataz.supervisor.notification.InboxEntry;
import io.capataz.supervisor.task.Approve;
import io.capataz.supervisor.task.AskInput;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.FieldReader;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** What waits for the caller. Deciding is done by the routes of the jobs themselves. */
@RestController
class InboxController {

  private static final int MOST = 200;

  private static final int LONGEST_ID = 100;

  private final HeldJobs held;
  private final InboxEntries entries;

  InboxController(HeldJobs held, InboxEntries entries) {
    this.held = held;
    this.entries = entries;
  }

  /**
   * What waits for the caller, newest first, at most 200 of each.
   *
   * @param approvals jobs that the caller may approve or reject, and has not
   * @param inputs jobs that the caller may give their arguments
   * @param notifications what the caller was notified of
   */
  record InboxView(
      List<JobView> approvals, List<JobView> inputs, List<NotificationView> notifications) {}

  /**
   * A notification.
   *
   * @param jobId the job that sent it
   * @param read when it was marked as read; absent if it was not
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record NotificationView(
      String id, String jobId, String subject, String body, Instant at, @Nullable Instant read) {
    static NotificationView of(InboxEntry entry) {
      return new NotificationView(
          entry.id(), entry.job(), entry.subject(), entry.body(), entry.at(), entry.read());
    }
  }

  /**
   * {@code GET /{customer}/inbox} and {@code GET /inbox}: returns what waits for the caller. With
   * {@code unread=true}, only notifications that are not marked as read.
   */
  @GetMapping({"/{customer}/inbox", "/inbox"})
  @Accepts(query = "unread")
  @Allow(role = Role.VIEWER, scope = Scope.JOB_READ)
  InboxView inbox(ApiInput input, Caller.Member caller) {
    var waiting = held.waitingFor(caller, MOST);
    return new InboxView(
        waiting.stream().filter(InboxController::isApproval).map(JobView::of).toList(),
        waiting.stream().filter(InboxController::isInput).map(JobView::of).toList(),
        entries
            .of(caller.organization(), User.of(caller).id(), input.queryTruth("unread"), MOST)
            .stream()
            .map(NotificationView::of)
            .toList());
  }

  private static boolean isApproval(Job job) {
    return job.spec().action() instanceof Approve;
  }

  private static boolean isInput(Job job) {
    return job.spec().action() instanceof AskInput;
  }

  /**
   * How many notifications were marked as read.
   *
   * @param read those that had been read before do not count
   */
  record ReadView(long read) {}

  /**
   * {@code PUT /{customer}/inbox/read} and {@code PUT /inbox/read}: marks the caller's
   * notifications with these {@code ids} as read; without {@code ids}, all of them.
   */
  @PutMapping({"/{customer}/inbox/read", "/inbox/read"})
  @Allow(role = Role.VIEWER, scope = Scope.JOB_WRITE)
  ReadView read(ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var ids = fields.texts("ids", MOST, LONGEST_ID);
    fields.done();
    return new ReadView(entries.markRead(caller.organization(), User.of(caller).id(), ids));
  }
}
