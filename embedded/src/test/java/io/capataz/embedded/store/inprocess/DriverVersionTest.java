package io.capataz.embedded.store.inprocess;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.internal.build.MongoDriverVersion;
import org.junit.jupiter.api.Test;

/** Fails on an upgrade of the driver, because one package uses its internal classes. */
class DriverVersionTest {

  @Test
  void the_client_of_this_process_was_compared_with_this_version_of_the_driver() {
    assertThat(MongoDriverVersion.VERSION)
        .as(
            """
            The MongoDB driver has another version than the one that io.capataz.embedded.store.inprocess was \
            compared with. That package stands in for the driver's connection. Compare these classes of \
            mongodb-driver-core in both versions: com.mongodb.internal.connection.Connection, Server, Cluster, \
            CommandMessage, BsonWriterHelper, SplittablePayload, InternalStreamConnection and ProtocolHelper; \
            and com.mongodb.client.internal.MongoClientImpl of mongodb-driver-sync. Follow what changed, run \
            the tests of module embedded, and set InProcessClient.DRIVER to the new version.\
            """)
        .isEqualTo(InProcessClient.DRIVER);
  }
}
