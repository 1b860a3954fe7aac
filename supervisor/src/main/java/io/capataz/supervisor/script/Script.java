package io.capataz.supervisor.script;

import io.capataz.common.protocol.Bytes;
import java.time.Instant;
import java.util.List;
import org.bson.types.Binary;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * Text or a program's bytes, and its interpreter. Immutable.
 *
 * @param id the {@code script_id} of tasks
 * @param organization whose it is
 * @param filename a name for people and interpreters, never a path
 * @param digest {@code sha256:…} of the content
 * @param interpreter program and options put before the script; null: by {@code #!} or the ending
 * @param size how many bytes it has
 * @param content the bytes
 * @param created when
 */
@Document("scripts")
public record Script(
    @Id String id,
    String organization,
    String filename,
    String digest,
    @Nullable List<String> interpreter,
    int size,
    Binary content,
    Instant created) {

  /** The maximum size of a script. */
  public static final int MAX_BYTES = 5 * 1024 * 1024;

  public Script {
    interpreter = interpreter == null ? null : List.copyOf(interpreter);
  }

  /** The content as a value. */
  public Bytes bytes() {
    return Bytes.of(content.getData());
  }
}
