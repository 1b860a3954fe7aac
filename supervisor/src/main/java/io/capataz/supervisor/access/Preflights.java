package io.capataz.supervisor.access;

import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.Problems;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.filter.OncePerRequestFilter;

/** Counts what browsers ask before a page does, by address: it is answered before any route. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
class Preflights extends OncePerRequestFilter {

  /** Resolved late: filters are made while the server starts. */
  private final ObjectProvider<RateLimits> limits;

  private final ObjectProvider<Addresses> addresses;

  Preflights(ObjectProvider<RateLimits> limits, ObjectProvider<Addresses> addresses) {
    this.limits = limits;
    this.addresses = addresses;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !CorsUtils.isPreFlightRequest(request);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      limits
          .getObject()
          .take(RateLimits.Limit.ADDRESS, addresses.getObject().of(request), response);
    } catch (ApiProblem tooMany) {
      Problems.write(response, tooMany);
      return;
    }
    chain.doFilter(request, response);
  }
}
