package io.capataz.supervisor.script;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.web.ApiInput.FilePart;
import io.capataz.supervisor.web.FieldReader;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A complete script in a request.
 *
 * @param filename a valid one, unless the reading has found it wrong
 * @param content the bytes
 * @param interpreter program and options put before the script; null: by {@code #!} or the ending
 */
public record ScriptDraft(String filename, Bytes content, @Nullable List<String> interpreter) {

  public ScriptDraft {
    interpreter = interpreter == null ? null : List.copyOf(interpreter);
  }

  /**
   * Reads a script; mistakes are added to {@code fields}.
   *
   * @param launched whether its task says which program is to run it
   */
  public static ScriptDraft read(FieldReader fields, boolean launched) {
    var filename = filename(fields).orElse("");
    if (!fields.has("filename")) {
      fields.wrong("filename", "required", "is required.");
    }
    var content = content(fields);
    if (!fields.has("content") && !fields.has("data")) {
      fields.wrong("content", "required", "is required unless data is sent.");
    }
    var interpreter = interpreter(fields).filter(argv -> !argv.isEmpty()).orElse(null);
    content
        .filter(_ -> !launched)
        .flatMap(bytes -> ScriptText.mistake(filename, interpreter, bytes))
        .ifPresent(
            mistake ->
                fields.wrong(
                    fields.has("content") ? "content" : "data", mistake.code(), mistake.detail()));
    return new ScriptDraft(filename, content.orElse(Bytes.utf8("")), interpreter);
  }

  /** Whether a stored script is identical to this one. */
  public boolean isWhat(Script kept) {
    return filename.equals(kept.filename())
        && Objects.equals(interpreter, kept.interpreter())
        && content.sha256().equals(kept.digest());
  }

  static Optional<String> filename(FieldReader fields) {
    var filename = fields.text("filename", Filename.MAX_LENGTH);
    filename
        .filter(name -> !Filename.isValid(name))
        .ifPresent(_ -> fields.wrong("filename", "invalid_name", Filename.FORM));
    return filename;
  }

  /** Program and options, or the program as a word; an empty list means none. */
  static Optional<List<String>> interpreter(FieldReader fields) {
    var interpreter = fields.textsOrWord("interpreter", 20, 1_000);
    interpreter
        .filter(argv -> !argv.isEmpty() && argv.getFirst().isBlank())
        .ifPresent(
            _ -> fields.wrong("interpreter", "empty", "must begin with the name of a program."));
    return interpreter;
  }

  /** The content: text in {@code content}, or any bytes in {@code data}. */
  static Optional<Bytes> content(FieldReader fields) {
    var text = fields.text("content", Script.MAX_BYTES).map(Bytes::utf8);
    var data = fields.base64("data", Script.MAX_BYTES);
    if (fields.has("content") && fields.has("data")) {
      fields.wrong("data", "conflict", "must not be sent together with content.");
    }
    text.filter(bytes -> bytes.length() > Script.MAX_BYTES)
        .ifPresent(
            _ ->
                fields.wrong(
                    "content",
                    "too_long",
                    "must have at most " + Script.MAX_BYTES + " bytes in UTF-8."));
    data.filter(bytes -> bytes.length() == 0)
        .ifPresent(_ -> fields.wrong("data", "empty", "must not be empty."));
    return text.or(() -> data);
  }

  /** The part {@code file} of a multipart body. */
  static Optional<FilePart> file(FieldReader fields) {
    var part = fields.file("file", Script.MAX_BYTES);
    part.filter(sent -> sent.content().length() == 0)
        .ifPresent(_ -> fields.wrong("file", "empty", "must not be empty."));
    if (part.isPresent() && (fields.has("content") || fields.has("data"))) {
      fields.wrong("file", "conflict", "must not be sent together with content or data.");
    }
    return part;
  }
}
