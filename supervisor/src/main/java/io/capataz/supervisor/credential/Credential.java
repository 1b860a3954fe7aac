package io.capataz.supervisor.credential;

import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.vault.Sealed;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.data.annotation.Id;
import org.springframework.data.mongodb.core.mapping.Document;

/**
 * A secret that is kept for scripts.
 *
 * @param id by which tasks name it
 * @param organization whose it is
 * @param name unique in the organization
 * @param kind what it is; never changes
 * @param description what it is for, for people
 * @param filename of a {@link Kind#FILE} the name that scripts see
 * @param acl who, below administrators, may see it; its value is seen by nobody
 * @param user of a {@link Kind#PAIR} the user's name
 * @param value the text, the file's content, or the password
 * @param created when
 * @param updated when it was last changed
 * @param changedBy by whom
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

  public Credential {
    acl = Acl.orNobody(acl);
  }

  /** What a credential is. */
  public enum Kind {
    /** A text, as a token or a password. */
    TEXT,
    /** A file, as a private key. */
    FILE,
    /** A user's name and password. */
    PAIR;

    /** Its name on the wire. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
