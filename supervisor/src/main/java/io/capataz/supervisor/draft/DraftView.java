package io.capataz.supervisor.draft;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.supervisor.draft.Draft.Approval;
import io.capataz.supervisor.draft.Draft.Finding;
import io.capataz.supervisor.draft.Draft.Rejection;
import io.capataz.supervisor.draft.Draft.Report;
import io.capataz.supervisor.draft.Draft.Running;
import io.capataz.supervisor.draft.Draft.Version;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A draft in a response.
 *
 * @param id the {@code task_id} of {@code POST /api/task/create}
 * @param state of the newest version, such as {@code draft}
 * @param version the number of the newest version, which the state is of
 * @param digest of its files; an approval names it
 * @param running the job that checks or tries it
 * @param approval the last one, maybe of a former version
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DraftView(
    String id,
    String name,
    String author,
    List<String> acls,
    String state,
    int version,
    String digest,
    Instant creationDate,
    List<VersionView> versions,
    @Nullable RunningView running,
    @Nullable ApprovalView approval,
    @Nullable RejectionView rejection) {

  /**
   * What the model wrote at once.
   *
   * @param sentence what was asked for
   * @param cost in the unit of the prices in the settings
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record VersionView(
      int number,
      String digest,
      String sentence,
      String by,
      Instant at,
      int calls,
      long inputTokens,
      long outputTokens,
      double cost,
      @Nullable ReportView check,
      @Nullable ReportView trial) {
    private static VersionView of(Version version) {
      var spent = version.spent();
      return new VersionView(
          version.number(),
          version.digest(),
          version.sentence(),
          version.by(),
          version.at(),
          spent.calls(),
          spent.inputTokens(),
          spent.outputTokens(),
          spent.cost() / 1e6,
          ReportView.of(version.check()),
          ReportView.of(version.trial()));
    }
  }

  /**
   * What a check or a trial has found.
   *
   * @param containment what held the code of a trial, by kind: {@code network}, {@code processes},
   *     {@code files}
   */
  record ReportView(
      String job,
      Instant at,
      boolean passed,
      List<FindingView> findings,
      Map<String, String> containment) {
    private static @Nullable ReportView of(@Nullable Report report) {
      return report == null
          ? null
          : new ReportView(
              report.job(),
              report.at(),
              report.passed(),
              report.findings().stream().map(FindingView::of).toList(),
              report.containment());
    }
  }

  /** Something that is wrong. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record FindingView(@Nullable String file, @Nullable Integer line, String rule, String detail) {
    private static FindingView of(Finding finding) {
      return new FindingView(finding.file(), finding.line(), finding.rule(), finding.detail());
    }
  }

  /**
   * A job that checks or tries it.
   *
   * @param step {@code check} or {@code trial}
   */
  record RunningView(String step, String job, Instant since) {
    private static @Nullable RunningView of(@Nullable Running running) {
      return running == null
          ? null
          : new RunningView(running.step().word(), running.job(), running.since());
    }
  }

  /**
   * An approval.
   *
   * @param apiTask the {@code id} of {@code POST /resource}
   * @param apiVersion which version of that
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ApprovalView(
      int version,
      String digest,
      String by,
      Instant at,
      @Nullable String apiTask,
      @Nullable String apiVersion) {
    private static @Nullable ApprovalView of(@Nullable Approval approval) {
      return approval == null
          ? null
          : new ApprovalView(
              approval.version(),
              approval.digest(),
              approval.by(),
              approval.at(),
              approval.apiTask(),
              approval.apiVersion());
    }
  }

  /** Why it was rejected. */
  record RejectionView(String by, Instant at, String reason) {
    private static @Nullable RejectionView of(@Nullable Rejection rejection) {
      return rejection == null
          ? null
          : new RejectionView(rejection.by(), rejection.at(), rejection.reason());
    }
  }

  static DraftView of(Draft draft) {
    return new DraftView(
        draft.id(),
        draft.name(),
        draft.author(),
        draft.acl().entries(),
        draft.state().word(),
        draft.current().number(),
        draft.current().digest(),
        draft.created(),
        draft.versions().stream().map(VersionView::of).toList(),
        RunningView.of(draft.running()),
        ApprovalView.of(draft.approval()),
        RejectionView.of(draft.rejection()));
  }
}
