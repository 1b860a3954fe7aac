package io.capataz.agent.job;

import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a script returns besides its exit code: the JSON it left in its result file, else the last
 * line it printed to standard output, if that is a JSON object or array.
 */
final class ResultLine {

  static final int MAX_FILE_BYTES = 1024 * 1024;
  static final int MAX_LINE_BYTES = 64 * 1024;

  private ResultLine() {}

  static Optional<JsonNode> read(Path resultFile, Path stdout) {
    return fromFile(resultFile).or(() -> fromLastLine(stdout));
  }

  /** Whether the result says, in the words scripts use for it, that the script failed. */
  static boolean saysFailure(@Nullable JsonNode result) {
    if (result == null || !result.isObject() || !result.has("state")) {
      return false;
    }
    JsonNode state = result.get("state");
    return state.isString() && state.asString().equals("failure");
  }

  /** Looks at a plain file only: a script may have put a pipe there, which nobody would fill. */
  private static Optional<JsonNode> fromFile(Path file) {
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          || Files.size(file) > MAX_FILE_BYTES) {
        return Optional.empty();
      }
      return json(Files.readAllBytes(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<JsonNode> fromLastLine(Path stdout) {
    try (SeekableByteChannel channel = Files.newByteChannel(stdout)) {
      long size = channel.size();
      // Room for the line, the line end after it, and the one before it that proves it whole.
      ByteBuffer tail = ByteBuffer.allocate((int) Math.min(size, MAX_LINE_BYTES + 3));
      channel.position(size - tail.capacity());
      while (tail.hasRemaining() && channel.read(tail) >= 0) {}
      byte[] bytes = tail.array();
      int end = tail.position();
      end -= end > 0 && bytes[end - 1] == '\n' ? 1 : 0;
      end -= end > 0 && bytes[end - 1] == '\r' ? 1 : 0;
      int start = end;
      while (start > 0 && bytes[start - 1] != '\n') {
        start--;
      }
      boolean whole = start > 0 || size == tail.capacity();
      if (!whole || end - start > MAX_LINE_BYTES) {
        return Optional.empty();
      }
      String line = new String(bytes, start, end - start, StandardCharsets.UTF_8).strip();
      return line.startsWith("{") || line.startsWith("[")
          ? json(line.getBytes(StandardCharsets.UTF_8))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<JsonNode> json(byte[] bytes) {
    try {
      JsonNode node = MessageJson.mapper().readTree(bytes);
      return node == null || node.isMissingNode() || node.isNull()
          ? Optional.empty()
          : Optional.of(node);
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
