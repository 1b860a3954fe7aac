package io.capataz.supervisor.webhook;

import io.capataz.supervisor.webhook.Delivery.Course;
import io.capataz.supervisor.webhook.Delivery.Sender;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.bson.types.ObjectId;

/** WebhookDeliveries as a test needs them. */
final class Deliverable {

  private Deliverable() {}

  /** A delivery that was stored just now, and is due. */
  static Delivery of(Webhook webhook, WebhookDeliveries deliveries, String data) {
    var id = ObjectId.get().toHexString();
    var now = Instant.now(Clock.systemUTC());
    return new Delivery(
        id,
        webhook.organization(),
        webhook.id(),
        now,
        null,
        new Sender("test", null),
        null,
        data.length(),
        deliveries.sealed(webhook.organization(), id, List.of(data)),
        null,
        new Course(now, List.of()));
  }
}
