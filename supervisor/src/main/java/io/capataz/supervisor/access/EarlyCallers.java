package io.capataz.supervisor.access;

import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.Problems;
import io.capataz.supervisor.web.RouteFilter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.method.HandlerMethod;

/**
 * Rejects callers before their body is read, as far as the header and the query show it: an unknown
 * token, an agent's route without any. A token in the body (seed 004) is for {@link RouteGuard}.
 * Requests that lead nowhere are counted by address here.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 8)
class EarlyCallers extends OncePerRequestFilter {

  /** Resolved late: filters are made while the server starts, before the store is asked. */
  private final ObjectProvider<Callers> callers;

  private final ObjectProvider<RateLimits> limits;
  private final ObjectProvider<Addresses> addresses;

  EarlyCallers(
      ObjectProvider<Callers> callers,
      ObjectProvider<RateLimits> limits,
      ObjectProvider<Addresses> addresses) {
    this.callers = callers;
    this.limits = limits;
    this.addresses = addresses;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      var route = RouteFilter.routeOf(request);
      if (route.isEmpty()) {
        count(request, response);
      } else {
        check(route.get(), request, response);
      }
    } catch (ApiProblem problem) {
      Problems.write(response, problem);
      return;
    }
    chain.doFilter(request, response);
  }

  private void count(HttpServletRequest request, HttpServletResponse response) {
    limits.getObject().take(RateLimits.Limit.ADDRESS, addresses.getObject().of(request), response);
  }

  private void check(
      HandlerMethod route, HttpServletRequest request, HttpServletResponse response) {
    var allow = route.getMethodAnnotation(Allow.class);
    if (allow == null || allow.value() == Allow.Who.ANYONE) {
      return;
    }
    Caller caller;
    try {
      caller = callers.getObject().early(request);
    } catch (DataAccessException away) {
      return; // The guard asks again, where an outage is answered.
    } catch (ApiProblem refused) {
      count(request, response);
      throw refused;
    }
    if (allow.value() == Allow.Who.AGENTS && caller instanceof Caller.Anonymous) {
      throw RouteGuard.missing();
    }
  }
}
