package io.capataz.supervisor.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.Allow;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.access.RateLimits;
import io.capataz.supervisor.access.Role;
import io.capataz.supervisor.access.Scope;
import io.capataz.supervisor.job.Job.User;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.trigger.Triggered;
import io.capataz.supervisor.web.Accepts;
import io.capataz.supervisor.web.AnyBody;
import io.capataz.supervisor.web.ApiInput;
import io.capataz.supervisor.web.ApiProblem;
import io.capataz.supervisor.webhook.Delivery.Sender;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** WebhookDeliveries to webhooks, over HTTP. */
@RestController
class WebhookDeliveryController {

  /** An argument may have 100,000 characters; more could not be given to a script. */
  private static final int MOST_BYTES = 256 * 1024;

  private static final int LONGEST_ID = 255;
  private static final int LONGEST_TYPE = 200;
  private static final int PAGE = 100;

  /** In which headers senders name a delivery; the first that is there counts. */
  private static final List<String> ID_HEADERS =
      List.of("webhook-id", "X-GitHub-Delivery", "X-Gitlab-Event-UUID", "Idempotency-Key");

  private static final Listing.Offer<Delivery> LIST =
      new Listing.Offer<>(
          Map.of("at", new Listing.Order<>(Delivery::at)),
          "-at",
          Set.of(),
          PAGE,
          WebhookDeliveries.KEPT);

  private final Webhooks webhooks;
  private final WebhookDeliveries deliveries;
  private final WebhookCalls calls;
  private final RateLimits limits;
  private final InstantSource clock;

  WebhookDeliveryController(
      Webhooks webhooks,
      WebhookDeliveries deliveries,
      WebhookCalls calls,
      RateLimits limits,
      InstantSource clock) {
    this.webhooks = webhooks;
    this.deliveries = deliveries;
    this.calls = calls;
    this.limits = limits;
    this.clock = clock;
  }

  /** The words of seed 004's system. */
  record Taken(String message) {
    static final Taken SUCCESS = new Taken("success");
  }

  /**
   * A delivery in a response.
   *
   * @param deliveryId the sender's id
   * @param by who sent it
   * @param size of its body, in bytes
   * @param pending whether something is still to be started
   * @param started what it has started, or why not
   * @param replayOf the delivery that it repeats
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record DeliveryView(
      String id,
      Instant at,
      @Nullable String deliveryId,
      String by,
      @Nullable String contentType,
      int size,
      boolean pending,
      List<StartedView> started,
      @Nullable String replayOf) {
    static DeliveryView of(Delivery delivery) {
      return new DeliveryView(
          delivery.id(),
          delivery.at(),
          delivery.given(),
          delivery.sender().by(),
          delivery.contentType(),
          delivery.size(),
          !delivery.isDone(),
          delivery.course().started().stream().map(StartedView::of).toList(),
          delivery.replayOf());
    }
  }

  /**
   * What a delivery has started.
   *
   * @param taskId the task; missing: it is a workflow
   * @param jobId of the job, or of the run of the workflow; missing: it was not started
   * @param refused why it was not started
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record StartedView(
      @Nullable String taskId,
      @Nullable String workflowId,
      @Nullable String jobId,
      @Nullable String refused) {
    static StartedView of(Triggered triggered) {
      var isTask = triggered.kind().equals("task");
      return new StartedView(
          isTask ? triggered.target() : null,
          isTask ? null : triggered.target(),
          triggered.refused() == null ? triggered.id() : null,
          triggered.refused());
    }
  }

  /**
   * {@code POST /{customer}/webhook/{id}/trigger} (seed 004's system): a delivery with the token of
   * somebody who may see the webhook, by id or name. The body, JSON, a form or a text of at most
   * 256 KiB, becomes the arguments of what it starts. The same {@code Idempotency-Key} starts
   * nothing twice. 409 if it is disabled.
   */
  @PostMapping("/{customer}/webhook/{id}/trigger")
  @AnyBody(most = MOST_BYTES)
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(role = Role.USER, scope = Scope.TASK_RUN)
  ResponseEntity<Taken> trigger(
      @PathVariable String id, ApiInput input, Caller.Member caller, HttpServletRequest request) {
    var webhook = found(caller, id);
    var body = withoutToken(input.body());
    return taken(webhook, new Sender(caller.name(), User.of(caller)), body, request);
  }

  /**
   * {@code POST /{customer}/webhook/{id}/trigger/secret/{key}} (seed 004's system): a delivery with
   * the secret key. As with a token.
   */
  @PostMapping("/{customer}/webhook/{id}/trigger/secret/{key}")
  @AnyBody(most = MOST_BYTES)
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<Taken> trigger(
      @PathVariable String customer,
      @PathVariable String id,
      @PathVariable String key,
      ApiInput input,
      HttpServletRequest request) {
    var webhook =
        webhooks
            .opened(customer, id, Secret.shown(key))
            .orElseThrow(() -> ApiProblem.notFound("A webhook with that id or name and that key"));
    return taken(webhook, sender(webhook), input.body(), request);
  }

