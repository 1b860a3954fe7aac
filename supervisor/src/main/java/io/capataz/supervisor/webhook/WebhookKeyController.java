package io.capataz.supervisor.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Audited;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.secretkey.CredentialsView;
import io.capataz.supervisor.secretkey.CredentialsView.KeyView;
import io.capataz.supervisor.secretkey.KeyRoutes;
import io.capataz.supervisor.web.ApiInput;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** The secrets of webhooks; as for tasks. */
@RestController
class WebhookKeyController {

  private final Webhooks webhooks;
  private final KeyRoutes keys;

  WebhookKeyController(Webhooks webhooks, KeyRoutes keys) {
    this.webhooks = webhooks;
    this.keys = keys;
  }

  /**
   * The secrets of a webhook.
   *
   * @param secret the newest key; missing if it has none
   * @param signingSecret missing if it has no verification
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WebhookKeysView(
      String id,
      @Nullable String secret,
      @Nullable String signingSecret,
      List<KeyView> secretKeys) {}

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
    var shown = keys.shown(webhook.keyTarget());
    var signing = webhooks.signingSecret(webhook).map(Secret::reveal).orElse(null);
    return new WebhookKeysView(shown.id(), shown.secret(), signing, shown.secretKeys());
  }

  /**
   * {@code POST …/webhook/{id}/secret}: makes a new key, which the response shows. The others end
   * after {@code overlap} seconds, 0 to 30 days; by default at once.
   */
  @PostMapping("/{customer}/webhook/{id}/secret")
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  CredentialsView rotate(@PathVariable String id, ApiInput input, Caller.Member caller) {
    return keys.rotated(found(caller, id).keyTarget(), input.object());
  }

  /** {@code DELETE …/webhook/{id}/secret/{keyId}}: ends the key of that id at once. */
  @DeleteMapping("/{customer}/webhook/{id}/secret/{keyId}")
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  Map<String, String> revoke(
      @PathVariable String id, @PathVariable String keyId, Caller.Member caller) {
    keys.revoked(found(caller, id).keyTarget(), keyId);
    return Map.of();
  }

  private Webhook found(Caller.Member caller, String id) {
    return webhooks.visible(caller, id).orElseThrow(WebhookController::noSuchWebhook);
  }
}
