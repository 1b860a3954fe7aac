package io.capataz.supervisor.documentation;

import io.capataz.supervisor.access.Allow;
import java.io.IOException;
import java.time.Duration;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PropertiesLoaderUtils;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The API's description, for programs and for people. Public: it holds no data of anybody, and says
 * no more than the source does.
 *
 * <p>The document is printed from the code by a test and packed into the jar, so that no supervisor
 * spends memory or time to find out what it can do; see ADR 0011. The page is Swagger UI from the
 * jar, and fetches nothing from elsewhere.
 */
@RestController
class DocumentationController {

  /** What the page may do: run the scripts that come with it, and ask this supervisor. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'"
          + " data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors"
          + " 'none'";

  private static final String HTML = "text/html;charset=UTF-8";
  private static final String SCRIPT = "text/javascript;charset=UTF-8";
  private static final String STYLE = "text/css;charset=UTF-8";

  /** The folder of Swagger UI's files; its name holds the version. */
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

  /** {@code GET /docs}: a page to read this document, and to try what it says. */
  @GetMapping(path = "/docs", produces = HTML)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> page() throws IOException {
    return answer(ours("docs.html"));
  }

  /** {@code GET /docs/start.js}: a part of the page. */
  @GetMapping(path = "/docs/start.js", produces = SCRIPT)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> start() throws IOException {
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

  /** The whole of it: a part that somebody asks for by {@code Range} is nothing we promise. */
  private static ResponseEntity<byte[]> answer(Resource resource) throws IOException {
    return ResponseEntity.ok()
        .cacheControl(CacheControl.maxAge(Duration.ofHours(1)).cachePublic())
        .header("Content-Security-Policy", POLICY)
        .body(resource.getContentAsByteArray());
  }
}
