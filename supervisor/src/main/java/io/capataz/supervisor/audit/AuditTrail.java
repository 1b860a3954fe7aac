package io.capataz.supervisor.audit;

import io.capataz.supervisor.access.Addresses;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.RequestId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Runs after the guard and records each privileged act before it is performed. An act that cannot
 * be recorded is refused.
 */
@Component
class AuditTrail implements HandlerInterceptor, WebMvcConfigurer {

  private static final Logger log = LoggerFactory.getLogger(AuditTrail.class);
  private static final String ENTRY = AuditTrail.class.getName();
  private static final int AFTER_THE_GUARD = 100;
  private static final int LONGEST = 200;
  private static final Set<String> LOOKS = Set.of("GET", "HEAD", "OPTIONS");

  /** Path variables that contain keys. */
  private static final Set<String> KEYS = Set.of("key", "secret", "token");

  private final AuditLog audit;
  private final Addresses addresses;
  private final InstantSource clock;

  AuditTrail(AuditLog audit, Addresses addresses, InstantSource clock) {
    this.audit = audit;
    this.addresses = addresses;
    this.clock = clock;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).order(AFTER_THE_GUARD);
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getAttribute(ENTRY) == null
        && handler instanceof HandlerMethod method
        && isAudited(method, request)) {
      var entry = entry(request, Caller.of(request));
      try {
        audit.begin(entry);
      } catch (DataAccessException notWritten) {
        log.atWarn()
            .addKeyValue("action", entry.action())
            .addKeyValue("failure", notWritten.getClass().getSimpleName())
            .log("audit log not writable; act refused");
        throw ApiProblem.unavailable(
            "The audit log is not writable at the moment, so nothing was done. Retry"
                + " in a few seconds.");
      }
      request.setAttribute(ENTRY, entry);
    }
    return true;
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    if (request.getAttribute(ENTRY) instanceof AuditEntry entry) {
      var told = AuditedAct.attachedTo(request).map(entry::told).orElse(entry);
      try {
        audit.end(told.endedAt(clock.instant(), failure == null ? response.getStatus() : 500));
      } catch (DataAccessException notWritten) {
        // The act is recorded, but not its end.
        log.atWarn()
            .addKeyValue("entry", entry.id())
            .addKeyValue("failure", notWritten.getClass().getSimpleName())
            .log("audit log not writable; end of an act not recorded");
      }
    }
  }

  static boolean isAudited(HandlerMethod method, HttpServletRequest request) {
    var audited = method.getMethodAnnotation(Audited.class);
    if (audited != null) {
      return audited.when().isEmpty()
          || ApiInput.of(request).queryText(audited.when()).map("true"::equals).orElse(false);
    }
    var allow = method.getMethodAnnotation(Allow.class);
    return allow != null
        && allow.value() == Allow.Who.MEMBERS
        && allow.role().covers(Role.MANAGER)
        // By effect, not by verb: there are routes of seed 004 that write by GET.
        && (!LOOKS.contains(request.getMethod())
            || Arrays.stream(allow.scope()).anyMatch(Scope::writes));
  }

  /** A refused act, which has already ended. */
  AuditEntry refused(HttpServletRequest request, Caller caller, int status) {
    return entry(request, caller).endedAt(clock.instant(), status);
  }

  private AuditEntry entry(HttpServletRequest request, Caller caller) {
    var path = path(request);
    var object =
        path.getOrDefault(
            "id",
            String.join(
                "/",
                path.entrySet().stream()
                    .filter(variable -> !variable.getKey().equals("customer"))
                    .map(Map.Entry::getValue)
                    .toList()));
    return new AuditEntry(
        ObjectId.get().toHexString(),
        caller.home(),
        caller.name(),
        request.getMethod()
            + " "
            + request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE),
        object,
        path,
        addresses.of(request),
        RequestId.of(request),
        clock.instant());
  }

  /** The path's variables, without anything that looks like one of our keys. */
  private static Map<String, String> path(HttpServletRequest request) {
    var path = new TreeMap<String, String>();
    if (request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
        instanceof Map<?, ?> variables) {
      variables.forEach(
          (name, value) -> {
            if (name instanceof String key && value instanceof String text && !KEYS.contains(key)) {
              path.put(
                  key,
                  text.contains("cpz_")
                      ? "[key]"
                      : text.length() > LONGEST ? text.substring(0, LONGEST) : text);
            }
          });
    }
    return path;
  }
}
