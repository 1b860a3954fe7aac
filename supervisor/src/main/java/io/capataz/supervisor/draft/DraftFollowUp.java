package io.capataz.supervisor.draft;

import io.capataz.supervisor.draft.Draft.Finding;
import io.capataz.supervisor.draft.Draft.Report;
import io.capataz.supervisor.draft.Draft.Running;
import io.capataz.supervisor.job.FollowUp;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.Job.Effect;
import io.capataz.supervisor.job.JobMove;
import io.capataz.supervisor.job.JobState;
import io.capataz.supervisor.job.OriginKind;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** The end of the job of a check or a trial: what it has found is noted, and may move the draft. */
@Component
class DraftFollowUp implements FollowUp, OriginKind {

  /** Stored with jobs, as kind of the effect and as word of their origins. */
  static final String DRAFT = "draft";

  private static final int MOST_FINDINGS = 50;
  private static final int LONGEST = 500;
  private static final List<String> KINDS = List.of("network", "processes", "files");

  private final Drafts drafts;
  private final InstantSource clock;

  DraftFollowUp(Drafts drafts, InstantSource clock) {
    this.drafts = drafts;
    this.clock = clock;
  }

  @Override
  public String word() {
    return DRAFT;
  }

  @Override
  public String kind() {
    return DRAFT;
  }

  @Override
  public List<Effect> after(Job job, JobMove move) {
    return move.to().isFinal() && job.provenance().origin().word().equals(DRAFT)
        ? List.of(new Effect(DRAFT, DRAFT, new Document()))
        : List.of();
  }

  @Override
  public void perform(Job job, Effect effect) {
    var id = job.provenance().origin().reference();
    if (id == null || !job.state().isFinal()) {
      return;
    }
    while (true) {
      var draft = drafts.find(job.organization(), id).orElse(null);
      var running = draft == null ? null : draft.running();
      // Another version has come, or it was rejected: what this job has found is of no interest.
      if (draft == null || running == null || !running.job().equals(job.id())) {
        return;
      }
      var report = report(job, running, draft.current().digest());
      var noted = draft.with(running.step(), report);
      if (report.passed() ? drafts.make(running.step().passed(), noted) : drafts.note(noted)) {
        return;
      }
    }
  }

  private Report report(Job job, Running running, String digest) {
    var ending = job.ending();
    var result = ending == null ? null : ending.result();
    if (job.state() != JobState.SUCCEEDED || result == null) {
      return failed(job, "ended", "The job did not end with a report; see its output.");
    }
    var data = result.path("data");
    if (!data.path("digest").asString("").equals(digest)
        || !data.path("step").asString("").equals(running.step().word())) {
      return failed(job, "other_files", "The report is not about the files of this version.");
    }
    var findings = findings(data.path("findings"));
    return new Report(
        job.id(),
        clock.instant(),
        data.path("passed").asBoolean(false) && findings.isEmpty(),
        findings,
        containment(data.path("containment")));
  }

  private Report failed(Job job, String rule, String detail) {
    var finding = new Finding(null, null, rule, detail);
    return new Report(job.id(), clock.instant(), false, List.of(finding), Map.of());
  }

  /** A host may send anything. */
  private static List<Finding> findings(JsonNode sent) {
    var findings = new ArrayList<Finding>();
    for (var each : sent) {
      if (findings.size() < MOST_FINDINGS) {
        findings.add(
            new Finding(
                text(each, "file"),
                each.path("line").isInt() ? each.path("line").intValue() : null,
                String.valueOf(text(each, "rule")),
                String.valueOf(text(each, "detail"))));
      }
    }
    return findings;
  }

  private static @Nullable String text(JsonNode object, String name) {
    var text = object.path(name).asString("");
    return text.isEmpty() ? null : text.substring(0, Math.min(text.length(), LONGEST));
  }

  private static Map<String, String> containment(JsonNode sent) {
    var containment = new HashMap<String, String>();
    for (var kind : KINDS) {
      var text = text(sent, kind);
      if (text != null) {
        containment.put(kind, text);
      }
    }
    return containment;
  }
}
