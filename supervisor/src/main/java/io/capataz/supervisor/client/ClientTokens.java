package io.capataz.supervisor.client;

import static io.capataz.supervisor.runtime.MongoRetry.idempotent;

import io.capataz.supervisor.access.AccessKey;
import io.capataz.supervisor.listing.Listing;
import io.capataz.supervisor.listing.Pages;
import io.capataz.supervisor.runtime.Indexed;
import io.capataz.supervisor.runtime.ReadCache;
import java.util.List;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.stereotype.Repository;

/** All client tokens. */
@Repository
class ClientTokens implements Indexed {

  private final MongoOperations mongo;
  private final ReadCache<String, ClientToken> recent = ReadCache.of(10_000);

  ClientTokens(MongoOperations mongo) {
    this.mongo = mongo;
  }

  @Override
  public Class<?> indexedType() {
    return ClientToken.class;
  }

  @Override
  public List<Index> indexes() {
    return List.of(
        new Index().on(ClientToken::key, Sort.Direction.ASC),
        new Index().on(ClientToken::organization, Sort.Direction.ASC));
  }

  /** Adds a token; false if its client has one. */
  boolean add(ClientToken token) {
    try {
      mongo.insert(token);
      return true;
    } catch (DuplicateKeyException has) {
      return idempotent(() -> Optional.ofNullable(mongo.findById(token.id(), ClientToken.class)))
          .filter(token::equals)
          .isPresent();
    }
  }

  /** The token that was presented, as it was at most {@link ReadCache#MAX_AGE} ago. */
  Optional<ClientToken> presented(String text) {
    return AccessKey.parse(text)
        .filter(key -> key.kind() == AccessKey.Kind.CT)
        .flatMap(
            key ->
                recent.get(key.id(), () -> withKey(key.id())).filter(it -> key.matches(it.hash())));
  }

  private Optional<ClientToken> withKey(String key) {
    return idempotent(
        () ->
            Optional.ofNullable(
                mongo.findOne(
                    Query.query(Criteria.where(ClientToken::key).is(key)), ClientToken.class)));
  }

  /** Revokes a token, by its public part; false if there is none in the organization. */
  boolean remove(String organization, String key) {
    var removed =
        idempotent(
            () ->
                mongo.remove(
                    Query.query(
                        Criteria.where(ClientToken::key)
                            .is(key)
                            .and(ClientToken::organization)
                            .is(organization)),
                    ClientToken.class));
    recent.drop();
    return removed.getDeletedCount() > 0;
  }

  Listing.Page<ClientToken> list(String organization, Listing<ClientToken> asked) {
    var which = Criteria.where(ClientToken::organization).is(organization);
    var clients = asked.filterAll("client");
    if (!clients.isEmpty()) {
      which.and(ClientToken::client).in(clients);
    }
    return Pages.find(mongo, ClientToken.class, which, asked, ClientToken::id);
  }
}
