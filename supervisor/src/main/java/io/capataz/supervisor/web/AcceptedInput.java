package io.capataz.supervisor.web;

import io.capataz.supervisor.web.ApiProblem.FieldError;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.node.ObjectNode;

/**
 * Refuses query parameters that a route does not read, and fields in the body of a route that reads
 * none; see {@link Accepts}. The fields of other bodies are checked by {@link FieldReader}.
 */
@Component
class AcceptedInput implements HandlerInterceptor, WebMvcConfigurer {

  /** After the guard and the audit log: who may not use a route learns nothing about it. */
  private static final int AFTER_THE_GUARD = 1_000;

  /** For addressing and authentication; every route accepts them. */
  private static final Set<String> EVERYWHERE = Set.of("customer", "access_token");

  private static final String FIELDS = "fields";

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    // An agent may be newer than its supervisor, so its messages may have more fields.
    registry.addInterceptor(this).order(AFTER_THE_GUARD).excludePathPatterns("/agent/**");
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod method) {
      var errors = new ArrayList<FieldError>();
      var input = ApiInput.of(request);
      var accepts = method.getMethodAnnotation(Accepts.class);
      if (accepts == null || !accepts.checksQuery()) {
        query(method, accepts, request, input, errors);
      }
      if (!readsBody(method, accepts, request)) {
        body(input, errors);
      }
      if (!errors.isEmpty()) {
        throw ApiProblem.invalid(errors);
      }
    }
    return true;
  }

  private static void query(
      HandlerMethod method,
      @Nullable Accepts accepts,
      HttpServletRequest request,
      ApiInput input,
      List<FieldError> errors) {
    var known = new TreeSet<String>(accepts == null ? List.of() : List.of(accepts.query()));
    var chooses = isGet(request) && answersJson(method);
    if (chooses) {
      known.add(FIELDS);
    }
    for (var name : input.query().keySet()) {
      var plain = name.endsWith("[]") ? name.substring(0, name.length() - 2) : name;
      if (!known.contains(plain)
          && !EVERYWHERE.contains(name)
          && !(chooses && name.startsWith("include[") && name.endsWith("]"))) {
        errors.add(
            new FieldError(
                "/" + name.replace("~", "~0").replace("/", "~1"),
                "unknown_parameter",
                known.isEmpty()
                    ? "Unknown parameter. This route has none."
                    : "Unknown parameter. Known parameters: " + String.join(", ", known) + "."));
      }
    }
  }

  private static void body(ApiInput input, List<FieldError> errors) {
    if (input.body() == null) {
      return;
    }
    if (!(input.body() instanceof ObjectNode object)) {
      errors.add(
          new FieldError("", "unknown_field", "must be left out: this route reads no body."));
      return;
    }
    for (var name : object.propertyNames()) {
      if (!EVERYWHERE.contains(name)) {
        errors.add(
            new FieldError(
                "/" + name.replace("~", "~0").replace("/", "~1"),
                "unknown_field",
                "Unknown field. This route reads no body."));
      }
    }
  }

  private static boolean readsBody(
      HandlerMethod method, @Nullable Accepts accepts, HttpServletRequest request) {
    return switch (accepts == null ? Accepts.Body.BY_METHOD : accepts.body()) {
      case DOCUMENT -> true;
      case NONE -> false;
      case BY_METHOD, REFUSED_BY_ROUTE ->
          !isGet(request)
              && !request.getMethod().equals("DELETE")
              && Arrays.stream(method.getMethodParameters())
                  .anyMatch(parameter -> parameter.getParameterType() == ApiInput.class);
    };
  }

  private static boolean isGet(HttpServletRequest request) {
    return request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
  }

  private static boolean answersJson(HandlerMethod method) {
    Type type = method.getMethod().getGenericReturnType();
    if (type instanceof ParameterizedType of && of.getRawType() == ResponseEntity.class) {
      type = of.getActualTypeArguments()[0];
    }
    return type != void.class && type != Void.class && type != byte[].class;
  }
}
