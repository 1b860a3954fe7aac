package io.capataz.supervisor.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.util.ServletRequestPathUtils;

/**
 * Resolves the route before anything of the body is read. The body of a request that leads nowhere
 * is never read: otherwise anybody could have the supervisor keep megabytes for each connection to
 * a path that does not exist.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 7)
public class RouteFilter extends OncePerRequestFilter {

  private static final String ROUTE = RouteFilter.class.getName();

  /** Resolved late: the mapping needs the controllers. */
  private final ObjectProvider<RequestMappingHandlerMapping> mappings;

  RouteFilter(ObjectProvider<RequestMappingHandlerMapping> mappings) {
    this.mappings = mappings;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var route = resolved(request);
    if (route == null) {
      ApiInput.attach(request, ApiInput.NONE);
    } else {
      request.setAttribute(ROUTE, route);
      try {
        ApiInput.attachQuery(request, ApiInputFilter.parameters(request.getQueryString()));
      } catch (ApiProblem problem) {
        Problems.write(response, problem);
        return;
      }
    }
    chain.doFilter(request, response);
  }

  /** The route that a request leads to; empty if there is none, or not for its method. */
  public static Optional<HandlerMethod> routeOf(HttpServletRequest request) {
    return Optional.ofNullable(request.getAttribute(ROUTE)).map(HandlerMethod.class::cast);
  }

  private @Nullable HandlerMethod resolved(HttpServletRequest request) {
    ServletRequestPathUtils.parseAndCache(request);
    for (var mapping : mappings.orderedStream().toList()) {
      try {
        var chain = mapping.getHandler(request);
        if (chain != null && chain.getHandler() instanceof HandlerMethod method) {
          return method;
        }
      } catch (Exception notForThisMethod) {
        // The dispatcher comes to the same end, and says so.
        return null;
      }
    }
    return null;
  }
}
