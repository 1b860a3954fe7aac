package io.capataz.supervisor.runtime;

import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.stereotype.Component;

/** Creates missing indexes before the first request is accepted. */
@Component
class MongoIndexes implements SmartInitializingSingleton {

  private static final Logger log = LoggerFactory.getLogger(MongoIndexes.class);

  private final MongoOperations mongo;
  private final List<Indexed> collections;

  MongoIndexes(MongoOperations mongo, List<Indexed> collections) {
    this.mongo = mongo;
    this.collections = List.copyOf(collections);
  }

  @Override
  public void afterSingletonsInstantiated() {
    for (var collection : collections) {
      var operations = mongo.indexOps(collection.indexedType());
      collection
          .indexes()
          .forEach(index -> build(collection.indexedType(), () -> operations.createIndex(index)));
    }
  }

  /**
   * An index of many documents takes longer than a call may. The store goes on building it, and the
   * same call again waits for that.
   */
  private void build(Class<?> type, Supplier<String> index) {
    while (true) {
      try {
        MongoRetry.idempotent(index);
        return;
      } catch (DataAccessResourceFailureException failure) {
        if (!Outages.isSlow(failure.getRootCause())) {
          throw failure;
        }
        log.atInfo()
            .addKeyValue("collection", mongo.getCollectionName(type))
            .log("index is still being built; waiting");
      }
    }
  }
}
