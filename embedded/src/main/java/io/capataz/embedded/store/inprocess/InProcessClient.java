package io.capataz.embedded.store.inprocess;

import com.mongodb.MongoClientSettings;
import com.mongodb.MongoDriverInformation;
import com.mongodb.client.MongoClient;
import com.mongodb.client.internal.MongoClientImpl;

/** Makes clients of a store in this process. */
public final class InProcessClient {

  /** The version of the driver whose internal classes this package was written for. */
  static final String DRIVER = "5.11.1";

  private InProcessClient() {}

  /**
   * A client that hands its commands to {@code store}. Of the settings, those about addresses,
   * sockets, encryption and users mean nothing here; the size and the longest wait of the pool say
   * how many commands may run at once.
   */
  public static MongoClient of(Commands store, MongoClientSettings settings) {
    MongoDriverInformation driver = MongoDriverInformation.builder().driverName("sync").build();
    return new MongoClientImpl(
        new InProcessCluster(store, settings, driver), settings, driver, null);
  }
}
