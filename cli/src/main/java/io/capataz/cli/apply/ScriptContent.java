package io.capataz.cli.apply;

import io.capataz.cli.api.Api;
import io.capataz.cli.terminal.ExitCode;
import io.capataz.cli.terminal.Failure;
import io.capataz.common.protocol.MessageJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The script of a task: text as {@code content}, other bytes as {@code data}. */
final class ScriptContent {

  private ScriptContent() {}

  /** The one that is there. */
  static ObjectNode of(Api api, String id) {
    JsonNode file = api.get("/file/" + Api.encoded(id));
    String path = "/file/" + Api.encoded(id) + "/download";
    try (InputStream body = api.bytes(path)) {
      ObjectNode script = MessageJson.mapper().createObjectNode();
      script.set("filename", file.path("filename"));
      return with(script, body.readAllBytes());
    } catch (IOException e) {
      throw new Failure(ExitCode.UNREACHABLE, "The connection broke while a script was read.");
    }
  }

  /** With the content of the file that it names instead of a content of its own. */
  static void load(ObjectNode script, Definition definition) {
    JsonNode file = script.remove("file");
    if (file == null) {
      return;
    }
    Path path = definition.folder().resolve(file.asString(""));
    if (!script.has("filename")) {
      script.put("filename", String.valueOf(path.getFileName()));
    }
    try {
      var _ = with(script, Files.readAllBytes(path));
    } catch (IOException e) {
      throw Failure.usage(
          "%s: the script %s cannot be read (%s)."
              .formatted(definition.origin(), path, e.getClass().getSimpleName()));
    }
  }

  private static ObjectNode with(ObjectNode script, byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return script.put("content", text);
    } catch (CharacterCodingException e) {
      String base64 = Base64.getEncoder().encodeToString(bytes);
      return script.put("data", "data:application/octet-stream;base64," + base64);
    }
  }
}
