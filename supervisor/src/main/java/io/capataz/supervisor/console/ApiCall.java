package io.capataz.supervisor.console;

import io.capataz.common.secret.Secret;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A call of a route.
 *
 * @param path with its query, encoded
 * @param body null: none
 * @param as another key than that of the person who looks; null: theirs
 */
record ApiCall(String method, String path, @Nullable JsonNode body, @Nullable Secret as) {

  String route() {
    return path.contains("?") ? path.substring(0, path.indexOf('?')) : path;
  }

  @Nullable String query() {
    return path.contains("?") ? path.substring(path.indexOf('?') + 1) : null;
  }
}
