package io.capataz.embedded.planted;

import kafka.server.KafkaRaftServer;

/** A violation: the broker's library outside the broker's package. */
interface KnowsTheBroker {
  KafkaRaftServer server();
}
