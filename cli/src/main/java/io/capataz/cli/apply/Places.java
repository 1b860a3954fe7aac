package io.capataz.cli.apply;

import io.capataz.cli.api.Api;
import io.capataz.cli.api.Named;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Finds what definitions refer to by name.
 *
 * @param all the definitions of this call, some of which may not be there yet
 */
record Places(Api api, List<Definition> all) {

  /** The only object of that name. */
  Optional<JsonNode> find(Named kind, String word) {
    try {
      return Optional.of(kind.one(api, word));
    } catch (Failure e) {
      if (e.code() == ExitCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * The id of an object; its name if it is not there yet, but among the definitions.
   *
   * @throws Failure if it is neither
   */
  String id(Named kind, Kind described, String word) {
    Optional<JsonNode> found = find(kind, word);
    if (found.isEmpty() && all.stream().anyMatch(it -> it.is(described, word))) {
      return word;
    }
    return found.orElseGet(() -> kind.one(api, word)).path("id").asString("");
  }
}
