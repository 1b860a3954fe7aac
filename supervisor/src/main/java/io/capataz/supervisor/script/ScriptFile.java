package io.capataz.supervisor.script;

import io.capataz.supervisor.access.Acl;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A script's history: a name for tasks and people, and one {@link Script} per version of its
 * content. A job resolves the file to its current version once: it keeps the script that was
 * current when the job was created.
 *
 * @param id the {@code script_id} of tasks
 * @param organization whose it is
 * @param filename that of the current version
 * @param description what it is for, for people; may be empty
 * @param tags labels for finding it
 * @param acl who may see it, besides administrators
 * @param mimetype of the content, as sent or guessed
 * @param versions the latest of them, oldest first; never empty
 * @param rev incremented by every write
 * @param created when
 * @param updated when it was last changed
 */
@Document("script_files")
record ScriptFile(
    @Id String id,
    String organization,
    String filename,
    String description,
    List<String> tags,
    Acl acl,
    String mimetype,
    List<Version> versions,
    long rev,
    Instant created,
    Instant updated) {

  /**
   * The number of versions kept in the history; older contents stay for the jobs created from them.
   */
  static final int MOST_VERSIONS = 200;

  ScriptFile {
    tags = List.copyOf(tags);
    versions = List.copyOf(versions);
  }

  /**
   * A version of the content; immutable.
   *
   * @param number counted from 1
   * @param script the id of the {@link Script} that is the content
   * @param digest {@code sha256:…} of it
   * @param size bytes
   * @param by who created it
   */
  record Version(
      int number,
      String script,
      String filename,
      @Nullable List<String> interpreter,
      String digest,
      int size,
      Instant at,
      String by) {

    Version {
      interpreter = interpreter == null ? null : List.copyOf(interpreter);
    }

    static Version of(int number, Script script, String by) {
      return new Version(
          number,
          script.id(),
          script.filename(),
          script.interpreter(),
          script.digest(),
          script.content().length(),
          script.created(),
          by);
    }
  }

  /** The version that new runs use. */
  Version current() {
    return versions.getLast();
  }

  Optional<Version> version(int number) {
    return versions.stream().filter(version -> version.number() == number).findFirst();
  }

  /** The same file with a new version appended. */
  ScriptFile with(Version next) {
    var all = new ArrayList<>(versions);
    all.add(next);
    return new ScriptFile(
        id,
        organization,
        next.filename(),
        description,
        tags,
        acl,
        mimetype,
        all.subList(Math.max(0, all.size() - MOST_VERSIONS), all.size()),
        rev,
        created,
        updated);
  }

  /** The same content with other metadata. */
  ScriptFile described(
      String nowDescription, List<String> nowTags, Acl nowAcl, String nowMimetype) {
    return new ScriptFile(
        id,
        organization,
        filename,
        nowDescription,
        nowTags,
        nowAcl,
        nowMimetype,
        versions,
        rev,
        created,
        updated);
  }

  /** The same, as after the next write. */
  ScriptFile written(Instant now) {
    return new ScriptFile(
        id,
        organization,
        filename,
        description,
        tags,
        acl,
        mimetype,
        versions,
        rev + 1,
        created,
        now);
  }
}
