package io.capataz.supervisor.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.AuditedAct;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.secretkey.SecretKeys;
import io.capataz.supervisor.vault.Sealed;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Webhooks over HTTP. */
@RestController
class WebhookController {

  private static final int PAGE = 1_000;

  private static final Listing.Offer<Webhook> LIST =
      new Listing.Offer<>(
          Map.of(
              "name", new Listing.Order<>(Webhook::name),
              "creation_date", new Listing.Order<>(Webhook::created)),
          "name",
          Set.of("name"),
          PAGE,
          PAGE);

  private final Webhooks webhooks;
  private final WebhookDeliveries deliveries;
  private final SecretKeys keys;
  private final InstantSource clock;

  WebhookController(
      Webhooks webhooks, WebhookDeliveries deliveries, SecretKeys keys, InstantSource clock) {
    this.webhooks = webhooks;
    this.deliveries = deliveries;
    this.keys = keys;
    this.clock = clock;
  }

  /**
   * A webhook in a response.
   *
   * @param enable whether it takes deliveries
   * @param acls who may see and trigger it, besides administrators
   * @param verification how signed deliveries are checked
   * @param triggerCount how many deliveries it has taken
   * @param secret its secret key; only in the response that creates it
   * @param signingSecret only in the response that sets it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record WebhookView(
      String id,
      @JsonProperty("_type") String className,
      String name,
      boolean enable,
      List<String> acls,
      String verification,
      long triggerCount,
      String customerName,
      Instant creationDate,
      Instant lastUpdate,
      @Nullable String secret,
      @Nullable String signingSecret) {
    static WebhookView of(Webhook webhook) {
      return of(webhook, Optional.empty(), Optional.empty());
    }

    static WebhookView of(Webhook webhook, Optional<Secret> secret, Optional<Secret> signing) {
      return new WebhookView(
          webhook.id(),
          "Webhook",
          webhook.name(),
          webhook.enabled(),
          webhook.acl().entries(),
          webhook.verification().word(),
          webhook.count(),
          webhook.organization(),
          webhook.created(),
          webhook.updated(),
          secret.map(Secret::reveal).orElse(null),
          signing.map(Secret::reveal).orElse(null));
    }
  }

  /**
   * {@code GET /{customer}/webhook}: lists the webhooks that the caller may see, by name, without
   * their secrets; see {@link Listing}.
   */
  @GetMapping("/{customer}/webhook")
  @Accepts(checksQuery = true)
  @Allow(role = Role.VIEWER, scope = Scope.WEBHOOK_READ)
  ResponseEntity<List<WebhookView>> list(ApiInput input, Caller.Member caller) {
    var asked = LIST.read(input);
    return asked.answer(webhooks.list(caller, asked), WebhookView::of);
  }

  /** {@code GET /{customer}/webhook/{id}}: returns one webhook, by id or name. */
  @GetMapping("/{customer}/webhook/{id}")
  @Allow(role = Role.VIEWER, scope = Scope.WEBHOOK_READ)
  WebhookView get(@PathVariable String id, Caller.Member caller) {
    return WebhookView.of(found(caller, id));
  }

  /**
   * {@code POST /{customer}/webhook}: makes a webhook: {@code name}, unique in the organization.
   * Optional: {@code enable}, {@code acls}, {@code verification} ({@code none}, {@code standard},
   * {@code github}, {@code gitlab} or {@code stripe}) and {@code signing_secret}, which is made if
   * it is left out. The response shows the secrets. 409 if one with that name exists.
   */
  @PostMapping("/{customer}/webhook")
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  WebhookView create(ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var sent = WebhookFields.read(input.object(), null);
    var id = ObjectId.get().toHexString();
    var now = clock.instant();
    var webhook =
        new Webhook(
            id,
            caller.organization(),
            sent.name(),
            sent.acl(),
            sent.enabled(),
            sent.verification(),
            sealed(caller, id, sent.secret()),
            0,
            now,
            now,
            caller.name());
    if (!webhooks.add(webhook)) {
      throw nameTaken();
    }
    AuditedAct.of(caller, id).attachTo(request);
    var key = keys.issue(webhook.keyTarget());
    return WebhookView.of(webhook, Optional.of(key), sent.secret());
  }

  private @Nullable Sealed sealed(Caller.Member caller, String id, Optional<Secret> secret) {
    return secret.map(it -> webhooks.sealed(caller.organization(), id, it)).orElse(null);
  }

  /**
   * {@code PUT /{customer}/webhook/{id}}: changes a webhook. What is left out stays; with another
   * {@code verification} and no {@code signing_secret} a new one is made, which the response shows.
   * 409 if another webhook has that {@code name}.
   */
  @PutMapping("/{customer}/webhook/{id}")
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  WebhookView replace(@PathVariable String id, ApiInput input, Caller.Member caller) {
    var before = found(caller, id);
    var sent = WebhookFields.read(input.object(), before);
    var signed = sent.verification() != Verification.NONE;
    var kept = signed ? before.signingSecret() : null;
    var next =
        new Webhook(
            before.id(),
            before.organization(),
            sent.name(),
            sent.acl(),
            sent.enabled(),
            sent.verification(),
            sent.secret().isPresent() ? sealed(caller, before.id(), sent.secret()) : kept,
            before.count(),
            before.created(),
            clock.instant(),
            caller.name());
    try {
      var changed = webhooks.change(next).orElseThrow(WebhookController::noSuchWebhook);
      return WebhookView.of(changed, Optional.empty(), sent.secret());
    } catch (Webhooks.NameTaken taken) {
      throw nameTaken();
    }
  }

  /**
   * {@code DELETE /{customer}/webhook/{id}}: removes a webhook, with its keys and deliveries. What
   * it has started goes on.
   */
  @DeleteMapping("/{customer}/webhook/{id}")
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  Map<String, String> remove(@PathVariable String id, Caller.Member caller) {
    var webhook = found(caller, id);
    webhooks.remove(webhook);
    deliveries.forget(webhook);
    return Map.of();
  }

  private Webhook found(Caller.Member caller, String id) {
    return webhooks.visible(caller, id).orElseThrow(WebhookController::noSuchWebhook);
  }

  static ApiProblem noSuchWebhook() {
    return ApiProblem.notFound("The webhook");
  }

  private static ApiProblem nameTaken() {
    return ApiProblem.conflict(
        "name_taken", "A webhook with that name exists in the organization. Choose another name.");
  }
}
