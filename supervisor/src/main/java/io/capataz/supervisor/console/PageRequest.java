package io.capataz.supervisor.console;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * A request of a browser as the rest of the supervisor sees it: the key in the session's cookie is
 * a bearer token, and only that. Where it asks for what is followed live, its path is the API's.
 */
final class PageRequest extends HttpServletRequestWrapper {

  private final @Nullable String authorization;
  private final String path;

  /**
   * @param path the path of the route it is for
   */
  PageRequest(HttpServletRequest request, String path) {
    super(request);
    this.path = path;
    this.authorization =
        ConsoleCookie.session(request).map(key -> "Bearer " + key.reveal()).orElse(null);
  }

  @Override
  public @Nullable String getHeader(String name) {
    return isAuthorization(name) ? authorization : super.getHeader(name);
  }

  @Override
  public Enumeration<String> getHeaders(String name) {
    return isAuthorization(name)
        ? Collections.enumeration(Optional.ofNullable(authorization).stream().toList())
        : super.getHeaders(name);
  }

  @Override
  public Enumeration<String> getHeaderNames() {
    var names = Collections.list(super.getHeaderNames());
    names.removeIf(PageRequest::isAuthorization);
    if (authorization != null) {
      names.add(HttpHeaders.AUTHORIZATION);
    }
    return Collections.enumeration(names);
  }

  @Override
  public String getRequestURI() {
    return path;
  }

  @Override
  public String getServletPath() {
    return path;
  }

  @Override
  public StringBuffer getRequestURL() {
    var url = super.getRequestURL();
    var root = url.length() - super.getRequestURI().length();
    return new StringBuffer(url.substring(0, root)).append(path);
  }

  @Override
  public Locale getLocale() {
    return ConsoleCookie.chosen(this, ConsoleCookie.Choice.LANGUAGE)
        .map(Locale::of)
        .orElseGet(super::getLocale);
  }

  @Override
  public Enumeration<Locale> getLocales() {
    return Collections.enumeration(List.of(getLocale()));
  }

  private static boolean isAuthorization(String name) {
    return HttpHeaders.AUTHORIZATION.equalsIgnoreCase(name);
  }
}
