package io.capataz.supervisor.credential;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.vault.Sealed;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A stored secret for scripts.
 *
 * @param id the id tasks refer to
 * @param organization whose it is
 * @param name unique in the organization
 * @param kind its kind; never changes
 * @param description what it is for, for people
 * @param filename for a {@link Kind#FILE}, the name that scripts see
 * @param acl who may see it, besides administrators; nobody can see its value
 * @param user for a {@link Kind#PAIR}, the user name
 * @param value the text, the file's content, or the password
 * @param created when
 * @param updated when it was last changed
 * @param changedBy who changed it last
 */
@Document("credentials")
public record Credential(
    @Id String id,
    String organization,
    String name,
    Kind kind,
    @Nullable String description,
    @Nullable String filename,
    Acl acl,
    @Nullable Sealed user,
    Sealed value,
    Instant created,
    Instant updated,
    String changedBy) {

  public Credential {}

  /** The kinds of credentials. */
  public enum Kind {
    /** A text, such as a token or a password. */
    TEXT,
    /** A file, such as a private key. */
    FILE,
    /** A user's name and password. */
    PAIR;

    /** Its name on the wire. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
