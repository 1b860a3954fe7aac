package io.capataz.supervisor.runtime;

import static java.util.Objects.requireNonNull;

import com.mongodb.CreateIndexCommitQuorum;
import com.mongodb.MongoServerException;
import com.mongodb.client.model.CreateIndexOptions;
import com.mongodb.client.model.IndexModel;
import com.mongodb.client.model.IndexOptions;
import io.capataz.common.command.StartFailure;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.data.mongodb.core.convert.QueryMapper;
import org.springframework.data.mongodb.core.index.Index;
import org.springframework.stereotype.Component;

/**
 * Creates missing indexes before the first request is accepted. MongoDB builds them while others
 * read and write.
 */
@Component
class MongoIndexes implements SmartInitializingSingleton {

  private static final Logger log = LoggerFactory.getLogger(MongoIndexes.class);

  private static final int DUPLICATE_KEY = 11_000;

  /** IndexOptionsConflict and IndexKeySpecsConflict. */
  private static final Set<Integer> CONFLICTS = Set.of(85, 86);

  /** The version of the wire protocol of MongoDB 4.4. */
  private static final int OF_COMMIT_QUORUM = 9;

  private final MongoOperations mongo;
  private final List<Indexed> collections;

  MongoIndexes(MongoOperations mongo, List<Indexed> collections) {
    this.mongo = mongo;
    this.collections = List.copyOf(collections);
  }

  @Override
  public void afterSingletonsInstantiated() {
    var options = new CreateIndexOptions();
    var hello = mongo.executeCommand("{ hello: 1 }");
    if (hello.containsKey("setName") && hello.getInteger("maxWireVersion", 0) >= OF_COMMIT_QUORUM) {
      // By default a build waits for all members that vote, and so for one that is away.
      options.commitQuorum(CreateIndexCommitQuorum.MAJORITY);
    }
    for (var collection : collections) {
      var type = collection.indexedType();
      var name = mongo.getCollectionName(type);
      collection.indexes().forEach(index -> build(name, index, () -> create(type, index, options)));
    }
  }

  private List<String> create(Class<?> type, Index index, CreateIndexOptions options) {
    var converter = mongo.getConverter();
    var stored =
        new QueryMapper(converter)
            .getMappedSort(
                index.getIndexKeys(), converter.getMappingContext().getPersistentEntity(type));
    var model = new IndexModel(stored, options(index));
    return requireNonNull(mongo.execute(type, its -> its.createIndexes(List.of(model), options)));
  }

  /** No index here has any other option. */
  private static IndexOptions options(Index index) {
    var wanted = index.getIndexOptions();
    var options = new IndexOptions();
    options.unique(wanted.getBoolean("unique", false));
    options.sparse(wanted.getBoolean("sparse", false));
    if (wanted.getString("name") != null) {
      options.name(wanted.getString("name"));
    }
    return options;
  }

  /**
   * An index of many documents takes longer than a call may. The store goes on building it, and the
   * same call again waits for that.
   */
  private static void build(String collection, Index index, Supplier<List<String>> create) {
    while (true) {
      try {
        MongoRetry.idempotent(create);
        return;
      } catch (DataAccessResourceFailureException failure) {
        if (!Outages.isSlow(failure.getRootCause())) {
          throw failure;
        }
        log.atInfo()
            .addKeyValue("collection", collection)
            .log("index is still being built; waiting");
      } catch (DataAccessException refused) {
        throw told(collection, index, refused);
      }
    }
  }

  private static RuntimeException told(
      String collection, Index index, DataAccessException refused) {
    var fields = index.getIndexKeys().toJson();
    return switch (refused.getRootCause()) {
      case MongoServerException e when e.getCode() == DUPLICATE_KEY ->
          new StartFailure(
              "The unique index %s of collection '%s' cannot be built, because documents have the same values: %s. Remove or change all but one of them, and start again."
                  .formatted(fields, collection, e.getMessage()));
      case MongoServerException e when CONFLICTS.contains(e.getCode()) ->
          new StartFailure(
              "Collection '%s' has an index %s that was made with other options: %s. Drop it, and start again; it is built anew."
                  .formatted(collection, fields, e.getMessage()));
      case null, default -> refused;
    };
  }
}
