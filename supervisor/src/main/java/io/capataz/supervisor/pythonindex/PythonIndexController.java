package io.capataz.supervisor.pythonindex;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.pythonindex.Wheels.Wheel;
import io.capataz.supervisor.web.ApiProblem;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * The simple repository API of PEP 503, which {@code pip} speaks. It is public, as the description
 * of the API is: it contains nothing that is not in the source.
 */
@RestController
class PythonIndexController {

  private static final String HTML = "text/html;charset=UTF-8";

  private final Wheels wheels;

  PythonIndexController(Wheels wheels) {
    this.wheels = wheels;
  }

  /** {@code GET /sdk/simple/}: the projects of the package index, for {@code pip}. */
  @GetMapping(path = "/sdk/simple/", produces = HTML)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> projects() {
    return page(
        "Python packages", wheels.projects().stream().map(name -> link(name + "/", "", name)));
  }

  /** {@code GET /sdk/simple/{project}/}: the wheels of a project, with their SHA-256. */
  @GetMapping(path = "/sdk/simple/{project}/", produces = HTML)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> project(@PathVariable String project) {
    var files = wheels.of(project);
    if (files.isEmpty()) {
      throw noSuchFile();
    }
    return page(project, files.stream().map(PythonIndexController::link));
  }

  /** {@code GET /sdk/simple/{project}/{file}}: a wheel. */
  @GetMapping("/sdk/simple/{project}/{file}")
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> file(@PathVariable String project, @PathVariable String file) {
    var wheel = wheels.named(project, file).orElseThrow(PythonIndexController::noSuchFile);
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .body(wheel.content().toArray());
  }

  private static ApiProblem noSuchFile() {
    return ApiProblem.notFound("not_found", "There is no such Python package or file.");
  }

  private static String link(Wheel wheel) {
    return link(
        wheel.filename() + "#sha256=" + wheel.digest(),
        " data-requires-python=\"&gt;=3.9\"",
        wheel.filename());
  }

  private static String link(String address, String more, String text) {
    return "<a href=\"%s\"%s>%s</a><br>\n".formatted(address, more, text);
  }

  private static ResponseEntity<byte[]> page(String title, Stream<String> links) {
    var html =
        """
        <!DOCTYPE html>
        <html>
        <head>
        <meta name="pypi:repository-version" content="1.0">
        <title>%s</title>
        </head>
        <body>
        %s</body>
        </html>
        """
            .formatted(title, links.collect(Collectors.joining()));
    return ResponseEntity.ok(html.getBytes(StandardCharsets.UTF_8));
  }
}
