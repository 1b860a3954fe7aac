package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.capataz.supervisor.TestSupervisor;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import java.lang.annotation.Annotation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseStatus;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Prints the OpenAPI document from the code: routes from the framework's own table, words from the
 * sources, answers from types, and what is read by {@link Asked asking}.
 *
 * <p>What a handler's Javadoc says counts: its first paragraph, behind the colon, is the summary; a
 * status that it names ({@code 409 if …}) is one that the route answers; a query parameter is one
 * that it shows as {@code ?name=value}.
 */
final class OpenApi {

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static final Pattern STATUS = Pattern.compile("\\b(20[1-6]|30[1-8]|4\\d\\d|503)\\b");
  private static final Pattern PARAMETER = Pattern.compile("\\?([a-z_]+)=([A-Za-z0-9_.-]*)");

  /** How a handler's Javadoc begins, as {@code `GET /{customer}/task` (seed 004): }. */
  private static final Pattern HEAD =
      Pattern.compile("\\A`[A-Z]+ [^`]+`(?:[^:`]|`[^`]*`)*:\\s*", Pattern.DOTALL);

  /** What the fields of a run mean; some are called like fields of a job. */
  private static final Map<String, String> RUN =
      Map.of(
          "task_arguments", "The values of the task's parameters, in their order.",
          "priority", "Higher runs first; by default the task's.",
          "not_before", "The job does not start before this instant.",
          "start_by", "The job expires if no agent has claimed it by then.",
          "hold", "Whether the job waits until it is released.",
          "lifecycle", "`onhold` is the same as `hold: true`, for clients of the original.",
          "wait_result", "Whether the response redirects to the result.",
          "task", "The task's id, where it is not in the path.",
          "empty_viewers", "Accepted for clients of the original; has no effect.");

  private static final String SHORT = "short";

  /** The headers of responses, by name, and what they say. */
  private static final Map<String, String> HEADERS =
      new TreeMap<>(
          Map.of(
              "ETag", "The version of the object, for `If-Match` and `If-None-Match`.",
              "Link", "The next page of a list, `rel=\"next\"`; absent on the last page.",
              "Location", "Where to go on.",
              "Retry-After", "How many seconds to wait before a retry.",
              "WWW-Authenticate", "How to authenticate.",
              "X-Next-Cursor", "The `cursor` of the next page; absent on the last page.",
              "X-Request-Id", "The id of the request, which is also in the log.",
              "Idempotency-Replayed", "`true` if an earlier request had the same key.",
              "Preference-Applied", "The part of `Prefer` that was applied."));

  /** The types in which a body may be sent. */
  private static final List<String> BODIES =
      List.of("application/json", "application/x-www-form-urlencoded", "multipart/form-data");