  /**
   * {@code POST /{customer}/webhook/{id}/trigger/signed}: a delivery that its sender has signed, as
   * the {@code verification} of the webhook says; it is named by its id. 400 if the signature does
   * not fit or is older than five minutes, 409 if the webhook has no {@code verification}. A
   * delivery with an id that came before starts nothing: {@code webhook-id}, {@code
   * X-GitHub-Delivery}, {@code X-Gitlab-Event-UUID}, the {@code id} of an event of Stripe, or
   * {@code Idempotency-Key}.
   */
  @PostMapping("/{customer}/webhook/{id}/trigger/signed")
  @AnyBody(most = MOST_BYTES)
  @Accepts(body = Accepts.Body.DOCUMENT)
  @Allow(Allow.Who.ANYONE)
  ResponseEntity<Taken> signed(
      @PathVariable String customer,
      @PathVariable String id,
      ApiInput input,
      HttpServletRequest request,
      HttpServletResponse response) {
    var webhook = webhooks.find(customer, id).orElseThrow(WebhookController::noSuchWebhook);
    Signatures.check(
        webhook.verification(),
        webhooks.signingSecret(webhook).map(Secret::reveal).orElse(""),
        request::getHeader,
        ApiInput.bytesOf(request),
        clock.instant());
    limits.take(RateLimits.Limit.KEY, "webhook:" + webhook.id(), response);
    return taken(webhook, sender(webhook), input.body(), request);
  }

  /**
   * {@code GET /{customer}/webhook/{id}/delivery}: lists the deliveries of a webhook, newest first,
   * with what they have started: the newest 1,000, for 30 days. See {@link Listing}.
   */
  @GetMapping("/{customer}/webhook/{id}/delivery")
  @Accepts(checksQuery = true)
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_READ)
  ResponseEntity<List<DeliveryView>> list(
      @PathVariable String id, ApiInput input, Caller.Member caller) {
    var webhook = found(caller, id);
    var asked = LIST.read(input);
    return asked.answer(deliveries.list(webhook, asked), DeliveryView::of);
  }

  /**
   * {@code POST …/delivery/{deliveryId}/replay}: starts once more what names the webhook's event,
   * with the arguments of an earlier delivery. Answers with the new delivery.
   */
  @PostMapping("/{customer}/webhook/{id}/delivery/{deliveryId}/replay")
  @Allow(role = Role.ADMIN, scope = Scope.WEBHOOK_WRITE)
  DeliveryView replay(
      @PathVariable String id, @PathVariable String deliveryId, Caller.Member caller) {
    var webhook = found(caller, id);
    var delivery =
        deliveries.find(webhook, deliveryId).orElseThrow(() -> ApiProblem.notFound("The delivery"));
    return DeliveryView.of(
        calls.replay(webhook, delivery, new Sender(caller.name(), User.of(caller))));
  }

  private ResponseEntity<Taken> taken(
      Webhook webhook, Sender sender, @Nullable JsonNode body, HttpServletRequest request) {
    var type = request.getContentType();
    var isNew =
        calls.take(
            webhook,
            new WebhookCalls.Call(
                given(webhook, body, request),
                sender,
                type == null ? null : type.substring(0, Math.min(LONGEST_TYPE, type.length())),
                ApiInput.bytesOf(request).length(),
                DeliveryArguments.of(body)));
    var answer = ResponseEntity.ok();
    if (!isNew) {
      answer.header("Idempotency-Replayed", "true");
    }
    return answer.body(Taken.SUCCESS);
  }

  /** The id that the sender gives a delivery. */
  private static @Nullable String given(
      Webhook webhook, @Nullable JsonNode body, HttpServletRequest request) {
    var ofStripe =
        webhook.verification() == Verification.STRIPE && body != null
            ? Optional.of(body.path("id").asString(""))
            : Optional.<String>empty();
    return Stream.concat(
            ofStripe.stream(),
            ID_HEADERS.stream()
                .flatMap(name -> Optional.ofNullable(request.getHeader(name)).stream()))
        .filter(id -> !id.isBlank() && id.length() <= LONGEST_ID)
        .findFirst()
        .orElse(null);
  }

  private static Sender sender(Webhook webhook) {
    return new Sender("webhook:" + webhook.id(), null);
  }

  /** The token of seed 004 may be in the body, and is no argument. */
  private static @Nullable JsonNode withoutToken(@Nullable JsonNode body) {
    if (!(body instanceof ObjectNode object) || !object.has("access_token")) {
      return body;
    }
    var rest = object.deepCopy();
    rest.remove(List.of("access_token", "customer"));
    return rest.isEmpty() ? null : rest;
  }

  private Webhook found(Caller.Member caller, String id) {
    return webhooks.visible(caller, id).orElseThrow(WebhookController::noSuchWebhook);
  }
}
