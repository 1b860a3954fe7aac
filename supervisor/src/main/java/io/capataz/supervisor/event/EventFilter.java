package io.capataz.supervisor.event;

import io.capataz.supervisor.event.LiveEvent.Kind;
import io.capataz.supervisor.event.LiveEvent.Subject;
import io.capataz.supervisor.job.Job;
import io.capataz.supervisor.web.ApiInput;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs a client follows; null: whichever.
 *
 * @param run a workflow run
 */
record EventFilter(
    @Nullable String job, @Nullable String task, @Nullable String host, @Nullable String run) {

  static final String TASK = "task";
  static final String HOST = "host";
  static final String RUN = "workflow_run";

  static EventFilter one(String job) {
    return new EventFilter(job, null, null, null);
  }

  static EventFilter read(ApiInput input) {
    return new EventFilter(
        null,
        input.queryText(TASK).orElse(null),
        input.queryText(HOST).orElse(null),
        input.queryText(RUN).orElse(null));
  }

  boolean includes(Job other) {
    return includes(Subject.of(other));
  }

  boolean includes(Subject subject) {
    return isOrAny(job, subject.job())
        && isOrAny(task, subject.task())
        && isOrAny(host, subject.host())
        && isOrAny(run, subject.run());
  }

  private static boolean isOrAny(@Nullable String wanted, @Nullable String there) {
    return Optional.ofNullable(wanted).filter(it -> !it.equals(there)).isEmpty();
  }

  /** A name for what a job has of a kind. */
  static String key(Kind kind, String job) {
    return kind.word() + ":" + job;
  }
}
