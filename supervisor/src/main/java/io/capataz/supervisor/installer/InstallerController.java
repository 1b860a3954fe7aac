package io.capataz.supervisor.installer;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves the script that installs an agent, and what it installs. It is public: no data is in it.
 */
@RestController
class InstallerController {

  private static final String TEXT = "text/plain;charset=UTF-8";

  /** What a host and port look like; anything else would end up in a script that root runs. */
  private static final Pattern HOST =
      Pattern.compile("(?:[A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(?::[0-9]{1,5})?");

  private final AgentFiles files;

  InstallerController(AgentFiles files) {
    this.files = files;
  }

  /**
   * {@code GET /install.sh}: a shell script that installs this supervisor's agent on the host where
   * it runs. It fetches everything from the address that the client used, and checks digests. 404
   * if this supervisor has no agent to install.
   */
  @GetMapping(path = "/install.sh", produces = TEXT)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> script(HttpServletRequest request) throws IOException {
    var list = files.list().orElseThrow(InstallerController::noAgent);
    var host = String.valueOf(request.getHeader(HttpHeaders.HOST));
    if (!HOST.matcher(host).matches()) {
      throw ApiProblem.badRequest(
          "invalid_host", "The header Host is not a host name or address. Use the supervisor's.");
    }
    var script =
        new ClassPathResource("install.sh", InstallerController.class)
            .getContentAsString(StandardCharsets.UTF_8)
            .replace("@SUPERVISOR@", request.getScheme() + "://" + host)
            .replace("@DIGEST@", Bytes.of(utf8(list)).sha256().substring("sha256:".length()));
    return ResponseEntity.ok()
        // It differs by address, and with each upgrade.
        .cacheControl(CacheControl.noStore())
        .body(utf8(script));
  }

  /**
   * {@code GET /install/agent}: the list of the agent's files with their SHA-256, in the form of
   * {@code sha256sum}.
   */
  @GetMapping(path = "/install/agent", produces = TEXT)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<byte[]> list() {
    return ResponseEntity.ok()
        .cacheControl(CacheControl.noStore())
        .body(utf8(files.list().orElseThrow(InstallerController::noAgent)));
  }

  /** {@code GET /install/agent/{file}}: one of these files. */
  @GetMapping("/install/agent/{*file}")
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<Resource> file(@PathVariable String file) {
    return ResponseEntity.ok()
        .cacheControl(CacheControl.noStore())
        .contentType(MediaType.APPLICATION_OCTET_STREAM)
        .body(
            files
                .named(file.substring(1))
                .map(FileSystemResource::new)
                .orElseThrow(InstallerController::noAgent));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ApiProblem noAgent() {
    return ApiProblem.notSetUp(
        "no_agent_to_install",
        "This supervisor has no such file of an agent. Set capataz.installer.folder, or install"
            + " the agent from its package.");
  }
}
