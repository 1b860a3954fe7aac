package io.capataz.supervisor.dispatch;

/** All settings that concern Kafka, but for its addresses. */
record KafkaSettings(
    KafkaSecuritySettings security, KafkaClientSettings client, KafkaTopicSettings topics) {

  /** Those of a Kafka without TLS and authentication. */
  static final KafkaSettings PLAIN =
      new KafkaSettings(
          KafkaSecuritySettings.NONE, KafkaClientSettings.NONE, KafkaTopicSettings.USUAL);
}
