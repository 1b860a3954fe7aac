package io.capataz.supervisor.documentation;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.access.Allow;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * The description of the API, for programs and for people. It is public: it contains no data and
 * nothing that is not in the source.
 *
 * <p>A test generates the document from the code, and the build packages it into the jar, so
 * computing it costs a supervisor neither memory nor time; see ADR 0011. The page is Swagger UI
 * from the jar and fetches nothing from elsewhere.
 */
@RestController
class DocumentationController {

  /** What the page may do: run its own scripts and call this supervisor. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'"
          + " data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors"
          + " 'none'";

  private static final String HTML = "text/html;charset=UTF-8";
  private static final String SCRIPT = "text/javascript;charset=UTF-8";
  private static final String STYLE = "text/css;charset=UTF-8";

  /** The folder of Swagger UI's files; its name contains the version. */
  private final String swaggerUi;

  DocumentationController() throws IOException {
    var jar =
        PropertiesLoaderUtils.loadProperties(
            new ClassPathResource("META-INF/maven/org.webjars/swagger-ui/pom.properties"));
    swaggerUi = "META-INF/resources/webjars/swagger-ui/" + jar.getProperty("version") + "/";
  }

  /** {@code GET /openapi.json}: this document, OpenAPI 3.1. */
  @GetMapping(path = "/openapi.json", produces = MediaType.APPLICATION_JSON_VALUE)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> document() throws IOException {
    return answer(ours("openapi.json"));
  }

  /**
   * {@code GET /asyncapi.json}: what is sent over each WebSocket and as server-sent events,
   * AsyncAPI 3.0.
   */
  @GetMapping(path = "/asyncapi.json", produces = MediaType.APPLICATION_JSON_VALUE)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> liveDocument() throws IOException {
    return answer(ours("asyncapi.json"));
  }

  /** {@code GET /}: leads people to the console, and programs to this document; 303. */
  @GetMapping("/")
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<Void> start(
      @RequestHeader(name = HttpHeaders.ACCEPT, required = false) @Nullable String accept) {
    var isBrowser = accept != null && accept.contains(MediaType.TEXT_HTML_VALUE);
    return ResponseEntity.status(HttpStatus.SEE_OTHER)
        .location(URI.create(isBrowser ? "/console" : "/openapi.json"))
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT)
        .build();
  }

  /** {@code GET /docs}: a page to read this document and try the API. */
  @GetMapping(path = "/docs", produces = HTML)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> page() throws IOException {
    return answer(ours("docs.html"));
  }

  /** {@code GET /docs/start.js}: a part of the page. */
  @GetMapping(path = "/docs/start.js", produces = SCRIPT)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> startScript() throws IOException {
    return answer(ours("start.js"));
  }

  /** {@code GET /docs/swagger-ui-bundle.js}: a part of the page. */
  @GetMapping(path = "/docs/swagger-ui-bundle.js", produces = SCRIPT)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> program() throws IOException {
    return answer(new ClassPathResource(swaggerUi + "swagger-ui-bundle.js"));
  }

  /** {@code GET /docs/swagger-ui.css}: a part of the page. */
  @GetMapping(path = "/docs/swagger-ui.css", produces = STYLE)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> style() throws IOException {
    return answer(new ClassPathResource(swaggerUi + "swagger-ui.css"));
  }

  private static Resource ours(String name) {
    return new ClassPathResource(name, DocumentationController.class);
  }

  /** Always the whole file; {@code Range} is not supported. */
  private static ResponseEntity<byte[]> answer(Resource resource) throws IOException {
    return answer(ResponseEntity.ok(), resource);
  }

  /** The same with a content type. */
  static ResponseEntity<byte[]> answer(Resource resource, MediaType type) throws IOException {
    return answer(ResponseEntity.ok().contentType(type), resource);
  }

  private static ResponseEntity<byte[]> answer(
      ResponseEntity.BodyBuilder response, Resource resource) throws IOException {
    var content = Bytes.of(resource.getContentAsByteArray());
    return response
        // Weak: the web server may compress the response.
        .eTag("W/\"" + content.sha256() + "\"")
        .cacheControl(CacheControl.maxAge(Duration.ofHours(1)).cachePublic())
        .header("Content-Security-Policy", POLICY)
        .body(content.toArray());
  }
}
