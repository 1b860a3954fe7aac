package io.capataz.supervisor.console;

import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.web.ApiProblem;
import java.time.Duration;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The files that pages load. They are public: they hold no data. */
@RestController
class AssetController {

  private final Assets assets;

  AssetController(Assets assets) {
    this.assets = assets;
  }

  /** {@code GET /console/assets/{version}/…}: one file. */
  @GetMapping({
    "/console/assets/{version}/{name}",
    "/console/assets/{version}/{folder:fonts|vendor|islands}/{name}"
  })
  @Allow(value = Allow.Who.ANYONE, counted = false)
  ResponseEntity<byte[]> file(
      @PathVariable String version,
      @PathVariable(required = false) String folder,
      @PathVariable String name) {
    var asset =
        assets
            .find(folder == null ? name : folder + "/" + name)
            .orElseThrow(() -> ApiProblem.notFound("The file"));
    // While supervisors are replaced, a page of one may ask another for its files.
    return ResponseEntity.ok()
        .header(HttpHeaders.CONTENT_TYPE, asset.type())
        .cacheControl(
            assets.isCurrent(version)
                ? CacheControl.maxAge(Duration.ofDays(365)).cachePublic().immutable()
                : CacheControl.noStore())
        .body(asset.content().toArray());
  }
}
