package io.capataz.supervisor.library;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.job.OriginKind;
import org.springframework.stereotype.Component;

/** The origin of jobs that run API tasks; it refers to the API task. */
@Component
class ApiOrigin implements OriginKind {

  private static final String WORD = "api";

  @Override
  public String word() {
    return WORD;
  }

  static Cause of(ApiTask task, Caller.Member caller) {
    var usual = Cause.of(caller);
    if (caller instanceof Caller.Run) {
      return usual; // It refers to the job that calls.
    }
    return new Cause(new Origin(WORD, task.id()), usual.by(), usual.user(), null);
  }

  static boolean isOf(Origin origin) {
    return origin.word().equals(WORD) || origin.word().equals(Origin.CALL);
  }
}
