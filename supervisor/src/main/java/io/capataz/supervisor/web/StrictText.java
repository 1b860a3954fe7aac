package io.capataz.supervisor.web;

import io.capataz.supervisor.web.ApiProblem.FieldError;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Strict decoding of text. The JDK's own readers replace invalid bytes, so that a script would
 * receive something nobody sent.
 */
final class StrictText {

  private StrictText() {}

  /**
   * Decodes UTF-8.
   *
   * @throws ApiProblem 400 if they are none
   */
  static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes))
          .toString();
    } catch (CharacterCodingException e) {
      throw invalid();
    }
  }

  /**
   * Decodes a percent-encoded part of a form or a query.
   *
   * @throws ApiProblem 400 if it is not percent-encoded UTF-8
   */
  static String percentDecoded(String encoded) {
    var bytes = new ByteArrayOutputStream(encoded.length());
    for (var i = 0; i < encoded.length(); i++) {
      var character = encoded.charAt(i);
      if (character == '%') {
        if (i + 2 >= encoded.length()) {
          throw invalid();
        }
        var high = Character.digit(encoded.charAt(i + 1), 16);
        var low = Character.digit(encoded.charAt(i + 2), 16);
        if (high < 0 || low < 0) {
          throw invalid();
        }
        bytes.write(high << 4 | low);
        i += 2;
      } else if (character == '+') {
        bytes.write(' ');
      } else if (character < 0x80) {
        bytes.write(character);
      } else {
        var length = Character.isHighSurrogate(character) ? 2 : 1;
        var end = Math.min(i + length, encoded.length());
        bytes.writeBytes(encoded.substring(i, end).getBytes(StandardCharsets.UTF_8));
        i = end - 1;
      }
    }
    return utf8(bytes.toByteArray());
  }

  /**
   * Rejects JSON in which a string contains an unpaired surrogate, which UTF-8 cannot encode.
   *
   * @throws ApiProblem 400 with the pointer of the first one
   */
  static void refuseHalfCharacters(JsonNode node) {
    refuseHalfCharacters(node, "");
  }

  private static void refuseHalfCharacters(JsonNode node, String pointer) {
    if (node.isString()) {
      if (hasHalfCharacter(node.stringValue())) {
        throw half(pointer);
      }
    } else if (node.isArray()) {
      for (var i = 0; i < node.size(); i++) {
        refuseHalfCharacters(node.get(i), pointer + "/" + i);
      }
    } else {
      for (var property : node.properties()) {
        // Names need no check: the JSON reader itself rejects such names.
        refuseHalfCharacters(
            property.getValue(),
            pointer + "/" + property.getKey().replace("~", "~0").replace("/", "~1"));
      }
    }
  }

  private static boolean hasHalfCharacter(String text) {
    return text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  private static ApiProblem half(String pointer) {
    return ApiProblem.invalid(
        List.of(
            new FieldError(pointer, "half_character", "must not contain an unpaired surrogate.")));
  }

  private static ApiProblem invalid() {
    return ApiProblem.badRequest(
        "invalid_encoding", "A parameter is not valid percent-encoded UTF-8.");
  }
}
