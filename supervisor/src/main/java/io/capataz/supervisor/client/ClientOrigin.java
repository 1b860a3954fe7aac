package io.capataz.supervisor.client;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.job.OriginKind;
import java.util.List;
import org.springframework.stereotype.Component;

/** The origin of jobs that clients have started; it refers to the API task. */
@Component
class ClientOrigin implements OriginKind {

  private static final String WORD = "client";
  private static final String ANYBODY = "direct";

  @Override
  public String word() {
    return WORD;
  }

  static Cause of(ClientToken token, String task) {
    var caller = token.caller();
    return new Cause(new Origin(WORD, task), caller.name(), User.of(caller), null);
  }

  /** The cause of what is started without a token. */
  static Cause ofAnybody(String task) {
    return new Cause(new Origin(WORD, task), ANYBODY, null, null);
  }

  /** Anybody may run what was promoted for everybody. */
  static Caller.Member anybody(String organization) {
    return new Caller.Machine(organization, ANYBODY, "direct access", Role.USER, List.of(), null);
  }
}
