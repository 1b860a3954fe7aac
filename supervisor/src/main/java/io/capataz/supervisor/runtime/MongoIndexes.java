package io.capataz.supervisor.runtime;

import java.util.List;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.data.mongodb.core.MongoOperations;
import org.springframework.stereotype.Component;

/** Creates missing indexes before the first request is accepted. */
@Component
class MongoIndexes implements SmartInitializingSingleton {

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
          .forEach(index -> MongoRetry.idempotent(() -> operations.createIndex(index)));
    }
  }
}
