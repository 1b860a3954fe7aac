package io.capataz.agent.job;

import io.capataz.agent.process.CapturedStream;
import io.capataz.agent.process.OpenFolder;
import io.capataz.agent.redact.Redactor;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Reads the result of a script: the JSON in its result file, else the last line of its standard
 * output if that is a JSON object or array.
 */
final class ResultLine {

  static final int MAX_FILE_BYTES = 1024 * 1024;
  static final int MAX_LINE_BYTES = 64 * 1024;

  private ResultLine() {}

  static Optional<JsonNode> read(Path resultFile, CapturedStream stdout, Redactor redactor) {
    return fromFile(resultFile, redactor).or(() -> fromLastLine(stdout, redactor));
  }

  /** Whether the result says that the script failed. */
  static boolean reportsFailure(@Nullable JsonNode result) {
    if (result == null || !result.isObject() || !result.has("state")) {
      return false;
    }
    var state = result.get("state");
    return state.isString() && state.asString().equals("failure");
  }

  private static Optional<JsonNode> fromFile(Path file, Redactor redactor) {
    try (var results = OpenFolder.at(file.resolveSibling(""))) {
      return results
          .read(file.getFileName().toString(), MAX_FILE_BYTES)
          .filter(bytes -> bytes.length <= MAX_FILE_BYTES)
          .flatMap(bytes -> json(bytes, redactor));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<JsonNode> fromLastLine(CapturedStream stdout, Redactor redactor) {
    try {
      long size = stdout.size();
      // Room for the line, its line end, and the line end before it, which shows that it is
      // complete.
      int length = (int) Math.min(size, MAX_LINE_BYTES + 3);
      var bytes = stdout.read(size - length, length);
      int end = bytes.length;
      end -= end > 0 && bytes[end - 1] == '\n' ? 1 : 0;
      end -= end > 0 && bytes[end - 1] == '\r' ? 1 : 0;
      int start = end;
      while (start > 0 && bytes[start - 1] != '\n') {
        start--;
      }
      boolean whole = start > 0 || size == length;
      if (!whole || end - start > MAX_LINE_BYTES) {
        return Optional.empty();
      }
      var line = new String(bytes, start, end - start, StandardCharsets.UTF_8).strip();
      return line.startsWith("{") || line.startsWith("[")
          ? json(line.getBytes(StandardCharsets.UTF_8), redactor)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Redacts the parsed values, since redacting the text could break the JSON. */
  private static JsonNode redacted(JsonNode node, Redactor redactor) {
    var nodes = JsonNodeFactory.instance;
    if (node.isObject()) {
      var object = nodes.objectNode();
      node.properties()
          .forEach(
              entry ->
                  object.set(
                      redactor.redacted(entry.getKey()), redacted(entry.getValue(), redactor)));
      return object;
    }
    if (node.isArray()) {
      var array = nodes.arrayNode();
      node.forEach(element -> array.add(redacted(element, redactor)));
      return array;
    }
    var text = node.asString();
    var redacted = redactor.redacted(text);
    return redacted.equals(text) ? node : nodes.stringNode(redacted);
  }

  private static Optional<JsonNode> json(byte[] bytes, Redactor redactor) {
    try {
      var node = MessageJson.mapper().readTree(bytes);
      return node == null || node.isMissingNode() || node.isNull()
          ? Optional.empty()
          : Optional.of(redactor.isIdle() ? node : redacted(node, redactor));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
