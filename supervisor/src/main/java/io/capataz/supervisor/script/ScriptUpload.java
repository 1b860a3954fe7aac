package io.capataz.supervisor.script;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclFields;
import io.capataz.supervisor.web.ApiInput.FilePart;
import io.capataz.supervisor.web.FieldReader;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * The fields of a file in a request; absent fields are null.
 *
 * @param partName the name that the client's file has where it comes from
 * @param interpreter may be empty, which is none
 */
record ScriptUpload(
    @Nullable String filename,
    @Nullable Bytes content,
    @Nullable String partName,
    @Nullable List<String> interpreter,
    @Nullable String description,
    @Nullable List<String> tags,
    @Nullable Acl acl,
    @Nullable String mimetype) {

  ScriptUpload {
    interpreter = interpreter == null ? null : List.copyOf(interpreter);
    tags = tags == null ? null : List.copyOf(tags);
  }

  /** Reads all fields; mistakes are added to {@code fields}. */
  static ScriptUpload read(FieldReader fields) {
    var part = ScriptDraft.file(fields);
    var content = content(fields, part);
    var acl = AclFields.read(fields);
    var description = fields.textOrNothing("description", 10_000).orElse("");
    return new ScriptUpload(
        ScriptDraft.filename(fields).orElse(null),
        content.content(),
        content.partName(),
        ScriptDraft.interpreter(fields).orElse(null),
        fields.has("description") ? description : null,
        fields.names("tags", 50, 100).orElse(null),
        acl.orElse(null),
        mimetype(fields).or(() -> part.flatMap(ScriptUpload::typeOf)).orElse(null));
  }

  /** Reads only the content. */
  static ScriptUpload contentOnly(FieldReader fields) {
    return content(fields, ScriptDraft.file(fields));
  }

  private static ScriptUpload content(FieldReader fields, Optional<FilePart> part) {
    return new ScriptUpload(
        null,
        ScriptDraft.content(fields).or(() -> part.map(FilePart::content)).orElse(null),
        part.map(FilePart::filename).orElse(null),
        null,
        null,
        null,
        null,
        null);
  }

  /** Adds a mistake to {@code fields} if no content was sent, valid or not. */
  static void requireContent(FieldReader fields) {
    if (Stream.of("content", "data", "file").noneMatch(fields::has)) {
      fields.wrong("content", "required", "is required unless data or the part 'file' is sent.");
    }
  }

  private static Optional<String> mimetype(FieldReader fields) {
    var type = fields.textOrNothing("mimetype", 200);
    type.filter(text -> !isConcrete(text))
        .ifPresent(
            _ -> fields.wrong("mimetype", "wrong_form", "must be a media type such as text/x-sh."));
    return type;
  }

  /** The media type stated by the client, if it is meaningful. */
  private static Optional<String> typeOf(FilePart part) {
    return Optional.ofNullable(part.contentType())
        .filter(type -> !type.equals(MediaType.APPLICATION_OCTET_STREAM_VALUE))
        .filter(ScriptUpload::isConcrete);
  }

  private static boolean isConcrete(String type) {
    try {
      return MediaType.parseMediaType(type).isConcrete();
    } catch (InvalidMediaTypeException noType) {
      return false;
    }
  }
}
