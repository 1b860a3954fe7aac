package io.capataz.supervisor.documentation;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.web.ApiProblem;
import java.io.IOException;
import java.net.URI;
import java.util.regex.Pattern;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * The manual as it is in {@code docs/}, of the version that runs here. It is public, as the
 * description of the API is.
 */
@RestController
class ManualController {

  private static final String INDEX = "/docs/llms.txt";

  private static final Pattern PAGE =
      Pattern.compile("/(?:(?:adr|api|reference)/)?[A-Za-z0-9-]+(?:\\.[a-z]{2})?\\.(md|txt)");

  private static final MediaType MARKDOWN = MediaType.parseMediaType("text/markdown;charset=UTF-8");
  private static final MediaType TEXT = MediaType.parseMediaType("text/plain;charset=UTF-8");

  /** {@code GET /llms.txt}: leads assistants to the index of the manual; 303. */
  @GetMapping("/llms.txt")
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<Void> index() {
    return ResponseEntity.status(HttpStatus.SEE_OTHER).location(URI.create(INDEX)).build();
  }

  /** {@code GET /docs/{page}}: a page of the manual, or its index, as text. */
  @GetMapping("/docs/{*page}")
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> page(@PathVariable String page) throws IOException {
    var name = PAGE.matcher(page);
    var file = new ClassPathResource("manual" + page, ManualController.class);
    if (!name.matches() || !file.exists()) {
      throw ApiProblem.noSuchRoute();
    }
    var type = name.group(1).equals("md") ? MARKDOWN : TEXT;
    return DocumentationController.answer(file, type);
  }
}
