package io.capataz.supervisor.secretkey;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The secret keys of a task or a workflow in a response.
 *
 * @param id of the task, workflow or webhook
 * @param secret the newest key; missing if there is none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CredentialsView(String id, @Nullable String secret, List<KeyView> secretKeys) {
  public CredentialsView {
    secretKeys = List.copyOf(secretKeys);
  }

  /**
   * A key, without what makes it one.
   *
   * @param id names it, and is no secret
   * @param expires from then on it opens nothing; missing: it has no end
   * @param lastUse to the minute; missing: never used
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record KeyView(
      String id, Instant creationDate, @Nullable Instant expires, @Nullable Instant lastUse) {
    static KeyView of(SecretKey key) {
      return new KeyView(key.id(), key.created(), key.expires(), key.lastUse());
    }
  }
}
