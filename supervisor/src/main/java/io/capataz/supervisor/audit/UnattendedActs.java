package io.capataz.supervisor.audit;

import io.capataz.supervisor.web.ApiProblem;
import java.time.InstantSource;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Component;

/**
 * Acts that no request asks for, such as starts by events: those that were refused are recorded.
 */
@Component
public class UnattendedActs {

  private static final Logger log = LoggerFactory.getLogger(UnattendedActs.class);

  private final AuditLog audit;
  private final InstantSource clock;

  UnattendedActs(AuditLog audit, InstantSource clock) {
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * An act.
   *
   * @param id of its record; an act that is tried again has the same
   * @param actor for whom it is done
   * @param action what is done
   * @param object the id of what it is done to
   * @param details what else is to be known; never a secret
   */
  public record Act(
      String id,
      String organization,
      String actor,
      String action,
      String object,
      Map<String, String> details) {
    public Act {
      details = Map.copyOf(details);
    }
  }

  /** Records that an act was refused, once. */
  public void refused(Act act, ApiProblem reason) {
    var now = clock.instant();
    try {
      audit.begin(
          new AuditEntry(
                  act.id(),
                  act.organization(),
                  act.actor(),
                  act.action(),
                  act.object(),
                  act.details(),
                  "",
                  "",
                  now)
              .endedAt(now, reason.status().value()));
    } catch (DuplicateKeyException recorded) {
      log.atDebug().addKeyValue("act", act.id()).log("refusal is recorded already");
    } catch (DataAccessException notWritten) {
      log.atWarn()
          .addKeyValue("action", act.action())
          .addKeyValue("failure", notWritten.getClass().getSimpleName())
          .log("audit log not writable; refused act not recorded");
    }
  }
}
