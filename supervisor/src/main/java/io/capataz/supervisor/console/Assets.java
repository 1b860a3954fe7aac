package io.capataz.supervisor.console;

import io.capataz.common.protocol.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.stereotype.Component;

/**
 * Style sheets, scripts, fonts and marks, all from the jar. They are in a folder whose name is the
 * hash of them all: browsers keep them for ever, and a new version has new addresses. What they say
 * of each other, such as an import, stays relative.
 */
@Component
class Assets {

  private static final String HERE = "/io/capataz/supervisor/console/assets/";

  private static final Map<String, String> TYPES =
      Map.of(
          "css", "text/css;charset=UTF-8",
          "js", "text/javascript;charset=UTF-8",
          "svg", "image/svg+xml",
          "woff2", "font/woff2",
          "txt", "text/plain;charset=UTF-8");

  private final Map<String, Asset> files = new TreeMap<>();
  private final String version;

  Assets() throws IOException {
    var all = new ByteArrayOutputStream();
    for (var resource :
        new PathMatchingResourcePatternResolver().getResources("classpath*:" + HERE + "**/*.*")) {
      var address = resource.getURL().toString();
      var name = address.substring(address.indexOf(HERE) + HERE.length());
      var type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
      if (type != null) {
        files.put(name, new Asset(type, Bytes.of(resource.getContentAsByteArray())));
      }
    }
    for (var file : files.entrySet()) {
      all.write(file.getKey().getBytes(StandardCharsets.UTF_8));
      all.write(file.getValue().content().toArray());
    }
    version = Bytes.of(all.toByteArray()).sha256().replace("sha256:", "").substring(0, 12);
  }

  /** A file and its type. */
  record Asset(String type, Bytes content) {}

  /** The folder's address. */
  String folder() {
    return "/console/assets/" + version;
  }

  boolean isCurrent(String asked) {
    return version.equals(asked);
  }

  Optional<Asset> find(String name) {
    return Optional.ofNullable(files.get(name));
  }
}
