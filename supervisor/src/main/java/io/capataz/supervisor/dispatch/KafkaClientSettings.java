package io.capataz.supervisor.dispatch;

import io.capataz.common.broker.BrokerProperties;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Further settings of the clients of Kafka: {@code capataz.kafka-client.*}.
 *
 * @param propertiesFile a properties file with settings of Kafka's clients under their own names,
 *     for what has no setting here: key stores, other mechanisms, {@code client.id}, times
 * @param agentAddresses bootstrap servers for agents, if they reach the brokers through other
 *     listeners; not set: those of the supervisor. Set without {@code
 *     capataz.kafka-security.agent-user}: agents log in with what their own {@code
 *     --kafka-properties} says
 */
@ConfigurationProperties("capataz.kafka-client")
record KafkaClientSettings(@Nullable Path propertiesFile, @Nullable String agentAddresses) {

  /** Nothing further. */
  static final KafkaClientSettings NONE = new KafkaClientSettings(null, null);

  /**
   * What is in the file.
   *
   * @param known all names that Kafka's clients have
   */
  BrokerProperties properties(Set<String> known) {
    return propertiesFile == null
        ? BrokerProperties.NONE
        : BrokerProperties.read(propertiesFile, "capataz.kafka-client.properties-file", known);
  }
}
