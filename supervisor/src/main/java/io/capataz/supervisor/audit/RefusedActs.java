package io.capataz.supervisor.audit;

import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Runs before the guard and records which privileged acts it refused, and to whom; also acts of
 * which only the refusal is recorded, as their routes ask for it. Nothing was performed, so the
 * response does not wait for the record.
 */
@Component
class RefusedActs implements HandlerInterceptor, WebMvcConfigurer {

  private static final Logger log = LoggerFactory.getLogger(RefusedActs.class);
  private static final int BEFORE_THE_GUARD = -100;

  private final AuditLog audit;
  private final AuditTrail trail;

  RefusedActs(AuditLog audit, AuditTrail trail) {
    this.audit = audit;
    this.trail = trail;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).order(BEFORE_THE_GUARD);
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    if (!(handler instanceof HandlerMethod method)) {
      return;
    }
    if (AuditTrail.isAudited(method, request)) {
      Caller.refused(request)
          .filter(caller -> !caller.home().isEmpty())
          .ifPresent(caller -> write(trail.refused(request, caller, response.getStatus())));
    } else {
      AuditedAct.attachedTo(request)
          .ifPresent(
              act ->
                  write(
                      trail
                          .refused(request, Caller.of(request), response.getStatus())
                          .about(act.object())));
    }
  }

  private void write(AuditEntry entry) {
    try {
      audit.begin(entry);
    } catch (DataAccessException notWritten) {
      log.atWarn()
          .addKeyValue("action", entry.action())
          .addKeyValue("failure", notWritten.getClass().getSimpleName())
          .log("audit log not writable; refused act not recorded");
    }
  }
}
