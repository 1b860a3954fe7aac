package io.capataz.agent.job;

import io.capataz.agent.process.CapturedStream;
import io.capataz.agent.process.OpenFolder;
import io.capataz.agent.redact.Redactor;
import io.capataz.common.protocol.AttemptEnd.ResultError;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Reads the result of a script: the JSON in its result file, else the last line of its standard
 * output if that is a JSON object or array.
 */
final class ResultLine {

  static final int MAX_FILE_BYTES = 1024 * 1024;
  static final int MAX_LINE_BYTES = 64 * 1024;

  private static final String NOT_JSON = "not_json";

  private static final JsonMapper LENIENT =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private ResultLine() {}

  /**
   * What a script returned.
   *
   * @param value null: nothing that can be kept
   * @param error why what it returned cannot be kept; null: it can, or it returned nothing
   */
  record Returned(@Nullable JsonNode value, @Nullable ResultError error) {
    static final Returned NOTHING = new Returned(null, null);

    static Returned of(JsonNode value) {
      return new Returned(value, null);
    }

    static Returned not(String code, String detail) {
      return new Returned(null, new ResultError(code, detail));
    }
  }

  static Returned read(Path resultFile, CapturedStream stdout, Redactor redactor) {
    var file = fromFile(resultFile, redactor);
    if (file.filter(it -> it.value() != null).isPresent()) {
      return file.get();
    }
    var line = fromLastLine(stdout, redactor);
    return line.value() != null ? line : file.orElse(line);
  }

  /** Whether the result says that the script failed. */
  static boolean reportsFailure(@Nullable JsonNode result) {
    if (result == null || !result.isObject() || !result.has("state")) {
      return false;
    }
    var state = result.get("state");
    return state.isString() && state.asString().equals("failure");
  }

  /** Empty if the script wrote no file. */
  private static Optional<Returned> fromFile(Path file, Redactor redactor) {
    try (var results = OpenFolder.at(file.resolveSibling(""))) {
      return results
          .read(file.getFileName().toString(), MAX_FILE_BYTES)
          .filter(bytes -> bytes.length > 0)
          .map(bytes -> ofFile(bytes, redactor));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Returned ofFile(byte[] bytes, Redactor redactor) {
    if (bytes.length > MAX_FILE_BYTES) {
      return Returned.not(
          "too_large",
          "The result file ($CAPATAZ_OUTPUT) has more than " + MAX_FILE_BYTES + " bytes.");
    }
    try {
      return json(bytes, redactor);
    } catch (JacksonException e) {
      return Returned.not(
          NOT_JSON, "The result file ($CAPATAZ_OUTPUT) does not contain valid JSON.");
    }
  }

  private static Returned fromLastLine(CapturedStream stdout, Redactor redactor) {
    try {
      long size = stdout.size();
      // Room for the line, its line end, and the line end before it, which shows that it is
      // complete.
      int length = (int) Math.min(size, MAX_FILE_BYTES + 3);
      var bytes = stdout.read(size - length, length);
      int end = bytes.length;
      end -= end > 0 && bytes[end - 1] == '\n' ? 1 : 0;
      end -= end > 0 && bytes[end - 1] == '\r' ? 1 : 0;
      int start = end;
      while (start > 0 && bytes[start - 1] != '\n') {
        start--;
      }
      boolean whole = start > 0 || size == length;
      return whole && looksLikeJson(bytes, start, end)
          ? ofLine(Arrays.copyOfRange(bytes, start, end), redactor)
          : Returned.NOTHING;
    } catch (IOException e) {
      return Returned.NOTHING;
    }
  }

  private static Returned ofLine(byte[] line, Redactor redactor) {
    if (line.length > MAX_LINE_BYTES) {
      return Returned.not(
          "too_large",
          "The last line of the output looks like a result, but has more than "
              + MAX_LINE_BYTES
              + " bytes. Write larger results to the file named by $CAPATAZ_OUTPUT.");
    }
    try {
      return json(line, redactor);
    } catch (JacksonException e) {
      // Most lines that begin with a bracket are no results. One with NaN in it is.
      return isAlmostJson(line)
          ? Returned.not(
              NOT_JSON,
              "The last line of the output contains NaN or Infinity, which JSON does not have.")
          : Returned.NOTHING;
    }
  }

  private static boolean looksLikeJson(byte[] bytes, int start, int end) {
    var first = start;
    while (first < end && bytes[first] <= ' ' && bytes[first] >= 0) {
      first++;
    }
    var last = end;
    while (last > first && bytes[last - 1] <= ' ' && bytes[last - 1] >= 0) {
      last--;
    }
    return last - first > 1
        && ((bytes[first] == '{' && bytes[last - 1] == '}')
            || (bytes[first] == '[' && bytes[last - 1] == ']'));
  }

  private static boolean isAlmostJson(byte[] line) {
    try {
      var _ = LENIENT.readTree(line);
      return true;
    } catch (JacksonException e) {
      return false;
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

  private static Returned json(byte[] bytes, Redactor redactor) {
    var node = MessageJson.mapper().readTree(bytes);
    return node == null || node.isMissingNode() || node.isNull()
        ? Returned.NOTHING
        : Returned.of(redactor.isIdle() ? node : redacted(node, redactor));
  }
}
