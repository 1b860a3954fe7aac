package io.capataz.supervisor.webhook;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.common.protocol.MessageJson;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Expiry;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.trigger.Triggered;
import io.capataz.supervisor.vault.Vault;
import io.capataz.supervisor.webhook.Delivery.Course;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.core.TypedPropertyPath;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;
import tools.jackson.core.type.TypeReference;

/** WebhookDeliveries to webhooks, the newest of each. */
@Repository
class WebhookDeliveries implements Indexed {

  /** How many are kept of each webhook. */
  static final int KEPT = 1_000;

  /** And for how long. */
  static final Duration KEPT_FOR = Duration.ofDays(30);

  private static final TypedPropertyPath<Delivery, Instant> DUE =
      TypedPropertyPath.of(Delivery::course).then(Course::due);
  private static final TypedPropertyPath<Delivery, List<Triggered>> STARTED =
      TypedPropertyPath.of(Delivery::course).then(Course::started);

  private final MongoOperations mongo;
  private final Vault vault;
  private final InstantSource clock;

  WebhookDeliveries(MongoOperations mongo, Vault vault, InstantSource clock) {
    this.mongo = mongo;
    this.vault = vault;
    this.clock = clock;
  }

  @Override
  public Class<?> indexedType() {
    return Delivery.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Delivery::webhook, Sort.Direction.ASC)
            .on(Delivery::at, Sort.Direction.ASC)
            .on(Delivery::id, Sort.Direction.ASC),
        new Index().on(Delivery::at, Sort.Direction.ASC),
        new Index().on(DUE, Sort.Direction.ASC).sparse());
  }

  /**
   * Stores a delivery.
   *
   * @return the one that is there already; empty: it is new
   */
  Optional<Delivery> add(Delivery delivery) {
    try {
      mongo.insert(delivery);
      return Optional.empty();
    } catch (DuplicateKeyException there) {
      return Optional.of(find(delivery.id()).orElseThrow(() -> there));
    }
  }

  private Optional<Delivery> find(String id) {
    return idempotent(() -> Optional.ofNullable(mongo.findById(id, Delivery.class)));
  }

  /** The webhook's delivery with that id. */
  Optional<Delivery> find(Webhook webhook, String id) {
    return find(id).filter(delivery -> delivery.webhook().equals(webhook.id()));
  }

  Listing.Page<Delivery> list(Webhook webhook, Listing<Delivery> asked) {
    var which = Criteria.where(Delivery::webhook).is(webhook.id());
    return Pages.find(mongo, Delivery.class, which, asked, Delivery::id);
  }

  /** All that it starts is started. */
  Delivery done(Delivery delivery, List<Triggered> started) {
    var done = new Update().set(STARTED, started).unset(DUE);
    return idempotent(
        () ->
            Optional.ofNullable(
                    mongo.findAndModify(
                        Query.query(Criteria.where(Delivery::id).is(delivery.id())),
                        done,
                        FindAndModifyOptions.options().returnNew(true),
                        Delivery.class))
                .orElse(delivery));
  }

  /** It could not start all of it now. */
  void later(Delivery delivery, Duration pause) {
    var open = Criteria.where(Delivery::id).is(delivery.id()).and(DUE).exists(true);
    var _ =
        idempotent(
            () ->
                mongo.updateFirst(
                    Query.query(open),
                    new Update().set(DUE, clock.instant().plus(pause)),
                    Delivery.class));
  }

  /** WebhookDeliveries that somebody left behind. */
  List<Delivery> due(int limit) {
    return mongo.find(
        Query.query(Criteria.where(DUE).lte(clock.instant())).with(Sort.by(DUE)).limit(limit),
        Delivery.class);
  }

  /** Removes those that are old. */
  void forgetOld() {
    Expiry.remove(
        mongo,
        Criteria.where(Delivery::at).lt(clock.instant().minus(KEPT_FOR)),
        Delivery.class,
        Delivery::id);
  }

  /** Removes all of a webhook but the newest. */
  void forgetOld(String webhook) {
    var its = Criteria.where(Delivery::webhook).is(webhook);
    mongo
        .find(
            Query.query(its).with(Sort.by(Sort.Direction.DESC, "at", "_id")).skip(KEPT).limit(1),
            Delivery.class)
        .stream()
        .findFirst()
        .ifPresent(
            last ->
                Expiry.remove(
                    mongo,
                    Criteria.where(Delivery::webhook).is(webhook).and(Delivery::at).lte(last.at()),
                    Delivery.class,
                    Delivery::id));
  }

  /** Removes those of a webhook that was removed. */
  void forget(Webhook webhook) {
    Expiry.remove(
        mongo, Criteria.where(Delivery::webhook).is(webhook.id()), Delivery.class, Delivery::id);
  }

  /** Arguments as they are stored. */
  String sealed(String organization, String id, List<String> data) {
    return vault.sealText(place(organization, id), MessageJson.mapper().writeValueAsString(data));
  }

  /** The arguments that the body of a delivery became. */
  List<String> data(Delivery delivery) {
    var text = vault.openText(place(delivery.organization(), delivery.id()), delivery.data());
    return MessageJson.mapper().readValue(text, new TypeReference<List<String>>() {});
  }

  private static String place(String organization, String id) {
    return Vault.context(organization, "webhook_delivery", id, "data");
  }
}
