package io.capataz.supervisor.access;

import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.RouteFilter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Authenticates the caller and stores the presented key in the request. A token is sent in the
 * {@code Authorization: Bearer} header, or as {@code access_token} in the body or the query (seed
 * 004 uses all three), in exactly one of them.
 */
@Component
class Callers {

  static final String KEY = AccessKey.class.getName();

  private static final String EARLY = Callers.class.getName() + ".early";

  private static final String BEARER = "Bearer ";

  private static final String WORD = "JWT";

  private final List<CallerSource> sources;

  Callers(List<CallerSource> sources) {
    this.sources = List.copyOf(sources);
  }

  /** The caller by a token in the header or the query, before the body has been read. */
  Caller early(HttpServletRequest request) {
    var shown = outsideOfTheBody(request);
    if (shown.isEmpty()) {
      return new Caller.Anonymous();
    }
    var caller = withToken(onlyOne(shown), request);
    request.setAttribute(EARLY, caller);
    return caller;
  }

  Caller of(HttpServletRequest request) {
    var shown = outsideOfTheBody(request);
    ApiInput.of(request).bodyText("access_token").ifPresent(shown::add);
    if (shown.isEmpty()) {
      return new Caller.Anonymous();
    }
    var token = onlyOne(shown);
    return request.getAttribute(EARLY) instanceof Caller caller
        ? caller
        : withToken(token, request);
  }

  private static List<String> outsideOfTheBody(HttpServletRequest request) {
    var shown = new ArrayList<String>();
    var header = request.getHeader("Authorization");
    if (header != null && isBasic(request)) {
      shown.add(
          KeyMode.token(header)
              .orElseThrow(
                  () ->
                      ApiProblem.unauthorized(
                          "The Authorization header must be 'Bearer' followed by a token, or"
                              + " 'Basic' with the token as the user and no password.")));
    } else if (header != null) {
      if (!header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
        throw ApiProblem.unauthorized(
            "The Authorization header must be 'Bearer' followed by a token.");
      }
      shown.add(header.substring(BEARER.length()).strip());
    }
    ApiInput.queryOf(request).queryText("access_token").ifPresent(shown::add);
    RouteFilter.routeOf(request)
        .map(route -> route.getMethodAnnotation(Allow.class))
        .filter(allow -> !allow.tokenIn().isEmpty())
        .flatMap(allow -> ApiInput.queryOf(request).queryText(allow.tokenIn()))
        .map(Callers::bare)
        .ifPresent(shown::add);
    return shown;
  }

  private static boolean isBasic(HttpServletRequest request) {
    return RouteFilter.routeOf(request)
        .map(route -> route.getMethodAnnotation(Allow.class))
        .filter(Allow::basic)
        .isPresent();
  }

  /** Without the word, which is followed by a blank, encoded once or twice. */
  private static String bare(String token) {
    var rest = token.startsWith(WORD) ? token.substring(WORD.length()) : token;
    return (rest.startsWith("%20") ? rest.substring(3) : rest).strip();
  }

  private static String onlyOne(List<String> shown) {
    if (shown.size() > 1) {
      throw ApiProblem.unauthorized(
          "The token was sent in more than one place. Send it once: in the Authorization header, or"
              + " as access_token in the body or the query.");
    }
    return shown.getFirst();
  }

  private Caller withToken(String token, HttpServletRequest request) {
    return AccessKey.parse(token)
        .flatMap(
            key ->
                withKey(key)
                    .map(
                        caller -> {
                          request.setAttribute(KEY, key);
                          return caller;
                        }))
        .orElseThrow(() -> ApiProblem.unauthorized("The token is unknown or no longer valid."));
  }

  /** The caller with a key; empty if it is unknown or no longer valid. */
  Optional<Caller> withKey(AccessKey key) {
    return sources.stream()
        .filter(source -> source.kind() == key.kind())
        .findFirst()
        .flatMap(source -> source.callerOf(key));
  }
}
