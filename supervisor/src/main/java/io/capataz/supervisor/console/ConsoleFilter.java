package io.capataz.supervisor.console;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Stands before everything under {@code /console}: turns the session's cookie into the token that
 * the guard knows, says what the pages may do in a browser, and turns problems into pages.
 *
 * <p>{@code /console/live/…} leads to the few routes of the API that a page follows. The browser
 * sends no headers of ours with those, so the cookie has to speak for it. They answer events and
 * plain text, never a page.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
class ConsoleFilter extends OncePerRequestFilter {

  /** Everything is our own: no inline script, no inline style, nothing from elsewhere. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
          + " connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none';"
          + " frame-ancestors 'none'";

  /**
   * What is followed is text: should a browser show it as a page all the same, it can do nothing.
   */
  private static final String LIVE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'";

  private static final String LIVE = "/console/live";
  private static final Pattern FOLLOWED =
      Pattern.compile("/[A-Za-z0-9._-]{1,64}/(?:events|job/[0-9a-f]{24}/(?:events|output))");

  private final ObjectProvider<ErrorPages> errors;

  ConsoleFilter(ObjectProvider<ErrorPages> errors) {
    this.errors = errors;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    var path = request.getRequestURI();
    return !path.equals("/console") && !path.startsWith("/console/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var followed = followed(request);
    response.setHeader("Content-Security-Policy", followed.isPresent() ? LIVE_POLICY : POLICY);
    // Without a referrer, browsers send no origin with a form, and nobody could tell whose it is.
    response.setHeader("Referrer-Policy", "same-origin");
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
    if (followed.isPresent()) {
      chain.doFilter(new PageRequest(request, followed.get()), response);
      return;
    }
    var page = new PageRequest(request, request.getRequestURI());
    var answer = new PageResponse(response);
    chain.doFilter(page, answer);
    if (answer.problem().isPresent()) {
      errors.getObject().show(answer.problem().get(), page, response);
    }
  }

  /** The route of the API that is meant; empty if it is none of those that pages follow. */
  private static Optional<String> followed(HttpServletRequest request) {
    var path = request.getRequestURI();
    return path.startsWith(LIVE) && request.getMethod().equals("GET")
        ? Optional.of(path.substring(LIVE.length())).filter(FOLLOWED.asMatchPredicate())
        : Optional.empty();
  }
}
