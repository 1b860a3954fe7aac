package io.capataz.supervisor.webhook;

import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.trigger.Emitter;
import io.capataz.supervisor.trigger.Emitters;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Webhooks emit the deliveries that come to them. */
@Component
class WebhookEmitters implements Emitters {

  private final Webhooks webhooks;

  WebhookEmitters(Webhooks webhooks) {
    this.webhooks = webhooks;
  }

  @Override
  public List<Emitter> visible(Caller.Member member, @Nullable String after, int limit) {
    return webhooks.visible(member, after, limit).stream().map(WebhookEmitters::of).toList();
  }

  @Override
  public Optional<Emitter> visible(Caller.Member member, String id) {
    return webhooks
        .find(member.organization(), id)
        .filter(webhook -> webhook.acl().admits(member))
        .map(WebhookEmitters::of);
  }

  private static Emitter of(Webhook webhook) {
    return new Emitter(
        webhook.id(),
        webhook.name(),
        "Webhook",
        null,
        null,
        "WebhookEvent",
        List.of(Webhook.TRIGGER));
  }
}
