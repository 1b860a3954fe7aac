package io.capataz.supervisor.secretkey;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.secretkey.CredentialsView.KeyView;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.time.Duration;
import java.util.Optional;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** What the routes for secret keys do, whatever the keys start. */
@Component
public class KeyRoutes {

  private static final long LONGEST_OVERLAP = 30L * 24 * 3600;

  private final SecretKeys keys;

  KeyRoutes(SecretKeys keys) {
    this.keys = keys;
  }

  /** The keys of a target, newest first, and the newest one itself. */
  public CredentialsView shown(KeyTarget target) {
    return shown(target, keys.liveOf(target).stream().findFirst().map(keys::text));
  }

  /**
   * Makes a new key; the others end after {@code overlap} seconds, 0 to 30 days, by default at
   * once.
   *
   * @throws ApiProblem 400 if the body contains anything else
   */
  public CredentialsView rotated(KeyTarget target, ObjectNode body) {
    var fields = FieldReader.of(body).ignoring("customer", "access_token");
    var overlap = fields.whole("overlap", 0, LONGEST_OVERLAP);
    fields.done();
    return shown(target, Optional.of(keys.rotate(target, Duration.ofSeconds(overlap.orElse(0)))));
  }

  /**
   * Ends a key at once.
   *
   * @throws ApiProblem 404 if there is none of that id
   */
  public void revoked(KeyTarget target, String keyId) {
    if (!keys.revoke(target, keyId)) {
      throw ApiProblem.notFound("A key of that id");
    }
  }

  private CredentialsView shown(KeyTarget target, Optional<Secret> secret) {
    return new CredentialsView(
        target.id(),
        secret.map(Secret::reveal).orElse(null),
        keys.liveOf(target).stream().map(KeyView::of).toList());
  }
}
