package io.capataz.supervisor.event;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.job.Job;
import org.jspecify.annotations.Nullable;

/**
 * An event of a log. What clients get of it is written once, for all of them.
 *
 * @param number counted from 1 in its log
 * @param version of two events of a job and a kind, the later one has the larger version
 * @param last whether the job has ended with it
 * @param data JSON
 */
record LiveEvent(long number, Kind kind, Subject subject, long version, boolean last, String data) {

  /** The kinds of events. */
  enum Kind {
    JOB("job"),
    PROGRESS("progress");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    String word() {
      return word;
    }
  }

  /**
   * The job that it is about, as far as clients choose by it.
   *
   * @param acl who may see it
   * @param run the workflow run that it is part of
   */
  record Subject(String job, Acl acl, String task, @Nullable String host, @Nullable String run) {
    static Subject of(Job job) {
      return new Subject(
          job.id(), job.acl(), job.task(), job.host().orElse(null), EventViews.runOf(job));
    }
  }

  static LiveEvent of(long number, JobChange happening) {
    var job = happening.job();
    var progress = happening.progress();
    return progress == null
        ? new LiveEvent(
            number,
            Kind.JOB,
            Subject.of(job),
            job.rev(),
            job.state().isFinal(),
            text(EventViews.FollowedJob.of(job)))
        : new LiveEvent(
            number,
            Kind.PROGRESS,
            Subject.of(job),
            version(progress.attempt().number(), progress.taken()),
            false,
            text(EventViews.FollowedProgress.of(progress)));
  }

  /** Progress of a later attempt is later, however little it is. */
  static long version(int attempt, long taken) {
    return ((long) attempt << 40) + taken;
  }

  private static String text(Object view) {
    return MessageJson.mapper().writeValueAsString(view);
  }
}
