package io.capataz.supervisor.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsProcessor;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.cors.DefaultCorsProcessor;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets web pages of {@linkplain OriginSettings allowed origins} call the API from a browser, as
 * seed 004's examples do. They send their token themselves; cookies are never requested. Other
 * origins get no CORS headers, so their browser withholds the response from them. They get no
 * WebSocket either.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 6)
class OriginFilter extends OncePerRequestFilter {

  private final CorsConfiguration allowed = new CorsConfiguration();
  private final CorsProcessor processor = new DefaultCorsProcessor();

  OriginFilter(OriginSettings settings) {
    allowed.setAllowedOrigins(settings.allowedOrigins());
    allowed.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
    allowed.setAllowedHeaders(List.of(CorsConfiguration.ALL));
    allowed.setExposedHeaders(
        List.of(
            HttpHeaders.ETAG,
            HttpHeaders.LINK,
            HttpHeaders.LOCATION,
            HttpHeaders.RETRY_AFTER,
            HttpHeaders.CONTENT_DISPOSITION,
            HttpHeaders.CONTENT_RANGE,
            "Preference-Applied",
            "RateLimit",
            "RateLimit-Policy",
            "X-Next-Cursor",
            "X-Request-Id"));
    allowed.setAllowCredentials(false);
    allowed.setMaxAge(Duration.ofMinutes(10));
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var origins = allowed.getAllowedOrigins();
    var origin = request.getHeader(HttpHeaders.ORIGIN);
    var isKnown =
        origin != null
            && origins != null
            && origins.contains(origin)
            && !request.getRequestURI().startsWith("/agent/");
    if (CorsUtils.isPreFlightRequest(request)) {
      // A browser asks before a page does; no route is involved.
      preflight(request, response, isKnown);
      return;
    }
    if (TextSocket.isAskedFor(request) && origin != null && !isKnown && !isOurs(origin, request)) {
      // A browser asks nobody before it opens a WebSocket, and lets the page read everything.
      Problems.write(response, refused());
      return;
    }
    if (!isKnown) {
      // A cache must not serve this response to a page of another origin.
      response.addHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
      chain.doFilter(request, response);
      return;
    }
    if (processor.processRequest(allowed, request, response)) {
      chain.doFilter(request, response);
    }
  }

  private void preflight(HttpServletRequest request, HttpServletResponse response, boolean isKnown)
      throws IOException {
    response.addHeader(HttpHeaders.VARY, HttpHeaders.ORIGIN);
    if (!isKnown) {
      Problems.write(response, refused());
    } else if (processor.processRequest(allowed, request, response)) {
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    }
  }

  /** Whether a page comes from where it asks. */
  private static boolean isOurs(String origin, HttpServletRequest request) {
    var host = request.getHeader(HttpHeaders.HOST);
    return origin.equals("https://" + host) || origin.equals("http://" + host);
  }

  private static ApiProblem refused() {
    return ApiProblem.forbidden(
        "Pages of this origin may not call the API. An operator can allow it with"
            + " capataz.web.allowed-origins.");
  }
}
