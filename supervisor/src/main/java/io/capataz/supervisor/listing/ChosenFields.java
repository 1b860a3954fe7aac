package io.capataz.supervisor.listing;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.Problems;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps only the fields named in {@code ?fields=id,name} in a response; the original's {@code
 * include[name]=1} is equivalent. Unknown fields are not a mistake, because some responses have
 * them only at times.
 */
@RestControllerAdvice
class ChosenFields implements ResponseBodyAdvice<Object> {

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
        || body instanceof Problems.Problem
        || !(request instanceof ServletServerHttpRequest servlet)
        || !servlet.getServletRequest().getMethod().equals("GET")) {
      return body;
    }
    var chosen = chosen(ApiInput.of(servlet.getServletRequest()));
    if (chosen.isEmpty()) {
      return body;
    }
    JsonNode tree = MessageJson.mapper().valueToTree(body);
    if (tree instanceof ArrayNode array) {
      array.forEach(item -> keep(item, chosen));
    } else {
      keep(tree, chosen);
    }
    return tree;
  }

  private static Set<String> chosen(ApiInput input) {
    var chosen = new HashSet<String>();
    input.query().getOrDefault("fields", List.of()).stream()
        .flatMap(list -> Arrays.stream(list.split(",", -1)))
        .filter(name -> !name.isBlank())
        .forEach(name -> chosen.add(name.strip()));
    chosen.addAll(
        input.query().keySet().stream()
            .filter(name -> name.startsWith("include[") && name.endsWith("]"))
            .map(name -> name.substring("include[".length(), name.length() - 1))
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet()));
    return chosen;
  }

  private static void keep(JsonNode item, Set<String> chosen) {
    if (item instanceof ObjectNode object) {
      object.retain(chosen);
    }
  }
}
