package io.capataz.supervisor.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Assigns each request an id, returned in {@code X-Request-Id}; a client or a proxy may provide its
 * own.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 4)
public class RequestId extends OncePerRequestFilter {

  private static final String NAME = "X-Request-Id";
  private static final String ATTRIBUTE = RequestId.class.getName();
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._-]{8,64}");

  /** The request's id. */
  public static String of(HttpServletRequest request) {
    return request.getAttribute(ATTRIBUTE) instanceof String id ? id : "";
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var brought = request.getHeader(NAME);
    // A key is not accepted as an id: ids are logged.
    var id =
        brought != null && FORM.matcher(brought).matches() && !brought.contains("cpz_")
            ? brought
            : UUID.randomUUID().toString();
    request.setAttribute(ATTRIBUTE, id);
    response.setHeader(NAME, id);
    chain.doFilter(request, response);
  }
}
