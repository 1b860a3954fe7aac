package io.capataz.supervisor.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.TestSupervisor;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.JsonNode;

/**
 * {@code docs/reference/openapi.json} is printed from the code, and is what {@code /openapi.json}
 * answers. {@code ./mvnw -pl supervisor -am test -Dtest=OpenApiTest -Ddocs.write=true
 * -Dsurefire.failIfNoSpecifiedTests=false} regenerates it.
 */
class OpenApiTest {

  static final Path PAGE = Path.of("..", "docs", "reference", "openapi.json");

  private static final Pattern CAMEL = Pattern.compile("\\b[A-Z][a-z]+[A-Z]\\w*");

  private static String printed = "";
  private static JsonNode document = MessageJson.mapper().missingNode();

  private final TestSupervisor supervisor = TestSupervisor.shared();

  @BeforeAll
  static void print() throws IOException {
    var sources = Path.of("src", "main", "java");
    var common = Path.of("..", "common", "src", "main", "java");
    document = new OpenApi(TestSupervisor.shared(), Javadocs.of(sources, common)).document();
    var printer =
        new DefaultPrettyPrinter()
            .withObjectIndenter(new DefaultIndenter("  ", "\n"))
            .withArrayIndenter(new DefaultIndenter("  ", "\n"));
    printed = MessageJson.mapper().writer().with(printer).writeValueAsString(document) + "\n";
    if (Boolean.getBoolean("docs.write")) {
      Files.createDirectories(PAGE.getParent());
      Files.writeString(PAGE, printed);
    }
  }

  @Test
  void the_page_is_what_the_code_says() {
    assertThat(PAGE)
        .describedAs("regenerate it with -Ddocs.write=true, see the comment of this class")
        .content()
        .isEqualTo(printed);
  }

  @Test
  void the_page_is_what_a_supervisor_answers() throws IOException {
    var answer = supervisor.send(supervisor.request("/openapi.json").GET());

    assertThat(answer.status()).isEqualTo(200);
    if (!Boolean.getBoolean("docs.write")) { // Else the one in the class path is of before.
      assertThat(answer.raw().body()).isEqualTo(Files.readString(PAGE));
    }
  }

  @Test
  void every_route_is_in_the_document_and_the_other_way_round() {
    var said = new TreeSet<String>();
    answered()
        .path("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .propertyNames()
                    .forEach(
                        method -> said.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));

    assertThat(said)
        .containsExactlyInAnyOrderElementsOf(
            Route.api(supervisor.context()).stream().map(Route::toString).toList());
    assertThat(Route.all(supervisor.context()).stream().filter(Route::isLeftOut))
        .extracting(Route::path)
        .allMatch(
            path ->
                path.matches(
                    "/|/agent/v1/.*|/docs/.*|/install/.*|/livez|/llms.txt|/readyz|/metrics"));
  }

  @Test
  void every_reference_leads_somewhere_and_every_operation_has_its_own_id() {
    var references = new ArrayList<JsonNode>(document.findValues("$ref"));
    assertThat(references).isNotEmpty();
    assertThat(references)
        .allMatch(
            to -> !document.at(to.asString().substring(1)).isMissingNode(), "leads somewhere");

    var ids = document.findValuesAsString("operationId");
    assertThat(new HashSet<>(ids)).hasSameSizeAs(ids);
  }

  @Test
  void a_route_that_reads_a_body_says_what_it_reads() {
    var silent = new ArrayList<String>();
    for (var route : Route.api(supervisor.context())) {
      var operation =
          document.path("paths").path(route.path()).path(route.method().toLowerCase(Locale.ROOT));
      if (route.mayHaveBody()
          && !route.method().equals("DELETE")
          && !operation.has("requestBody")) {
        silent.add(route.toString());
      }
    }
    assertThat(silent)
        .describedAs(
            "They take ApiInput and do not reject unknown fields. Read the body with"
                + " FieldReader and call done() at the end; or, if the body is not read, list"
                + " the route here.")
        .containsExactlyInAnyOrder(
            "PUT /{customer}/job/{id}/cancel",
            "PUT /job/{id}/cancel",
            "POST /{customer}/job/{id}/result",
            "POST /job/{id}/result",
            "POST /job/{id}/secret/{key}/result",
            // The arguments of a function, by its own names.
            "POST /api/task/{id}/run",
            "POST /api/{library}/tasks/{key}/start/{task}",
            "POST /api/{library}/task/start/{task}",
            // Recipes are passed over where nobody knows a field; docs/recipes.md says so.
            "POST /{customer}/task/import",
            "POST /task/import",
            "POST /{customer}/workflows/import",
            "POST /workflows/import",
            // Their bodies are lists, or metadata with any fields.
            "POST /v1/task/{id}/cancel",
            "POST /v1/task/{id}/setMetadata",
            "POST /v1/task/{id}/tags",
            "PUT /v1/task/{id}/tags",
            // What other systems send is handed on.
            "POST /{customer}/webhook/{id}/trigger",
            "POST /{customer}/webhook/{id}/trigger/secret/{key}",
            "POST /{customer}/webhook/{id}/trigger/signed");
  }