  private static final Map<Integer, String> PROBLEMS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(400, "The request is malformed; `errors` lists every invalid field."),
              Map.entry(401, "No token was sent, or it is unknown, expired or revoked."),
              Map.entry(
                  403,
                  "The token's role or scopes are insufficient; `detail` says what is required."),
              Map.entry(
                  404,
                  "It does not exist or is not visible to you; the two are indistinguishable."),
              Map.entry(408, "The time to wait is up."),
              Map.entry(409, "The request conflicts with the current state; `code` says why."),
              Map.entry(410, "It existed but was removed."),
              Map.entry(412, "It has changed, so `If-Match` does not match."),
              Map.entry(413, "The body is too large."),
              Map.entry(415, "The media type of the body is not supported."),
              Map.entry(416, "The requested range is outside the content."),
              Map.entry(422, "The `Idempotency-Key` was used for a different request."),
              Map.entry(428, "`If-Match` is required."),
              Map.entry(429, "Too many requests; `Retry-After` says when to retry."),
              Map.entry(503, "Unavailable; `Retry-After` says when to retry.")));

  private final TestSupervisor supervisor;
  private final Javadocs javadocs;
  private final Schemas schemas;
  private final Map<String, ObjectNode> bodies = new TreeMap<>();
  private final Asked asked;
  private final Examples examples = Examples.read();

  /** All routes, as text. */
  private final Set<String> all = new HashSet<>();

  OpenApi(TestSupervisor supervisor, Javadocs javadocs) {
    this.supervisor = supervisor;
    this.javadocs = javadocs;
    this.schemas = new Schemas(javadocs);
    this.asked = new Asked(supervisor, new Tenant(supervisor));
  }

  ObjectNode document() {
    var document = JSON.objectNode().put("openapi", "3.1.0");
    document
        .putObject("info")
        .put("title", "Capataz")
        .put("version", "v1")
        .put(
            "description",
            "Tasks, jobs, hosts, and access to them. The routes and names are those of TheEye's"
                + " Tasks API, and more in the same style. Not documented here: `/agent/v1`,"
                + " the protocol between"
                + " supervisor and agents, and the probes `/livez` and `/readyz`.")
        .putObject("license")
        .put("name", "Apache-2.0")
        .put("identifier", "Apache-2.0");
    document.putArray("servers").addObject().put("url", "/");
    var security = document.putArray("security");
    security.addObject().putArray("bearer");
    security.addObject().putArray("query");
    var paths = JSON.objectNode();
    var tags = new TreeSet<String>();
    var routes = Route.api(supervisor.context());
    routes.forEach(route -> all.add(route.toString()));
    for (var route : routes) {
      tags.add(tag(route));
      var item =
          paths.has(route.path())
              ? (ObjectNode) paths.get(route.path())
              : paths.putObject(route.path());
      item.set(route.method().toLowerCase(Locale.ROOT), operation(route));
    }
    var named = document.putArray("tags");
    tags.forEach(tag -> named.addObject().put("name", tag).put("description", aboutFeature(tag)));
    document.set("paths", paths);
    var components = document.putObject("components");
    components.set("schemas", schemas.named().setAll(bodies).setAll(problemSchema()));
    var headers = components.putObject("headers");
    HEADERS.forEach(
        (name, text) ->
            headers
                .putObject(name)
                .put("description", text)
                .putObject("schema")
                .put("type", name.equals("Retry-After") ? "integer" : "string"));
    var responses = components.putObject("responses");
    PROBLEMS.forEach(
        (status, text) -> {
          var response = responses.putObject("Problem" + status).put("description", text);
          headers(
              response,
              switch (status) {
                case 401 -> List.of("WWW-Authenticate");
                case 429, 503 -> List.of("Retry-After");
                default -> List.of();
              });
          response
              .putObject("content")
              .putObject("application/problem+json")
              .putObject("schema")
              .put("$ref", "#/components/schemas/Problem");
        });
    var schemes = components.putObject("securitySchemes");
    schemes
        .putObject("bearer")
        .put("type", "http")
        .put("scheme", "bearer")
        .put("description", "A token in the `Authorization` header.");
    schemes
        .putObject("query")
        .put("type", "apiKey")
        .put("in", "query")
        .put("name", "access_token")
        .put(
            "description",
            "The same token as a query parameter, or as a field of the body. Never in two places.");
    return document;
  }

  private static void headers(ObjectNode response, List<String> names) {
    var headers = response.putObject("headers");
    Stream.concat(names.stream(), Stream.of("X-Request-Id"))
        .forEach(name -> headers.putObject(name).put("$ref", "#/components/headers/" + name));
  }

  /**
   * A route without the organization in its path, beside the same with it, has a tag of its own.
   */
  private String tag(Route route) {
    return all.contains(route.method() + " /{customer}" + route.path()) ? SHORT : route.feature();
  }

  private String aboutFeature(String feature) {
    if (feature.equals(SHORT)) {
      return "Other paths of routes that are under the tags of their features: without the"
          + " organization, which is then the token's. Generators of clients may leave them out.";
    }
    return javadocs.ofPackage("io.capataz.supervisor." + feature).text();
  }

  private ObjectNode operation(Route route) {
    var text = javadocs.of(route.handler().getMethod()).text();
    var head = HEAD.matcher(text);
    assertThat(head.find())
        .describedAs(
            "%s: its handler needs a Javadoc of the form '{@code %s}: what it does.'; it is: %s",
            route, route, text)
        .isTrue();
    var said = text.substring(head.end());
    var sentence = new Javadocs.Comment(said, Map.of()).firstSentence();
    var operation = JSON.objectNode();
    operation.putArray("tags").add(tag(route));
    operation.put("operationId", operationId(route));
    operation.put("summary", capitalised(sentence));
    operation.put("description", capitalised(said) + "\n\n" + who(route.allow()));
    if (route.allow().value() == Allow.Who.ANYONE) {
      operation.putArray("security");
    }
    var parameters = JSON.arrayNode();
    for (var variable : route.variables()) {
      var parameter =
          parameters.addObject().put("name", variable).put("in", "path").put("required", true);
      if (variable.equals("customer")) {
        parameter.put("description", "The organization's name.");
      } else if (variable.equals("key")) {
        parameter.put("description", "The secret key.");
      }
      parameter.putObject("schema").put("type", "string");
    }
    queries(route, text).values().forEach(parameters::add);
    for (var header : headers(route)) {
      parameters
          .addObject()
          .put("name", header)
          .put("in", "header")
          .putObject("schema")
          .put("type", "string");
    }
    if (!parameters.isEmpty()) {
      operation.set("parameters", parameters);
    }
    if (route.mayHaveBody()) {
      asked.body(route, isRun(route)).ifPresent(schema -> body(route, operation, schema));
    }
    operation.set("responses", responses(route, text));
    return operation;
  }

  private static boolean isRun(Route route) {
    return route.method().equals("POST")
        && !route.path().contains("/workflows/")
        && route.path().matches(".*/job(/secret/\\{key})?");
  }

  private void body(Route route, ObjectNode operation, ObjectNode schema) {
    if (isRun(route)) {
      RUN.forEach(
          (name, description) ->
              ((ObjectNode) schema.path("properties").path(name)).put("description", description));
      ((ObjectNode) schema.path("properties").path("task")).put("type", "string");
    }
    describe(schema, answered(route.handler().getMethod().getGenericReturnType()));
    if (isRun(route) && !route.path().contains("/task/")) {
      addressed(schema, "task", "The task's id.");
      if (!route.path().startsWith("/{customer}/")) {
        addressed(schema, "customer", "The organization's name.");
      }
    }
    var name = capitalised(operationId(route)) + "Body";
    bodies.put(name, schema);
    var content = operation.putObject("requestBody").putObject("content");
    for (var type : BODIES) {
      content.putObject(type).putObject("schema").put("$ref", "#/components/schemas/" + name);
    }
  }

  private static void addressed(ObjectNode schema, String name, String description) {
    schema
        .withObject("/properties")
        .putObject(name)
        .put("type", "string")
        .put("description", description);
    if (name.equals("task")) {
      schema.withArray("/required").add(name);
    }
  }

  /** A field of a body means what the field of that name in the answer means. */
  private void describe(ObjectNode schema, Type answer) {
    if (!(answer instanceof Class<?> type) || !type.isRecord()) {
      return;
    }
    var said = javadocs.of(type).parameters();
    for (var component : type.getRecordComponents()) {
      if (component.getAccessor().isAnnotationPresent(JsonUnwrapped.class)) {
        describe(schema, component.getType());
      } else if (said.containsKey(component.getName())
          && schema.path("properties").path(Schemas.nameOf(component))
              instanceof ObjectNode property
          && !property.has("description")) {
        property.put("description", said.get(component.getName()));
      }
    }
  }

  private Map<String, ObjectNode> queries(Route route, String text) {
    var queries = new LinkedHashMap<String, ObjectNode>();
    if (route.method().equals("GET") && route.readsInput()) {
      asked.query(route).forEach(p -> queries.put(p.get("name").asString(), p));
    }
    if (route.method().equals("GET") && answersJson(route)) {
      queries.putIfAbsent(
          "fields",
          Asked.parameter("fields", JSON.objectNode().put("type", "string"))
              .put("description", "The fields to return, separated by commas."));
    }
    PARAMETER
        .matcher(text)
        .results()
        .forEach(
            found -> {
              var value = found.group(2);
              var schema = JSON.objectNode();
              if (value.equals("true") || value.equals("false")) {
                schema.put("type", "boolean");
              } else {
                schema.put("type", "string");
              }
              queries.putIfAbsent(found.group(1), Asked.parameter(found.group(1), schema));
            });
    return queries;
  }

  private static List<String> headers(Route route) {
    return Arrays.stream(route.handler().getMethodParameters())
        .flatMap(
            parameter ->
                Stream.concat(
                    Stream.of(parameter.getParameterAnnotations()),
                    inside(parameter.getParameterType())))
        .filter(RequestHeader.class::isInstance)
        .map(header -> ((RequestHeader) header).name())
        .toList();
  }

  /** The annotations of the headers that are read together, as one record. */
  private static Stream<Annotation> inside(Class<?> type) {
    return type.isRecord()
        ? Arrays.stream(type.getDeclaredConstructors()[0].getParameterAnnotations())
            .flatMap(Arrays::stream)
        : Stream.empty();
  }

  private ObjectNode responses(Route route, String text) {
    var responses = JSON.objectNode();
    var statuses = new TreeSet<Integer>();
    var said = route.handler().getMethodAnnotation(ResponseStatus.class);
    var none = answered(route.handler().getMethod().getGenericReturnType()) == Void.class;
    var usual =
        (said != null ? said.value() : none ? HttpStatus.NO_CONTENT : HttpStatus.OK).value();
    // Of these, the framework and the filters answer each to every route.
    statuses.addAll(List.of(400, 413, 415, 429, 503));
    if (route.allow().value() != Allow.Who.ANYONE) {
      statuses.addAll(List.of(401, 403, 404));
    }
    if (!route.variables().isEmpty()) {
      statuses.add(404);
    }
    if (headers(route).contains("Idempotency-Key")) {
      statuses.add(422);
    }
    if (isRun(route)) {
      statuses.add(409); // The task may be disabled; all of them run one by the same lines.
    }
    if (headers(route).contains("If-Match")) {
      statuses.add(412);
    }
    STATUS.matcher(text).results().forEach(found -> statuses.add(Integer.parseInt(found.group())));
    responses.set(String.valueOf(usual), success(route, text));
    for (var status : statuses) {
      if (status >= 400) {
        assertThat(PROBLEMS).describedAs("%s answers %s", route, status).containsKey(status);
        var response = responses.putObject(String.valueOf(status));
        if (route.feature().equals("library") || isOfDrafts(route)) {
          failure(response, status, isOfDrafts(route) ? "draft.DraftError" : "library.Failure");
        } else {
          response.put("$ref", "#/components/responses/Problem" + status);
        }
      } else if (status != usual) {
        var response =
            responses
                .putObject(String.valueOf(status))
                .put("description", HttpStatus.valueOf(status).getReasonPhrase() + ".");
        headers(response, status / 100 == 3 && status != 304 ? List.of("Location") : List.of());
      }
    }
    return responses;
  }

  /** Routes of seed 003's system, and those beside them. */
  private static boolean isOfDrafts(Route route) {
    return route.path().startsWith("/api/task/") || route.path().equals("/api/get_data");
  }

  /** The form of a seed's system; a problem, if a filter refuses the request. */
  private void failure(ObjectNode response, int status, String type) {
    response.put("description", PROBLEMS.get(status));
    headers(response, List.of());
    var content = response.putObject("content");
    content.putObject("application/json").set("schema", schemas.of(failureType(type)));
    content
        .putObject("application/problem+json")
        .putObject("schema")
        .put("$ref", "#/components/schemas/Problem");
  }

  private static Class<?> failureType(String type) {
    try {
      return Class.forName("io.capataz.supervisor." + type);
    } catch (ClassNotFoundException moved) {
      throw new AssertionError(moved);
    }
  }

  private static boolean answersJson(Route route) {
    var type = answered(route.handler().getMethod().getGenericReturnType());
    return type != void.class && type != Void.class && type != byte[].class;
  }

  private ObjectNode success(Route route, String text) {
    var answer = JSON.objectNode().put("description", "Done.");
    var names = new ArrayList<String>();
    if (route.method().equals("GET") && route.readsInput() && !asked.query(route).isEmpty()) {
      names.addAll(List.of("X-Next-Cursor", "Link"));
    }
    if (text.contains("ETag") || headers(route).contains("If-Match")) {
      names.add("ETag");
    }
    if (headers(route).contains("Idempotency-Key")) {
      names.add("Idempotency-Replayed");
    }
    var status = route.handler().getMethodAnnotation(ResponseStatus.class);
    if (status != null && status.value() == HttpStatus.CREATED) {
      names.add("Location");
    }
    if (headers(route).contains("Prefer")) {
      names.add("Preference-Applied");
    }
    headers(answer, names);
    var type = answered(route.handler().getMethod().getGenericReturnType());
    var produces = produces(route);
    if (type == void.class || type == Void.class) {
      if (route.path().endsWith("/output")) {
        var content = answer.putObject("content");
        List.of("text/plain", "application/x-ndjson", "text/event-stream", "application/json")
            .forEach(content::putObject);
      } else if (!produces.isEmpty()) {
        var content = answer.putObject("content");
        produces.forEach(each -> content.putObject(each));
      }
    } else if (type instanceof Class<?> raw
        && (raw == byte[].class
            || org.springframework.core.io.Resource.class.isAssignableFrom(raw)
            || raw.getSimpleName().equals("StreamingResponseBody"))) {
      answer.putObject("content").putObject(produces.isEmpty() ? "*/*" : produces.getFirst());
    } else {
      var json = answer.putObject("content").putObject("application/json");
      json.set("schema", schemas.of(type));
      if (!tag(route).equals(SHORT)) {
        examples.of(route).ifPresent(example -> json.set("example", example));
      }
    }
    return answer;
  }

  private static List<String> produces(Route route) {
    var mapping =
        AnnotatedElementUtils.findMergedAnnotation(
            route.handler().getMethod(),
            org.springframework.web.bind.annotation.RequestMapping.class);
    return mapping == null ? List.of() : List.of(mapping.produces());
  }

  private static Type answered(Type type) {
    return type instanceof ParameterizedType of && of.getRawType() == ResponseEntity.class
        ? of.getActualTypeArguments()[0]
        : type;
  }

  private static String who(Allow allow) {
    return switch (allow.value()) {
      case ANYONE -> "For anyone.";
      case AGENTS -> "For agents.";
      case MEMBERS ->
          (allow.role() == Role.VIEWER
                  ? "For every member"
                  : "Requires the role `" + allow.role().word() + "`")
              + (allow.scope().length == 0
                  ? "; not for tokens with scopes."
                  : "; from a token with scopes, the scope `"
                      + Scope.words(List.of(allow.scope()))
                      + "`.");
    };
  }

  /**
   * {@code GET /{customer}/task/{id}} is {@code getTaskById}; without the organization, a suffix.
   */
  private static String operationId(Route route) {
    var id = new StringBuilder(route.method().toLowerCase(Locale.ROOT));
    for (var segment : route.path().split("/", -1)) {
      if (segment.isEmpty() || segment.equals("{customer}")) {
        continue;
      }
      var plain = segment.replaceAll("[{}]", "");
      if (segment.startsWith("{")) {
        id.append("By");
      }
      for (var word : plain.split("[^A-Za-z0-9]+", -1)) {
        id.append(capitalised(word));
      }
    }
    var other = route.path().endsWith("/") ? "Slash" : "Short";
    return id + (route.path().startsWith("/{customer}/") ? "" : other);
  }

  private static String capitalised(String text) {
    return text.isEmpty()
        ? text
        : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  private static ObjectNode problemSchema() {
    var problem =
        JSON.objectNode()
            .put("type", "object")
            .put("description", "What went wrong and why: RFC 9457 with `code` and `errors`.");
    var properties = problem.putObject("properties");
    properties.putObject("type").put("type", "string");
    properties.putObject("title").put("type", "string");
    properties.putObject("status").put("type", "integer");
    properties
        .putObject("code")
        .put("type", "string")
        .put("description", "Stable, for programs; the other texts are for people and may change.");
    properties.putObject("detail").put("type", "string");
    properties
        .putObject("message")
        .put("type", "string")
        .put("description", "The same as `detail`, for clients of the original.");
    var errors = properties.putObject("errors").put("type", "array").putObject("items");
    errors.put("type", "object");
    var error = errors.putObject("properties");
    error
        .putObject("pointer")
        .put("type", "string")
        .put("description", "A JSON pointer to the field, or a slash and a parameter's name.");
    error.putObject("code").put("type", "string");
    error.putObject("detail").put("type", "string");
    errors.putArray("required").add("pointer").add("code").add("detail");
    problem.putArray("required").add("type").add("title").add("status").add("code");
    return JSON.objectNode().set("Problem", problem);
  }
}
