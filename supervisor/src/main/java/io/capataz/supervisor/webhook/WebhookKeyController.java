package io.capataz.supervisor.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.secretkey.SecretKey;
import io.capataz.supervisor.secretkey.SecretKeys;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.web.FieldReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** The secrets of webhooks; as for tasks. */
@RestController
class WebhookKeyController {

  private static final long LONGEST_OVERLAP = 30L * 24 * 3600;

  private final Webhooks webhooks;
  private final SecretKeys keys;

  WebhookKeyController(Webhooks webhooks, SecretKeys keys) {
    this.webhooks = webhooks;
    this.keys = keys;
  }

  /**
   * A key in a response.
   *
   * @param id names it, and is no secret
   * @param expires missing: it has no end
   * @param lastUse to the minute; missing: never used
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WebhookKeyView(
      String id, Instant creationDate, @Nullable Instant expires, @Nullable Instant lastUse) {
    static WebhookKeyView of(SecretKey key) {
      return new WebhookKeyView(key.id(), key.created(), key.expires(), key.lastUse());
    }
  }

  /**
   * The secrets of a webhook.
   *
   * @param secret the newest key; missing if it has none
   * @param signingSecret missing if it has no verification, or if a key was made
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WebhookKeysView(
      String id,
      @Nullable String secret,
      @Nullable String signingSecret,
      List<WebhookKeyView> secretKeys) {}

  /**
   * {@code GET …/webhook/{id}/credentials}: the keys of a webhook, the newest first, the newest one
   * itself, and the secret with which deliveries are signed. A look at it is written into the audit
   * log.
   */
  @Audited
  @GetMapping("/{customer}/webhook/{id}/credentials")
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  WebhookKeysView credentials(@PathVariable String id, Caller.Member caller) {
    var webhook = found(caller, id);
    var newest = keys.liveOf(webhook.keyTarget()).stream().findFirst().map(keys::text);
    return shown(webhook, newest, webhooks.signingSecret(webhook));
  }

  /**
   * {@code POST …/webhook/{id}/secret}: makes a new key, which the response shows. The others end
   * after {@code overlap} seconds, 0 to 30 days; by default at once.
   */
  @PostMapping("/{customer}/webhook/{id}/secret")
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  WebhookKeysView rotate(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var fields = FieldReader.of(input.object()).ignoring("customer", "access_token");
    var overlap = fields.whole("overlap", 0, LONGEST_OVERLAP);
    fields.done();
    var webhook = found(caller, id);
    var key = keys.rotate(webhook.keyTarget(), Duration.ofSeconds(overlap.orElse(0)));
    return shown(webhook, Optional.of(key), Optional.empty());
  }

  /** {@code DELETE …/webhook/{id}/secret/{keyId}}: ends the key of that id at once. */
  @DeleteMapping("/{customer}/webhook/{id}/secret/{keyId}")
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  Map<String, String> revoke(
      @PathVariable String id, @PathVariable String keyId, Caller.Member caller) {
    if (!keys.revoke(found(caller, id).keyTarget(), keyId)) {
      throw ApiProblem.notFound("A key of that id");
    }
    return Map.of();
  }

  private WebhookKeysView shown(
      Webhook webhook, Optional<Secret> secret, Optional<Secret> signing) {
    return new WebhookKeysView(
        webhook.id(),
        secret.map(Secret::reveal).orElse(null),
        signing.map(Secret::reveal).orElse(null),
        keys.liveOf(webhook.keyTarget()).stream().map(WebhookKeyView::of).toList());
  }

  private Webhook found(Caller.Member caller, String id) {
    return webhooks.visible(caller, id).orElseThrow(WebhookController::noSuchWebhook);
  }
}
