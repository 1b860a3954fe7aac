package io.capataz.supervisor.webhook;

import io.capataz.common.protocol.Bytes;
import io.capataz.supervisor.job.Cause;
import io.capataz.supervisor.job.Origin;
import io.capataz.supervisor.runtime.Round;
import io.capataz.supervisor.trigger.Emission;
import io.capataz.supervisor.trigger.Triggers;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.webhook.Delivery.Course;
import io.capataz.supervisor.webhook.Delivery.Sender;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Takes deliveries. A delivery is stored before anything is started, so that it is not lost; and
 * what it starts has ids that follow from its own, so that nothing is started twice.
 */
@Component
class WebhookCalls {

  private static final Logger log = LoggerFactory.getLogger(WebhookCalls.class);

  /** Until when whoever took a delivery has started what it starts; after that a sweep does. */
  private static final Duration FAST_WAY = Duration.ofSeconds(5);

  /** How long it waits for room. */
  private static final Duration PAUSE = Duration.ofSeconds(30);

  /** After how many deliveries old ones are removed; a sweep does so too. */
  private static final int TRIMMED_EACH = 100;

  private static final int AT_ONCE = 100;
  private static final int PAGE = 500;
  private static final int TIME = 8;
  private static final int REST = 16;

  private final Webhooks webhooks;
  private final WebhookDeliveries deliveries;
  private final Triggers triggers;
  private final InstantSource clock;

  WebhookCalls(
      Webhooks webhooks, WebhookDeliveries deliveries, Triggers triggers, InstantSource clock) {
    this.webhooks = webhooks;
    this.deliveries = deliveries;
    this.triggers = triggers;
    this.clock = clock;
  }

  /**
   * What came in.
   *
   * @param given the sender's id of the delivery; null: none
   */
  record Call(
      @Nullable String given,
      Sender sender,
      @Nullable String contentType,
      int size,
      List<String> data) {}

  /**
   * Takes a delivery.
   *
   * @return whether it is new
   * @throws ApiProblem 409 if the webhook is disabled
   */
  boolean take(Webhook webhook, Call call) {
    checkEnabled(webhook);
    var id = id(webhook, call.given());
    var delivery = delivery(webhook, id, call, null);
    var there = deliveries.add(delivery);
    if (there.isEmpty()) {
      webhooks.count(webhook);
      if (webhook.count() % TRIMMED_EACH == 0) {
        deliveries.forgetOld(webhook.id());
      }
    }
    var stored = there.orElse(delivery);
    if (!stored.isDone()) {
      var _ = start(stored);
    }
    return there.isEmpty();
  }

  /**
   * Starts once more what a delivery has started.
   *
   * @throws ApiProblem 409 if the webhook is disabled
   */
  Delivery replay(Webhook webhook, Delivery delivery, Sender sender) {
    checkEnabled(webhook);
    var call =
        new Call(null, sender, delivery.contentType(), delivery.size(), deliveries.data(delivery));
    var again = delivery(webhook, ObjectId.get().toHexString(), call, delivery.id());
    var _ = deliveries.add(again);
    return start(again);
  }

  private static void checkEnabled(Webhook webhook) {
    if (!webhook.enabled()) {
      throw ApiProblem.conflict(
          "webhook_disabled",
          "The webhook is disabled. An administrator can enable it (enable: true).");
    }
  }

  private Delivery delivery(Webhook webhook, String id, Call call, @Nullable String replayOf) {
    var now = clock.instant();
    return new Delivery(
        id,
        webhook.organization(),
        webhook.id(),
        now,
        call.given(),
        call.sender(),
        call.contentType(),
        call.size(),
        deliveries.sealed(webhook.organization(), id, call.data()),
        replayOf,
        new Course(now.plus(FAST_WAY), List.of()));
  }

  /** The same id of a sender is the same delivery. */
  private static String id(Webhook webhook, @Nullable String given) {
    if (given == null) {
      return ObjectId.get().toHexString();
    }
    var digest = Bytes.utf8("delivery\n" + webhook.id() + "\n" + given).sha256();
    return webhook.id().substring(0, TIME) + digest.substring(digest.length() - REST);
  }

  /** Without room for all of it, a sweep goes on. */
  private Delivery start(Delivery delivery) {
    try {
      return deliveries.done(delivery, triggers.start(emission(delivery)));
    } catch (ApiProblem full) {
      log.atWarn()
          .addKeyValue("delivery", delivery.id())
          .addKeyValue("reason", full.code())
          .log("a delivery has to wait");
      deliveries.later(delivery, PAUSE);
      return delivery;
    }
  }

  private Emission emission(Delivery delivery) {
    var sender = delivery.sender();
    return new Emission(
        delivery.organization(),
        delivery.id(),
        delivery.webhook(),
        Webhook.TRIGGER,
        deliveries.data(delivery),
        new Cause(
            new Origin(WebhookOrigin.WORD, delivery.webhook(), null, 1),
            sender.by(),
            sender.user(),
            null),
        delivery.at());
  }

  /** Goes on with deliveries that a supervisor left behind. */
  @Scheduled(fixedDelayString = "PT2S")
  void sweep() {
    var round = Round.ofSweep();
    for (var delivery : deliveries.due(AT_ONCE)) {
      try {
        var _ = start(delivery);
      } catch (RuntimeException failure) {
        deliveries.later(delivery, PAUSE);
        log.atWarn()
            .setCause(failure)
            .addKeyValue("delivery", delivery.id())
            .log("delivery left to a later sweep");
      }
      if (round.isOver()) {
        return;
      }
    }
  }

  /** Removes old deliveries. */
  @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT5M")
  void forget() {
    deliveries.forgetOld();
    List<Webhook> page;
    var last = "";
    do {
      page = webhooks.after(last, PAGE);
      page.forEach(webhook -> deliveries.forgetOld(webhook.id()));
      last = page.isEmpty() ? last : page.getLast().id();
    } while (page.size() == PAGE);
  }
}
