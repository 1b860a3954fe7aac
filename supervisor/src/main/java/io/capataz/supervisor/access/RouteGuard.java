package io.capataz.supervisor.access;

import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * The guard in front of every route: it admits only callers allowed by the route's {@link Allow}.
 * The decision depends on the resolved route, never on the text of the URL.
 *
 * <p>The organization named in the path, the body or the query must be the caller's; otherwise the
 * response is the same as for an object that does not exist. In a document that is imported or
 * stored, {@code customer} is a field like any other.
 */
@Component
class RouteGuard implements HandlerInterceptor {

  static final String CALLER = Caller.class.getName();
  static final String REFUSED = RouteGuard.class.getName() + ".refused";

  private final Callers callers;
  private final RateLimits limits;
  private final Addresses addresses;

  RouteGuard(Callers callers, RateLimits limits, Addresses addresses) {
    this.callers = callers;
    this.limits = limits;
    this.addresses = addresses;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getAttribute(CALLER) != null) {
      return true; // The second dispatch of an admitted request.
    }
    var allow =
        handler instanceof HandlerMethod method ? method.getMethodAnnotation(Allow.class) : null;
    if (allow == null) {
      throw ApiProblem.noSuchRoute();
    }
    var caller =
        switch (allow.value()) {
          case ANYONE -> stranger(allow, request, response);
          case MEMBERS -> counted(request, response);
          case AGENTS -> agent(request, response);
        };
    try {
      check(allow, caller, request, isDocument(handler));
    } catch (ApiProblem refused) {
      request.setAttribute(REFUSED, caller);
      throw refused;
    }
    request.setAttribute(CALLER, caller);
    return true;
  }

  /** Counts requests by address, and by the secret key in the path if there is one. */
  private Caller stranger(Allow allow, HttpServletRequest request, HttpServletResponse response) {
    if (allow.counted()) {
      limits.take(RateLimits.Limit.ADDRESS, addresses.of(request), response);
      Optional.ofNullable(pathVariable(request, "key"))
          .flatMap(AccessKey::parse)
          .ifPresent(key -> limits.take(RateLimits.Limit.KEY, key.id(), response));
    }
    return new Caller.Anonymous();
  }

  /** Counts the calls of an agent: its credential may be in the hands of another program. */
  private Caller agent(HttpServletRequest request, HttpServletResponse response) {
    var caller = callers.of(request);
    if (caller instanceof Caller.Agent agent) {
      limits.take(RateLimits.Limit.AGENT, agent.agent(), response);
    }
    return caller;
  }

  /** Counts by token, or by address if there is no known token. */
  private Caller counted(HttpServletRequest request, HttpServletResponse response) {
    Caller caller;
    try {
      caller = callers.of(request);
    } catch (ApiProblem refused) {
      limits.take(RateLimits.Limit.ADDRESS, addresses.of(request), response);
      throw refused;
    }
    switch (caller) {
      case Caller.Anonymous() ->
          limits.take(RateLimits.Limit.ADDRESS, addresses.of(request), response);
      case Caller.Agent _ -> {}
      case Caller.Member _ -> {
        if (request.getAttribute(Callers.KEY) instanceof AccessKey key) {
          limits.take(RateLimits.Limit.TOKEN, key.id(), response);
        }
      }
    }
    return caller;
  }

  private static void check(
      Allow allow, Caller caller, HttpServletRequest request, boolean document) {
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
              throw ApiProblem.forbidden("This route is not for agents. Agents use /agent/v1.");
          case Caller.Member member -> {
            if (!named(request, document).allMatch(member.organization()::equals)) {
              throw ApiProblem.noSuchOrganization();
            }
            if (member instanceof Caller.Run && !allow.jobs()) {
              throw ApiProblem.forbidden(
                  "The token of a job can only start the tasks that its task calls, and wait for"
                      + " them.");
            }
            if (!member.role().covers(allow.role())) {
              throw ApiProblem.forbidden(
                  "This requires the role "
                      + allow.role().word()
                      + "; yours is "
                      + member.role().word()
                      + ".");
            }
            if (!member.reaches(allow.scope())) {
              throw ApiProblem.forbidden(
                  allow.scope().length == 0
                      ? "A token with scopes cannot do this."
                      : "This requires the scope "
                          + Scope.words(List.of(allow.scope()))
                          + ", which the token does not have.");
            }
          }
        }
      }
    }
  }

  /** Whether the {@code customer} in the body is a field of the object that is sent. */
  private static boolean isDocument(Object handler) {
    var accepts =
        handler instanceof HandlerMethod method ? method.getMethodAnnotation(Accepts.class) : null;
    return accepts != null && accepts.body() == Accepts.Body.DOCUMENT;
  }

  /** All organizations named in the request. */
  private static Stream<String> named(HttpServletRequest request, boolean document) {
    var input = ApiInput.of(request);
    return Stream.of(
            Optional.ofNullable(pathVariable(request, "customer")),
            document ? Optional.<String>empty() : input.bodyText("customer"),
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

  static ApiProblem missing() {
    return ApiProblem.unauthorized(
        "This route needs a token. Send it as 'Authorization: Bearer …'.");
  }
}
