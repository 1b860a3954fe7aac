package io.capataz.supervisor.event;

import io.capataz.common.protocol.AttemptId;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.event.EventViews.FollowedJob;
import io.capataz.supervisor.event.EventViews.Present;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.job.JobQueries;
import io.capataz.supervisor.job.Jobs;
import io.capataz.supervisor.progress.JobProgress;
import io.capataz.supervisor.progress.Progress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.stereotype.Component;

/** Reads jobs with their progress as they stand in the store. */
@Component
class JobReader {

  /** The most jobs of a snapshot, and of a look for what was missed. */
  static final int MOST = 1_000;

  private final Jobs jobs;
  private final JobQueries queries;
  private final JobProgress progress;

  JobReader(Jobs jobs, JobQueries queries, JobProgress progress) {
    this.jobs = jobs;
    this.queries = queries;
    this.progress = progress;
  }

  /**
   * What a client follows, as it stands.
   *
   * @param versions of each job and each progress in it; see {@link LiveEvent#version}
   */
  record Snapshot(Present present, Map<String, Long> versions, boolean over) {
    Snapshot {
      versions = Map.copyOf(versions);
    }
  }

  Snapshot snapshot(Caller.Member member, EventFilter wanted) {
    var found =
        wanted.job() == null
            ? queries.unfinished(member, MOST + 1)
            : jobs.visible(member, wanted.job()).stream().toList();
    var listed = found.stream().limit(MOST).filter(wanted::includes).toList();
    var reported = progressOf(listed);
    var versions = new HashMap<String, Long>();
    for (var job : listed) {
      versions.put(EventFilter.key(LiveEvent.Kind.JOB, job.id()), job.rev());
    }
    reported.forEach(
        (job, it) ->
            versions.put(
                EventFilter.key(LiveEvent.Kind.PROGRESS, job),
                LiveEvent.version(it.attempt().number(), it.taken())));
    var views = listed.stream().map(job -> FollowedJob.of(job, reported.get(job.id()))).toList();
    var over = wanted.job() != null && listed.stream().allMatch(job -> job.state().isFinal());
    return new Snapshot(new Present(views, found.size() <= MOST), versions, over);
  }

  /** What happened to jobs last; of any organization. */
  List<JobChange> lastOf(Collection<String> ids) {
    return happenings(queries.all(ids));
  }

  /** What happened last to those of an organization's jobs that have not ended. */
  List<JobChange> unfinishedOf(String organization) {
    return happenings(queries.unfinishedOf(organization, MOST));
  }

  private List<JobChange> happenings(List<Job> found) {
    var reported = progressOf(found);
    var all = new ArrayList<JobChange>();
    for (var job : found) {
      var its = reported.get(job.id());
      // What a script reported comes before its end.
      if (its != null && job.state().isFinal()) {
        all.add(new JobChange(job, its));
      }
      all.add(new JobChange(job, null));
      if (its != null && !job.state().isFinal()) {
        all.add(new JobChange(job, its));
      }
    }
    return all;
  }

  private Map<String, Progress> progressOf(List<Job> those) {
    var attempts =
        those.stream()
            .filter(job -> job.shownAttempt() > 0)
            .map(job -> new AttemptId(job.id(), job.shownAttempt()))
            .toList();
    return progress.of(attempts).stream()
        .collect(Collectors.toMap(it -> it.attempt().job(), Function.identity()));
  }
}
