package io.capataz.supervisor.access;

import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Stands in front of every route and lets nobody pass whom the route's own {@link Allow} does not
 * name. The decision hangs on the route that was found, never on the text of the URL.
 *
 * <p>The organization named in the path, the body or the query must be the caller's; if it is not,
 * the answer is the one for what does not exist.
 */
@Component
class RouteGuard implements HandlerInterceptor {

  static final String CALLER = Caller.class.getName();

  private final Callers callers;

  RouteGuard(Callers callers) {
    this.callers = callers;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getAttribute(CALLER) != null) {
      return true; // The second dispatch of a request that was let in.
    }
    var allow =
        handler instanceof HandlerMethod method ? method.getMethodAnnotation(Allow.class) : null;
    if (allow == null) {
      throw ApiProblem.notFound("The route");
    }
    var caller = allow.value() == Allow.Who.ANYONE ? new Caller.Anonymous() : callers.of(request);
    check(allow, caller, request);
    request.setAttribute(CALLER, caller);
    return true;
  }

  private static void check(Allow allow, Caller caller, HttpServletRequest request) {
    switch (allow.value()) {
      case ANYONE -> {}
      case AGENTS -> {
        if (caller instanceof Caller.Anonymous) {
          throw missing();
        }
        if (!(caller instanceof Caller.Agent)) {
          throw ApiProblem.forbidden("This route is for agents only.");
        }
      }
      case MEMBERS -> {
        switch (caller) {
          case Caller.Anonymous() -> throw missing();
          case Caller.Agent _ ->
              throw ApiProblem.forbidden("This route is not for agents; they use /agent/v1.");
          case Caller.Member member -> {
            if (!named(request).allMatch(member.organization()::equals)) {
              throw ApiProblem.notFound("The organization");
            }
            if (!member.role().covers(allow.role())) {
              throw ApiProblem.forbidden(
                  "This takes the role " + allow.role() + "; yours is " + member.role() + ".");
            }
          }
        }
      }
    }
  }

  /** Every organization that the request names. */
  private static Stream<String> named(HttpServletRequest request) {
    var input = ApiInput.of(request);
    return Stream.of(
            Optional.ofNullable(pathVariable(request, "customer")),
            input.bodyText("customer"),
            input.queryText("customer"))
        .flatMap(Optional::stream);
  }

  private static @Nullable String pathVariable(HttpServletRequest request, String name) {
    return request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
                instanceof Map<?, ?> variables
            && variables.get(name) instanceof String value
        ? value
        : null;
  }

  private static ApiProblem missing() {
    return ApiProblem.unauthorized(
        "This route needs a token. Send it as 'Authorization: Bearer …'.");
  }
}
