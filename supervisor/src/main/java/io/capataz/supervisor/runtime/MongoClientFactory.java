package io.capataz.supervisor.runtime;

import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;

/**
 * Makes the client of the store. A bean of this type takes the place of a connection over the
 * network; {@code standalone} has one, because its store is in the same process.
 */
@FunctionalInterface
public interface MongoClientFactory {

  MongoClient create(MongoClientSettings settings);
}
