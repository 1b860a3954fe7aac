package io.capataz.supervisor.webhook;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;
import static io.capataz.supervisor.runtime.MongoRetry.ifPossible;

import io.capataz.common.secret.Secret;
import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.access.Acl;
import io.capataz.supervisor.access.AclUses;
import io.capataz.supervisor.access.Caller;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.secretkey.SecretKeys;
import io.capataz.supervisor.vault.Sealed;
import io.capataz.supervisor.vault.Vault;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.FindAndModifyOptions;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;
import org.springframework.stereotype.Repository;

/** All webhooks. */
@Repository
class Webhooks implements Indexed, AclUses {

  private final MongoOperations mongo;
  private final SecretKeys keys;
  private final Vault vault;

  Webhooks(MongoOperations mongo, SecretKeys keys, Vault vault) {
    this.mongo = mongo;
    this.keys = keys;
    this.vault = vault;
  }

  @Override
  public Class<?> indexedType() {
    return Webhook.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index()
            .on(Webhook::organization, Sort.Direction.ASC)
            .on(Webhook::name, Sort.Direction.ASC)
            .unique());
  }

  /** Stores a new webhook; false if the organization has one with that name. */
  boolean add(Webhook webhook) {
    return idempotent(
        () -> {
          try {
            mongo.insert(webhook);
            return true;
          } catch (DuplicateKeyException there) {
            return find(webhook.organization(), webhook.id()).isPresent();
          }
        });
  }

  /** Changes what people say about a webhook; empty if it is gone. */
  Optional<Webhook> change(Webhook next) throws NameTaken {
    var update =
        new Update()
            .set(Webhook::name, next.name())
            .set(Webhook::acl, next.acl())
            .set(Webhook::enabled, next.enabled())
            .set(Webhook::verification, next.verification())
            .set(Webhook::updated, next.updated())
            .set(Webhook::changedBy, next.changedBy());
    if (next.signingSecret() == null) {
      update.unset(Webhook::signingSecret);
    } else {
      update.set(Webhook::signingSecret, next.signingSecret());
    }
    try {
      return idempotent(
          () ->
              Optional.ofNullable(
                  mongo.findAndModify(
                      owned(next.organization(), next.id()),
                      update,
                      FindAndModifyOptions.options().returnNew(true),
                      Webhook.class)));
    } catch (DuplicateKeyException taken) {
      throw new NameTaken();
    }
  }

  /** Another webhook has the name. */
  static final class NameTaken extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /** Removes a webhook with its keys. */
  void remove(Webhook webhook) {
    var _ =
        idempotent(() -> mongo.remove(owned(webhook.organization(), webhook.id()), Webhook.class));
    keys.forget(webhook.keyTarget());
  }

  /** Counts a delivery. */
  void count(Webhook webhook) {
    ifPossible(
        () ->
            mongo.updateFirst(
                owned(webhook.organization(), webhook.id()),
                new Update().inc(Webhook::count, 1),
                Webhook.class));
  }

  Optional<Webhook> find(String organization, String id) {
    return Optional.ofNullable(mongo.findOne(owned(organization, id), Webhook.class));
  }

  /** The organization's webhook with that id or name. */
  Optional<Webhook> named(String organization, String idOrName) {
    return find(organization, idOrName)
        .or(
            () ->
                Optional.ofNullable(
                    mongo.findOne(
                        Query.query(
                            Criteria.where(Webhook::organization)
                                .is(organization)
                                .and(Webhook::name)
                                .is(idOrName)),
                        Webhook.class)));
  }

  /** The webhook with that id or name, if the member may see it. */
  Optional<Webhook> visible(Caller.Member member, String idOrName) {
    return named(member.organization(), idOrName).filter(it -> it.acl().admits(member));
  }

  /** The webhook for the key. A wrong webhook and a wrong key look the same. */
  Optional<Webhook> opened(String organization, String idOrName, Secret key) {
    var shown = AccessKey.parse(key.reveal());
    return named(organization, idOrName)
        .filter(it -> shown.filter(k -> keys.open(it.keyTarget(), k)).isPresent());
  }

  Listing.Page<Webhook> list(Caller.Member member, Listing<Webhook> asked) {
    var which = Acl.visibleTo(member);
    asked.filters().forEach((name, values) -> which.and(name).in(values));
    return Pages.find(mongo, Webhook.class, which, asked, Webhook::id);
  }

  /** Some of the webhooks that the member may see, by id, after one of them. */
  List<Webhook> visible(Caller.Member member, @Nullable String after, int limit) {
    var which = Acl.visibleTo(member);
    var query =
        Query.query(after == null ? which : which.and(Webhook::id).gt(after))
            .with(Sort.by(Webhook::id))
            .limit(limit);
    return mongo.find(query, Webhook.class);
  }

  /** Some webhooks of all organizations, by id, after one of them. */
  List<Webhook> after(String id, int limit) {
    return mongo.find(
        Query.query(Criteria.where(Webhook::id).gt(id)).with(Sort.by(Webhook::id)).limit(limit),
        Webhook.class);
  }

  /** A signing secret as it is stored. */
  Sealed sealed(String organization, String id, Secret secret) {
    return vault.seal(place(organization, id), secret);
  }

  /** The signing secret of a webhook. */
  Optional<Secret> signingSecret(Webhook webhook) {
    return Optional.ofNullable(webhook.signingSecret())
        .map(secret -> vault.open(place(webhook.organization(), webhook.id()), secret));
  }

  private static String place(String organization, String id) {
    return Vault.context(organization, "webhook", id, "signing_secret");
  }

  private static Query owned(String organization, String id) {
    return Query.query(
        Criteria.where(Webhook::id).is(id).and(Webhook::organization).is(organization));
  }

  @Override
  public boolean isInAcl(String organization, String entry) {
    return mongo.exists(Query.query(Acl.listing(organization, entry)), Webhook.class);
  }
}