  /** Names of classes in texts, and what generators of clients stumble over. */
  @Test
  void the_document_is_one_from_which_clients_can_be_made() {
    assertThat(document.findParents("oneOf").stream().filter(OpenApiTest::hasKinds))
        .isNotEmpty()
        .allMatch(choice -> choice.at("/discriminator/propertyName").asString().equals("type"))
        .allMatch(
            choice -> choice.at("/discriminator/mapping").size() == choice.get("oneOf").size());
    var words = new ArrayList<String>();
    document.findValues("description").stream()
        .filter(JsonNode::isString)
        .map(JsonNode::stringValue)
        .flatMap(text -> CAMEL.matcher(text.replaceAll("`[^`]*`", "")).results())
        .map(MatchResult::group)
        .forEach(words::add);
    assertThat(words)
        .isSubsetOf("AsyncAPI", "OpenAPI", "OpenID", "TheEye", "KiB", "MiB", "WebSocket");
    for (var path : document.get("paths").properties()) {
      for (var operation : path.getValue().properties()) {
        var at = operation.getKey() + " " + path.getKey();
        assertThat(operation.getValue().at("/summary").asString()).describedAs(at).endsWith(".");
        assertThat(operation.getValue().at("/responses").valueStream())
            .describedAs(at)
            .allMatch(
                response -> response.has("$ref") || response.at("/headers").has("X-Request-Id"));
      }
    }
    assertThat(emptyNames(document, "")).isEmpty();
  }

  @Test
  void examples_fit_their_schemas() {
    var fits = new Fits(document);
    var examples = document.findParents("example");
    assertThat(examples).hasSizeGreaterThan(50);
    assertThat(examples)
        .allSatisfy(
            content ->
                assertThat(fits.mismatch(content.get("schema"), content.get("example"), ""))
                    .describedAs(content.get("example").toString())
                    .isEmpty());
  }

  private static boolean hasKinds(JsonNode choice) {
    return choice
        .get("oneOf")
        .valueStream()
        .map(kind -> document.at(kind.path("$ref").asString("#").substring(1)))
        .allMatch(kind -> kind.at("/properties/type").has("const"));
  }

  private static List<String> emptyNames(JsonNode node, String at) {
    var empty = new ArrayList<String>();
    for (var property : node.properties()) {
      if (property.getKey().isBlank()) {
        empty.add(at);
      }
      empty.addAll(emptyNames(property.getValue(), at + "/" + property.getKey()));
    }
    if (node.isArray()) {
      node.forEach(item -> empty.addAll(emptyNames(item, at + "/…")));
    }
    return empty;
  }

  @ParameterizedTest
  @CsvSource({
    "/docs,                      text/html,       docs/start.js",
    "/docs/start.js,             text/javascript, openapi.json",
    "/docs/swagger-ui.css,       text/css,        swagger-ui",
    "/docs/swagger-ui-bundle.js, text/javascript, SwaggerUIBundle"
  })
  void the_page_and_its_parts_come_from_here(String path, String type, String holds) {
    var answer = supervisor.send(supervisor.request(path).GET());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.raw().headers().firstValue("Content-Type").orElse("")).startsWith(type);
    assertThat(answer.raw().headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'");
    assertThat(answer.raw().body()).contains(holds);
  }

  @ParameterizedTest
  @CsvSource({
    "/docs/llms.txt,           text/plain;charset=UTF-8,    (tutorial.md)",
    "/docs/tutorial.es.md,     text/markdown;charset=UTF-8, Añadir",
    "/docs/api/README.md,      text/markdown;charset=UTF-8, # Using the API",
    "/docs/adr/README.md,      text/markdown;charset=UTF-8, # Decisions"
  })
  void the_manual_is_served_as_text(String path, String type, String holds) {
    var answer = supervisor.send(supervisor.request(path).GET());

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.raw().headers().firstValue("Content-Type")).contains(type);
    assertThat(answer.raw().body()).contains(holds);
  }

  @Test
  void what_is_no_page_of_the_manual_is_404_and_the_index_is_where_assistants_look() {
    for (var path : List.of("/docs/", "/docs/none.md", "/docs/..%2fopenapi.json", "/docs/api")) {
      assertThat(supervisor.send(supervisor.request(path).GET()).status())
          .as(path)
          .isBetween(400, 404);
    }
    var index = supervisor.send(supervisor.request("/llms.txt").GET());
    assertThat(index.status()).isEqualTo(303);
    assertThat(index.raw().headers().firstValue("Location")).contains("/docs/llms.txt");
  }

  @Test
  void the_document_is_compressed_and_sent_only_when_it_has_changed() throws Exception {
    HttpResponse<byte[]> first;
    try (var client = HttpClient.newHttpClient()) {
      first =
          client.send(
              supervisor.request("/openapi.json").header("Accept-Encoding", "gzip").GET().build(),
              BodyHandlers.ofByteArray());
    }
    var tag = first.headers().firstValue("ETag").orElse("");
    var again =
        supervisor.send(supervisor.request("/openapi.json").header("If-None-Match", tag).GET());

    assertThat(first.headers().firstValue("Content-Encoding")).contains("gzip");
    assertThat(tag).startsWith("W/");
    assertThat(again.status()).isEqualTo(304);
  }

  @Test
  void the_page_names_nothing_that_is_elsewhere() {
    var page = supervisor.send(supervisor.request("/docs").GET()).raw().body();

    assertThat(page).doesNotContain("http:").doesNotContain("https:").doesNotContain("\"//");
  }

  private JsonNode answered() {
    return Boolean.getBoolean("docs.write")
        ? document
        : supervisor.send(supervisor.request("/openapi.json").GET()).body();
  }
}
