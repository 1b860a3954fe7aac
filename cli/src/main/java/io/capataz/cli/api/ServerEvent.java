package io.capataz.cli.api;

import io.capataz.common.protocol.MessageJson;
import tools.jackson.databind.JsonNode;

/** One event of a stream (server-sent events). */
public record ServerEvent(String name, String id, String text) {

  /** What it says. */
  public JsonNode data() {
    return MessageJson.mapper().readTree(text);
  }
}
