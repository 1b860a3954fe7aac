package io.capataz.supervisor.documentation;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.web.ApiInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.springframework.context.ApplicationContext;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/**
 * A route as the framework knows it.
 *
 * @param method of HTTP
 * @param path with its variables in braces
 */
record Route(String method, String path, HandlerMethod handler) {

  /** A variable that says which values it takes, as {@code {id:[0-9a-f]{24}}}. */
  private static final Pattern FORM = Pattern.compile("\\{(\\w+):(?:[^{}]|\\{[^{}]*})*}");

  private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");

  /** Every route of the API: all there are, but those for agents, for probes and for faults. */
  static List<Route> api(ApplicationContext context) {
    return all(context).stream().filter(route -> !route.isLeftOut()).toList();
  }

  /**
   * Every route there is, sorted; but the pages of the console, which answer people and have tests
   * of their own beside them.
   */
  static List<Route> all(ApplicationContext context) {
    return everything(context).stream().filter(route -> !route.isPage()).toList();
  }

  /** The pages of the console: what is in its package, and nothing else. */
  static List<Route> pages(ApplicationContext context) {
    return everything(context).stream().filter(Route::isPage).toList();
  }

  private static List<Route> everything(ApplicationContext context) {
    var routes = new ArrayList<Route>();
    context
        .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
        .getHandlerMethods()
        .forEach(
            (mapping, handler) -> {
              for (var pattern : mapping.getPatternValues()) {
                for (var method : mapping.getMethodsCondition().getMethods()) {
                  routes.add(
                      new Route(method.name(), FORM.matcher(pattern).replaceAll("{$1}"), handler));
                }
              }
            });
    routes.sort(Comparator.comparing(Route::path).thenComparing(Route::method));
    return routes;
  }

  /**
   * What the document does not tell: agents' messages, which are told in {@code common.protocol}
   * and change with their own version; the probes and metrics of the process; the parts of the
   * page, and the manual.
   */
  boolean isLeftOut() {
    return path.startsWith("/agent/")
        || path.equals("/")
        || path.startsWith("/docs/")
        || path.startsWith("/install/")
        || path.equals("/livez")
        || path.equals("/llms.txt")
        || path.equals("/readyz")
        || path.equals("/metrics");
  }

  private boolean isPage() {
    return feature().equals("console");
  }

  Allow allow() {
    return Objects.requireNonNull(handler.getMethodAnnotation(Allow.class), this::toString);
  }

  /** Whether the handler is given what a client sent. */
  boolean readsInput() {
    return Arrays.stream(handler.getMethodParameters())
        .anyMatch(parameter -> parameter.getParameterType() == ApiInput.class);
  }

  boolean mayHaveBody() {
    return !method.equals("GET") && readsInput();
  }

  List<String> variables() {
    return VARIABLE.matcher(path).results().map(found -> found.group(1)).toList();
  }

  /** The feature, as its package is called. */
  String feature() {
    var name = handler.getBeanType().getPackageName();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  @Override
  public String toString() {
    return method + " " + path;
  }
}
