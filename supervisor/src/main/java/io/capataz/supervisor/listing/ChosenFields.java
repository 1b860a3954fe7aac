package io.capataz.supervisor.listing;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.ApiProblem.FieldError;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import tools.jackson.databind.jsonFormatVisitors.JsonObjectFormatVisitor;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps only the fields named in {@code ?fields=id,name} in a response; a name that the response
 * never has is refused with 400. The original's {@code include[name]=1} does the same, but passes
 * over unknown names: its clients ask for fields of the original that do not exist here.
 */
@RestControllerAdvice
class ChosenFields implements ResponseBodyAdvice<Object>, HandlerInterceptor, WebMvcConfigurer {

  private static final int AFTER_THE_GUARD = 1_000;

  /** The fields of what a handler returns; empty if its type does not say. */
  private final Map<Method, Optional<Set<String>>> known = new ConcurrentHashMap<>();

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).order(AFTER_THE_GUARD).excludePathPatterns("/agent/**");
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (handler instanceof HandlerMethod method && request.getMethod().equals("GET")) {
      var named = named(ApiInput.of(request));
      if (!named.isEmpty()) {
        known
            .computeIfAbsent(method.getMethod(), _ -> fieldsOf(typeOf(method)))
            .ifPresent(fields -> check(named, fields));
      }
    }
    return true;
  }

  @Override
  public boolean supports(
      MethodParameter returnType, Class<? extends HttpMessageConverter<?>> converter) {
    return true;
  }

  @Override
  public @Nullable Object beforeBodyWrite(
      @Nullable Object body,
      MethodParameter returnType,
      MediaType type,
      Class<? extends HttpMessageConverter<?>> converter,
      ServerHttpRequest request,
      ServerHttpResponse response) {
    if (body == null
        || body instanceof byte[]
        || !isSuccess(response)
        || !(request instanceof ServletServerHttpRequest servlet)
        || !servlet.getServletRequest().getMethod().equals("GET")) {
      return body;
    }
    var input = ApiInput.of(servlet.getServletRequest());
    var named = named(input);
    var chosen = new HashSet<>(named);
    chosen.addAll(included(input));
    if (chosen.isEmpty()) {
      return body;
    }
    JsonNode tree = MessageJson.mapper().valueToTree(body);
    if (tree instanceof ArrayNode array) {
      array.forEach(item -> keep(item, chosen));
    } else {
      // Where the handler's type does not say what it returns, the body itself does.
      if (tree instanceof ObjectNode object && fieldsOf(returned(returnType)).isEmpty()) {
        check(
            named,
            fieldsOf(MessageJson.mapper().constructType(body.getClass()))
                .orElseGet(() -> new TreeSet<>(object.propertyNames())));
      }
      keep(tree, chosen);
    }
    return tree;
  }

  /** Who chooses fields wants to know all the same why there are none. */
  private static boolean isSuccess(ServerHttpResponse response) {
    return response instanceof ServletServerHttpResponse servlet
        && HttpStatus.valueOf(servlet.getServletResponse().getStatus()).is2xxSuccessful();
  }

  private static Set<String> named(ApiInput input) {
    return input.query().getOrDefault("fields", List.of()).stream()
        .flatMap(list -> Arrays.stream(list.split(",", -1)))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .collect(Collectors.toSet());
  }

  private static Set<String> included(ApiInput input) {
    return input.query().keySet().stream()
        .filter(name -> name.startsWith("include[") && name.endsWith("]"))
        .map(name -> name.substring("include[".length(), name.length() - 1))
        .filter(name -> !name.isEmpty())
        .collect(Collectors.toSet());
  }

  private static void check(Set<String> named, Set<String> fields) {
    var unknown = named.stream().filter(name -> !fields.contains(name)).sorted().toList();
    if (!unknown.isEmpty()) {
      throw ApiProblem.invalid(
          List.of(
              new FieldError(
                  "/fields",
                  "unknown_field",
                  "must name fields of the response, separated by commas; it has no '"
                      + unknown.getFirst()
                      + "'. Its fields: "
                      + String.join(", ", new TreeSet<>(fields))
                      + ".")));
    }
  }

  private static void keep(JsonNode item, Set<String> chosen) {
    if (item instanceof ObjectNode object) {
      object.retain(chosen);
    }
  }

  private static JavaType typeOf(HandlerMethod method) {
    return returned(method.getReturnType());
  }

  /** The type of an item of a list, or of the whole. */
  private static JavaType returned(MethodParameter returnType) {
    var type = MessageJson.mapper().constructType(returnType.getGenericParameterType());
    if (type.hasRawClass(ResponseEntity.class)) {
      type = type.containedTypeOrUnknown(0);
    }
    return type.isCollectionLikeType() ? type.getContentType() : type;
  }

  /** The names of the fields of a record as JSON; empty for any other type. */
  private static Optional<Set<String>> fieldsOf(JavaType type) {
    if (!type.getRawClass().isRecord()) {
      return Optional.empty();
    }
    var names = new HashSet<String>();
    MessageJson.mapper().acceptJsonFormatVisitor(type, new Names(names));
    return Optional.of(names);
  }

  /** Collects the names of an object's fields, those of unwrapped components too. */
  private static final class Names extends JsonFormatVisitorWrapper.Base {
    private final Set<String> names;

    Names(Set<String> names) {
      this.names = names;
    }

    @Override
    public JsonObjectFormatVisitor expectObjectFormat(JavaType type) {
      return new JsonObjectFormatVisitor.Base(getContext()) {
        @Override
        public void property(BeanProperty property) {
          names.add(property.getName());
        }

        @Override
        public void optionalProperty(BeanProperty property) {
          names.add(property.getName());
        }
      };
    }
  }
}
